// One device: what it says now, what it said, and how it signs in.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get, piece, post, put, remove } from '../core/api';
import * as format from '../core/format';
import type { Credential, Device, Issued, Rows } from '../core/model';
import { go, query } from '../core/router';
import { may } from '../core/session';
import { Export, quoted, sqlAddress } from '../ui/export';
import { Health } from '../ui/health';
import { useAct, useLoad, useNow } from '../ui/load';
import { MessageList } from '../ui/messages';
import { Busy, Card, Code, Confirm, Empty, Page, Tabs, Time, Trouble } from '../ui/pieces';
import { Commands } from './commands';
import { Live } from './live';

const EVENTS_MAX = 200;

const TABS = [
  { id: 'live', title: 'Live' },
  { id: 'messages', title: 'Messages' },
  { id: 'commands', title: 'Commands' },
  { id: 'events', title: 'Events' },
  { id: 'credentials', title: 'Credentials' },
  { id: 'about', title: 'About' },
];

export function DevicePage({ id = '' }: Record<string, string>): JSX.Element {
  const tab = query.value.get('tab') ?? 'live';
  const path = `/api/v1/devices/${piece(id)}`;
  const device = useLoad(signal => get<Device>(path, signal), [id], 5000);
  const now = useNow();
  const known = device.data;
  if (!known) {
    return (
      <Page title={id}>
        {device.problem ? <Trouble of={device.problem} /> : <Busy what="Reading the device" />}
        {device.problem?.status === 404 && (
          <p>
            <a href="/devices">All devices</a> ·{' '}
            <a href={`/connect?id=${piece(id)}`}>Connect one of this name</a>
          </p>
        )}
      </Page>
    );
  }
  const tabs = TABS.filter(one => one.id !== 'credentials' || may('operator')).map(one => ({
    ...one,
    href: `/devices/${piece(id)}${one.id === 'live' ? '' : `?tab=${one.id}`}`,
  }));
  return (
    <Page
      title={id}
      lead={
        <span class="row">
          <Health of={known} />
          <span>
            heard <Time at={known.health.lastAt} now={now} />
          </span>
          {known.type && <span>{known.type}</span>}
          <span>
            {known.connection.connected
              ? `connected by ${known.connection.door ?? 'another device'}`
              : 'not connected'}
          </span>
          {known.parent && <a href={`/devices/${piece(known.parent)}`}>below {known.parent}</a>}
        </span>
      }
    >
      <Trouble of={device.problem} />
      <Tabs tabs={tabs} current={tab} label="Views of the device" />
      {tab === 'live' && <Live device={id} />}
      {tab === 'messages' && <MessageList device={id} />}
      {tab === 'commands' && <Commands of={known} />}
      {tab === 'events' && <Events device={id} />}
      {tab === 'credentials' && <Credentials device={id} />}
      {tab === 'about' && <About device={known} onChange={device.again} />}
    </Page>
  );
}

function Events({ device }: { device: string }): JSX.Element {
  const events = useLoad(
    signal =>
      post<Rows>(
        '/api/v1/sql',
        {
          sql: `SELECT ts, kind, coalesce(door, ''), coalesce(address, ''), coalesce(reason, cause, '') FROM events WHERE device = :device ORDER BY ts DESC LIMIT ${EVENTS_MAX}`,
          parameters: { device },
        },
        signal,
      ),
    [device],
    5000,
  );
  if (!events.data) return events.problem ? <Trouble of={events.problem} /> : <Busy what="Reading events" />;
  if (events.data.rows.length === 0)
    return <Empty>Nothing happened to it yet: it was neither connected nor refused.</Empty>;
  return (
    <div class="scroll-x card stack tight" tabIndex={0}>
      <div class="row">
        <span class="muted small grow">The newest {EVENTS_MAX} at most.</span>
        <Export
          address={sqlAddress(`SELECT * FROM events WHERE device = ${quoted(device)} ORDER BY ts DESC`)}
          name={`${device}.events`}
        />
      </div>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">What</th>
            <th scope="col">Door</th>
            <th scope="col">From</th>
            <th scope="col">Why</th>
          </tr>
        </thead>
        <tbody>
          {events.data.rows.map((row, index) => (
            <tr key={index}>
              <td>
                <Time at={String(row[0])} />
              </td>
              {row.slice(1).map((cell, column) => (
                <td key={column}>{String(cell)}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Credentials({ device }: { device: string }): JSX.Element {
  const path = `/api/v1/devices/${piece(device)}/credentials`;
  const list = useLoad(signal => get<{ credentials: Credential[] }>(path, signal), [device]);
  const [issued, setIssued] = useState<Issued>();
  const [doomed, setDoomed] = useState<Credential>();
  const { act, busy, problem } = useAct();

  const issue = (kind: 'token' | 'jwt'): void =>
    void act(async () => {
      setIssued(await post<Issued>(path, { kind }));
      list.again();
    });
  const replace = (credential: Credential): void =>
    void act(async () => {
      setIssued(await post<Issued>(`${path}/${piece(credential.id)}/replace`));
      list.again();
    });
  const revoke = (credential: Credential): void =>
    void act(async () => {
      setDoomed(undefined);
      await remove(`${path}/${piece(credential.id)}`);
      list.again();
    });
  return (
    <div class="stack">
      <p class="muted">
        To replace a credential, make another like it, bring it to the device, and revoke the old one when the
        new one was used: both are good until then.
      </p>
      <div class="row">
        <button type="button" class="first" disabled={busy} onClick={() => issue('token')}>
          New token
        </button>
        <button type="button" disabled={busy} onClick={() => issue('jwt')}>
          New JWT, 30 days
        </button>
      </div>
      <Trouble of={problem ?? list.problem} />
      {issued && (
        <Card title="Shown once: copy it now">
          <Code text={issued.secret} label="Copy secret" />
          <p class="muted small">It is kept hashed here; nobody can show it again.</p>
        </Card>
      )}
      {!list.data ? (
        <Busy what="Reading credentials" />
      ) : list.data.credentials.length === 0 ? (
        <Empty>It has none: nothing can sign in as this device.</Empty>
      ) : (
        <div class="scroll-x card" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Kind</th>
                <th scope="col">Made</th>
                <th scope="col">Good until</th>
                <th scope="col">Last used</th>
                <th scope="col">State</th>
              </tr>
            </thead>
            <tbody>
              {list.data.credentials.map(one => (
                <tr key={one.id}>
                  <td>{one.kind}</td>
                  <td>
                    <Time at={one.issuedAt} />
                  </td>
                  <td>{one.expiresAt ? <Time at={one.expiresAt} /> : 'for ever'}</td>
                  <td>{one.lastUsedAt ? <Time at={one.lastUsedAt} /> : 'never'}</td>
                  <td>
                    {one.revoked ? (
                      <span class="muted">revoked</span>
                    ) : (
                      <span class="row">
                        <button type="button" disabled={busy} onClick={() => replace(one)}>
                          Replace
                        </button>
                        <button type="button" class="danger" disabled={busy} onClick={() => setDoomed(one)}>
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
      )}
      {doomed && (
        <Confirm
          question="Revoke this credential?"
          consequence={`A device that signs in with it is cut off within seconds. It was made ${format.time(doomed.issuedAt)}; this cannot be undone.`}
          word="Revoke"
          onYes={() => revoke(doomed)}
          onNo={() => setDoomed(undefined)}
        />
      )}
    </div>
  );
}

function About({ device, onChange }: { device: Device; onChange: () => void }): JSX.Element {
  const path = `/api/v1/devices/${piece(device.id)}`;
  const children = useLoad(
    signal => get<{ devices: Device[] }>(`${path}/children?limit=100`, signal),
    [device.id],
  );
  const [type, setType] = useState(device.type);
  const [metadata, setMetadata] = useState(JSON.stringify(device.metadata, null, 2));
  const [doomed, setDoomed] = useState(false);
  const { act, busy, problem } = useAct();
  const mistake = jsonMistake(metadata);

  const save = (event: Event): void => {
    event.preventDefault();
    void act(async () => {
      await put<Device>(path, {
        parent: device.parent,
        type,
        labels: device.labels,
        metadata: JSON.parse(metadata) as unknown,
      });
      onChange();
    });
  };
  const destroy = (): void =>
    void act(async () => {
      await remove(path);
      go('/devices');
    });
  return (
    <div class="columns">
      <Card title="What it is">
        <dl class="facts">
          <dt>Added</dt>
          <dd>
            <Time at={device.createdAt} />
          </dd>
          <dt>Labels</dt>
          <dd>
            {Object.entries(device.labels)
              .map(([name, value]) => `${name}=${value}`)
              .join(', ') || '–'}
          </dd>
          {device.connection.reason && (
            <>
              <dt>Last left</dt>
              <dd>
                <Time at={device.connection.endedAt} />: {device.connection.reason}
              </dd>
            </>
          )}
        </dl>
        {may('operator') && (
          <form class="stack tight" onSubmit={save}>
            <label class="field">
              Type
              <input value={type} onInput={event => setType(event.currentTarget.value)} />
            </label>
            <label class="field">
              Metadata, a JSON object
              <textarea
                class="mono"
                rows={6}
                value={metadata}
                onInput={event => setMetadata(event.currentTarget.value)}
              />
            </label>
            {mistake && <p class="notice bad">{mistake}</p>}
            <Trouble of={problem} />
            <div class="row">
              <button type="submit" class="first" disabled={busy || !!mistake}>
                Save
              </button>
              <button type="button" class="danger" disabled={busy} onClick={() => setDoomed(true)}>
                Remove the device
              </button>
            </div>
          </form>
        )}
      </Card>
      <Card title="Devices that it carries">
        {children.data?.devices.length === 0 && (
          <Empty
            command={`curl -X PATCH $URL/api/v1/devices/CHILD -H "Authorization: Bearer $KEY" -H "Content-Type: application/json" -d '{"parent": "${device.id}"}'`}
          >
            None. A gateway carries the devices that speak through it:
          </Empty>
        )}
        <ul>
          {children.data?.devices.map(child => (
            <li key={child.id}>
              <a href={`/devices/${piece(child.id)}`}>{child.id}</a> <span class="muted">{child.type}</span>
            </li>
          ))}
        </ul>
      </Card>
      {doomed && (
        <Confirm
          question={`Remove ${device.id}?`}
          consequence="Its credentials die with it and it is cut off. What it sent stays in the tables; `tributary device erase` is for that."
          word="Remove"
          onYes={destroy}
          onNo={() => setDoomed(false)}
        />
      )}
    </div>
  );
}

function jsonMistake(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return value && typeof value === 'object' && !Array.isArray(value)
      ? ''
      : 'Metadata is one JSON object, such as {"floor": 3}.';
  } catch (mistake) {
    return `Not JSON yet: ${(mistake as Error).message}`;
  }
}
