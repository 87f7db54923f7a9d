// People, keys, tenants, and how the platform itself is.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get, piece, post, remove } from '../core/api';
import * as format from '../core/format';
import type { AuditLine, Credential, Issued, Person, Role, Status } from '../core/model';
import { query } from '../core/router';
import { may, who } from '../core/session';
import { useAct, useLoad } from '../ui/load';
import { Busy, Card, Code, Confirm, Empty, Figure, Page, Tabs, Time, Trouble } from '../ui/pieces';
import { DearRules } from '../ui/dear-rules';
import { Limits } from './limits';
import { Tenants } from './tenants';

export function Admin(): JSX.Element {
  const tab = query.value.get('tab') ?? 'health';
  const owner = may('owner');
  const tabs = [
    { id: 'health', title: 'Platform health', shown: true },
    { id: 'people', title: 'People', shown: owner },
    { id: 'keys', title: 'API keys', shown: owner },
    { id: 'audit', title: 'Who did what', shown: owner },
    { id: 'limits', title: 'Limits', shown: owner },
    { id: 'tenants', title: 'Tenants', shown: owner && who.value?.tenant === 'main' },
  ].filter(one => one.shown);
  return (
    <Page title="Admin">
      <Tabs
        label="Parts of the administration"
        current={tab}
        tabs={tabs.map(one => ({ ...one, href: `/admin?tab=${one.id}` }))}
      />
      {tab === 'health' && <PlatformHealth />}
      {tab === 'people' && <People />}
      {tab === 'keys' && <Keys />}
      {tab === 'audit' && <AuditLog />}
      {tab === 'limits' && <Limits />}
      {tab === 'tenants' && <Tenants />}
    </Page>
  );
}

function PlatformHealth(): JSX.Element {
  const status = useLoad(signal => get<Status>('/api/v1/status', signal), [], 2000);
  const now = status.data;
  if (!now) return status.problem ? <Trouble of={status.problem} /> : <Busy what="Asking" />;
  const { log, lake, rules, sinks, disk, rates, sessions } = now;
  return (
    <div class="stack">
      <Trouble of={status.problem} />
      {now.problems.length === 0 ? (
        <p class="notice">
          All is well since {format.time(now.startedAt)}; version {now.version}.
        </p>
      ) : (
        now.problems.map(problem => (
          <p key={problem} class="notice bad" role="alert">
            {problem}
          </p>
        ))
      )}
      <div class="figures">
        {rates && (
          <Figure
            label="Messages a second"
            value={format.brief(rates.messagesPerSecond)}
            note={`${format.brief(rates.readingsPerSecond)} readings`}
          />
        )}
        <Figure
          label="Not yet in SQL"
          value={format.brief(now.lagRecords)}
          note="messages: how far tables are behind"
        />
        <Figure
          label="MQTT connections"
          value={format.brief(sessions.connected)}
          note={`${format.count(sessions.away)} away, ${format.brief(sessions.waiting)} messages wait`}
        />
        {disk && (
          <Figure
            label="Disk free"
            value={format.bytes(disk.freeBytes)}
            note={`of ${format.bytes(disk.totalBytes)}${disk.daysLeft === undefined ? '' : `, full in ${format.brief(disk.daysLeft)} days as the last hour went`}`}
          />
        )}
      </div>
      <div class="columns">
        {log && (
          <Card title="The log: what was acknowledged">
            <dl class="facts">
              <dt>Appended</dt>
              <dd>{format.count(log.appended)} since start</dd>
              <dt>On disk</dt>
              <dd>{format.bytes(log.bytes)}</dd>
              <dt>Waiting for the disk</dt>
              <dd>
                {format.bytes(log.pendingBytes)}
                {log.congested ? ', devices are slowed down' : ''}
              </dd>
              <dt>A flush takes</dt>
              <dd>{(log.flushMicrosMean / 1000).toFixed(1)} ms</dd>
              <dt>Refused</dt>
              <dd>{format.count(log.refused)}</dd>
            </dl>
          </Card>
        )}
        {lake && (
          <Card title="The lake: files and tables">
            <dl class="facts">
              <dt>Rows in files</dt>
              <dd>{format.count(lake.rows)}</dd>
              <dt>Files</dt>
              <dd>
                {format.count(lake.files)}, {format.bytes(lake.bytes)}
              </dd>
              <dt>Rows not in files yet</dt>
              <dd>{format.count(lake.hotRows)}</dd>
              <dt>Could not be decoded</dt>
              <dd>{format.count(lake.rejected)}</dd>
            </dl>
          </Card>
        )}
        {rules && (
          <Card title="Rules of all tenants">
            <dl class="facts">
              <dt>Running</dt>
              <dd>{format.count(rules.running)}</dd>
              <dt>Behind the log</dt>
              <dd>{format.count(rules.lagRecords)} messages</dd>
              <dt>Messages looked at</dt>
              <dd>{format.count(rules.taken)} since start</dd>
              <dt>Rows and alerts said</dt>
              <dd>{format.count(rules.said)}</dd>
              <dt>Failed</dt>
              <dd>
                {format.count(rules.failed)}, {format.count(rules.setAside)} set aside
              </dd>
              <dt>Waiting for sinks</dt>
              <dd>
                {format.bytes(rules.outboxBytes)} of {format.bytes(rules.outboxBytesMax)}
              </dd>
            </dl>
          </Card>
        )}
        <DearRules of={rules?.dearest} />
        {sinks && (
          <Card title="Sinks of all tenants">
            <dl class="facts">
              <dt>Delivered</dt>
              <dd>{format.count(sinks.delivered)} since start</dd>
              <dt>Waiting</dt>
              <dd>{format.bytes(sinks.waitingBytes)}</dd>
              <dt>Lost to limits</dt>
              <dd>{format.count(sinks.lost)}</dd>
            </dl>
          </Card>
        )}
        {now.refused && (
          <Card title="Refused at the doors, by reason">
            <dl class="facts">
              {Object.entries(now.refused).map(([reason, count]) => (
                <>
                  <dt>{reason.replaceAll('_', ' ')}</dt>
                  <dd>{format.count(count)}</dd>
                </>
              ))}
            </dl>
          </Card>
        )}
      </div>
    </div>
  );
}

/** Changes and refusals of this tenant, as the server wrote them down. */
function AuditLog(): JSX.Element {
  const audit = useLoad(signal => get<{ lines: AuditLine[] }>('/api/v1/audit', signal), []);
  const [part, setPart] = useState('');
  const lines = audit.data?.lines.filter(line =>
    [line.action, line.subject, line.target, line.peer].some(each => each.includes(part)),
  );
  return (
    <Card title="Who did what">
      <Trouble of={audit.problem} />
      <div class="row">
        <label class="field">
          Only lines with
          <input type="search" value={part} onInput={event => setPart(event.currentTarget.value)} />
        </label>
        <button type="button" onClick={audit.again}>
          Look again
        </button>
      </div>
      {lines?.length === 0 && <Empty>Nothing of that kind was done.</Empty>}
      {!!lines?.length && (
        <div class="scroll-x" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">When</th>
                <th scope="col">What</th>
                <th scope="col">About</th>
                <th scope="col">Who</th>
                <th scope="col">From</th>
                <th scope="col">Answer</th>
              </tr>
            </thead>
            <tbody>
              {lines.map((line, index) => (
                <tr key={index}>
                  <td>
                    <Time at={line.at} />
                  </td>
                  <td>{line.action}</td>
                  <td class="mono">{line.target}</td>
                  <td class="mono">{line.subject}</td>
                  <td class="mono">{line.peer}</td>
                  <td>{line.status < 400 ? 'done' : `refused, ${line.status}`}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Card>
  );
}

function People(): JSX.Element {
  const people = useLoad(signal => get<{ users: Person[] }>('/api/v1/users', signal), []);
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [doomed, setDoomed] = useState<Person>();
  const { act, busy, problem } = useAct();
  const add = (event: Event): void => {
    event.preventDefault();
    void act(async () => {
      await post('/api/v1/users', { name, password, role });
      setName('');
      setPassword('');
      people.again();
    });
  };
  const drop = (person: Person): void =>
    void act(async () => {
      setDoomed(undefined);
      await remove(`/api/v1/users/${piece(person.id)}`);
      people.again();
    });
  return (
    <div class="columns">
      <Card title="People">
        <Trouble of={people.problem} />
        {people.data?.users.length === 0 && (
          <Empty>
            Nobody has a password yet: you came by a one-time link. Add yourself as the first owner.
          </Empty>
        )}
        {!!people.data?.users.length && (
          <div class="scroll-x" tabIndex={0}>
            <table>
              <thead>
                <tr>
                  <th scope="col">Name</th>
                  <th scope="col">Role</th>
                  <th scope="col">Added</th>
                  <th scope="col">
                    <span class="visually-hidden">Remove</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {people.data.users.map(person => (
                  <tr key={person.id}>
                    <td>{person.name}</td>
                    <td>{person.role}</td>
                    <td>
                      <Time at={person.createdAt} />
                    </td>
                    <td>
                      <button type="button" class="danger" onClick={() => setDoomed(person)}>
                        Remove
                      </button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </Card>
      <Card title="Add a person">
        <form class="stack tight" onSubmit={add}>
          <label class="field">
            Name
            <input
              required
              autocomplete="off"
              value={name}
              onInput={event => setName(event.currentTarget.value)}
            />
          </label>
          <label class="field">
            Password, at least 12 characters
            <input
              required
              type="password"
              minLength={12}
              autocomplete="new-password"
              value={password}
              onInput={event => setPassword(event.currentTarget.value)}
            />
          </label>
          <label class="field">
            Role
            <select value={role} onChange={event => setRole(event.currentTarget.value as Role)}>
              <option value="viewer">viewer: sees everything</option>
              <option value="operator">operator: and manages devices</option>
              <option value="owner">owner: and people, keys and limits</option>
            </select>
          </label>
          <Trouble of={problem} />
          <div class="row">
            <button type="submit" class="first" disabled={busy}>
              Add
            </button>
          </div>
        </form>
      </Card>
      {doomed && (
        <Confirm
          question={`Remove ${doomed.name}?`}
          consequence="The person is signed out everywhere and cannot sign in any more."
          word="Remove"
          onYes={() => drop(doomed)}
          onNo={() => setDoomed(undefined)}
        />
      )}
    </div>
  );
}

function Keys(): JSX.Element {
  const keys = useLoad(signal => get<{ keys: Credential[] }>('/api/v1/keys', signal), []);
  const [title, setTitle] = useState('');
  const [role, setRole] = useState<Role>('viewer');
  const [issued, setIssued] = useState<Issued>();
  const [doomed, setDoomed] = useState<Credential>();
  const { act, busy, problem } = useAct();
  const add = (event: Event): void => {
    event.preventDefault();
    void act(async () => {
      setIssued(await post<Issued>('/api/v1/keys', { title, role }));
      setTitle('');
      keys.again();
    });
  };
  const replace = (key: Credential): void =>
    void act(async () => {
      setIssued(await post<Issued>(`/api/v1/keys/${piece(key.id)}/replace`));
      keys.again();
    });
  const revoke = (key: Credential): void =>
    void act(async () => {
      setDoomed(undefined);
      await remove(`/api/v1/keys/${piece(key.id)}`);
      keys.again();
    });
  return (
    <div class="columns">
      <Card title="API keys">
        <Trouble of={keys.problem} />
        <div class="scroll-x" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Title</th>
                <th scope="col">Role</th>
                <th scope="col">Made</th>
                <th scope="col">Last used</th>
                <th scope="col">State</th>
              </tr>
            </thead>
            <tbody>
              {keys.data?.keys.map(key => (
                <tr key={key.id}>
                  <td>{key.title}</td>
                  <td>{key.role}</td>
                  <td>
                    <Time at={key.issuedAt} />
                  </td>
                  <td>{key.lastUsedAt ? <Time at={key.lastUsedAt} /> : 'never'}</td>
                  <td>
                    {key.revoked ? (
                      <span class="muted">revoked</span>
                    ) : (
                      <span class="row">
                        <button type="button" disabled={busy} onClick={() => replace(key)}>
                          Replace
                        </button>
                        <button type="button" class="danger" onClick={() => setDoomed(key)}>
                          Revoke
                        </button>
                      </span>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </Card>
      <Card title="Make a key for an application">
        <form class="stack tight" onSubmit={add}>
          <label class="field">
            What it is for
            <input required value={title} onInput={event => setTitle(event.currentTarget.value)} />
          </label>
          <label class="field">
            Role
            <select value={role} onChange={event => setRole(event.currentTarget.value as Role)}>
              <option value="viewer">viewer</option>
              <option value="operator">operator</option>
              <option value="owner">owner</option>
            </select>
          </label>
          <Trouble of={problem} />
          <div class="row">
            <button type="submit" class="first" disabled={busy}>
              Make
            </button>
          </div>
        </form>
        {issued && (
          <>
            <p>Shown once: copy it now.</p>
            <Code text={issued.secret} label="Copy key" />
          </>
        )}
      </Card>
      {doomed && (
        <Confirm
          question={`Revoke ${doomed.title}?`}
          consequence="Whatever uses it is refused from now on; this cannot be undone."
          word="Revoke"
          onYes={() => revoke(doomed)}
          onNo={() => setDoomed(undefined)}
        />
      )}
    </div>
  );
}
