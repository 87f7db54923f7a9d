// Rules: what each does and did, and an editor that says at once what is wrong.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, piece, post, put, remove } from '../core/api';
import * as format from '../core/format';
import type { Rule, RuleAction, RuleCheck, RuleLog, RuleState, RuleVersion } from '../core/model';
import { go, query } from '../core/router';
import { may } from '../core/session';
import { useAct, useLoad, useNow } from '../ui/load';
import { Badge, Busy, Card, Confirm, Empty, Page, Tabs, Time, Trouble } from '../ui/pieces';
import type { Editor } from '../ui/editor';
import { Bench, type Reading } from '../ui/rule-bench';
import { Functions } from '../ui/functions';
import { RuleForm } from '../ui/rule-form';
import { SqlBox } from '../ui/sql-box';

const EVERY = 2000;

const STATES: Record<RuleState, string> = {
  draft: 'draft: does nothing',
  shadow: 'shadow: runs and acts on nothing',
  on: 'on: runs',
  paused: 'paused: keeps what it remembers',
};

const KIND: Record<RuleState, '' | 'good' | 'warn'> = { draft: '', shadow: 'warn', on: 'good', paused: '' };

export function Rules(): JSX.Element {
  const rules = useLoad(signal => get<{ rules: Rule[] }>('/api/v1/rules', signal), [], EVERY);
  const [name, setName] = useState('');
  const open = (event: Event): void => {
    event.preventDefault();
    go(`/rules/${piece(name)}`);
  };
  return (
    <Page title="Rules" lead="SQL on the stream: each message that is acknowledged goes through them.">
      <Trouble of={rules.problem} />
      {!rules.data && !rules.problem && <Busy what="Reading rules" />}
      {rules.data?.rules.length === 0 && (
        <Card>
          <Empty>
            None yet. Name one below: it begins as a draft that does nothing until it is switched on.
          </Empty>
        </Card>
      )}
      {!!rules.data?.rules.length && (
        <div class="scroll-x card" tabIndex={0} role="region" aria-label="Rules">
          <table>
            <thead>
              <tr>
                <th scope="col">Rule</th>
                <th scope="col">State</th>
                <th scope="col" class="number">
                  Looked at
                </th>
                <th scope="col" class="number">
                  Said
                </th>
                <th scope="col" class="number">
                  Failed
                </th>
                <th scope="col" class="number">
                  A message
                </th>
                <th scope="col">Changed</th>
              </tr>
            </thead>
            <tbody>
              {rules.data.rules.map(rule => (
                <tr key={rule.name}>
                  <td>
                    <a href={`/rules/${piece(rule.name)}`}>{rule.name}</a>
                    {rule.description && <div class="muted small">{rule.description}</div>}
                  </td>
                  <td>
                    <Badge kind={KIND[rule.state]}>{rule.state}</Badge>
                  </td>
                  <td class="number">{rule.figures ? format.brief(rule.figures.taken) : '–'}</td>
                  <td class="number">{rule.figures ? format.brief(rule.figures.said) : '–'}</td>
                  <td class="number">{rule.figures ? format.brief(rule.figures.failed) : '–'}</td>
                  <td class="number">
                    {rule.figures?.taken ? `${format.brief(rule.figures.microsAMessage)} µs` : '–'}
                  </td>
                  <td>
                    <Time at={rule.changedAt} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {may('operator') && (
        <form class="row" onSubmit={open}>
          <input
            aria-label="Name of a new rule"
            placeholder="name of a new rule"
            required
            pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
            value={name}
            onInput={event => setName(event.currentTarget.value)}
          />
          <button type="submit" class="first">
            New rule
          </button>
        </form>
      )}
      <Functions />
    </Page>
  );
}

const FIRST: Pick<Rule, 'sql' | 'sqlVersion' | 'zone' | 'description' | 'actions'> = {
  sqlVersion: 'tributary',
  zone: 'UTC',
  sql: "SELECT device_id() AS device, temperature\nFROM 'devices/+/telemetry'\nWHERE temperature > 60",
  description: '',
  actions: [],
};

export function RulePage({ name = '' }: Record<string, string>): JSX.Element {
  const path = `/api/v1/rules/${piece(name)}`;
  const tab = query.value.get('tab') ?? 'text';
  const rule = useLoad(signal => get<Rule>(path, signal), [name], EVERY);
  const fresh = rule.problem?.status === 404;
  const known = rule.data;
  if (!known && !fresh) {
    return (
      <Page title={name}>
        {rule.problem ? <Trouble of={rule.problem} /> : <Busy what="Reading the rule" />}
      </Page>
    );
  }
  const tabs = ['text', 'log', 'versions'].map(id => ({
    id,
    title: { text: 'Rule', log: 'What it said', versions: 'Versions' }[id]!,
    href: `/rules/${piece(name)}${id === 'text' ? '' : `?tab=${id}`}`,
  }));
  return (
    <Page
      title={name}
      lead={
        known ? (
          <span class="row">
            <Badge kind={KIND[known.state]}>{known.state}</Badge>
            <span>version {known.version}</span>
            {known.figures && (
              <span>
                looked at {format.brief(known.figures.taken)}, said {format.brief(known.figures.said)}, failed{' '}
                {format.brief(known.figures.failed)}
              </span>
            )}
          </span>
        ) : (
          'not saved yet'
        )
      }
      actions={known && may('operator') && <Switch rule={known} onChange={rule.again} />}
    >
      {known && <Tabs tabs={tabs} current={tab} label="Views of the rule" />}
      {tab === 'text' && (
        <Edit key={known ? known.version : 'new'} name={name} known={known} onSaved={rule.again} />
      )}
      {tab === 'log' && known && <Log name={name} />}
      {tab === 'versions' && known && <Versions name={name} />}
    </Page>
  );
}

function Switch({ rule, onChange }: { rule: Rule; onChange: () => void }): JSX.Element {
  const { act, busy, problem } = useAct();
  const change = (state: string): void =>
    void act(async () => {
      await post(`/api/v1/rules/${piece(rule.name)}/state`, { state });
      onChange();
    });
  return (
    <>
      <Trouble of={problem} />
      <select
        aria-label="What the rule does"
        disabled={busy}
        value={rule.state}
        onChange={event => change(event.currentTarget.value)}
      >
        {Object.entries(STATES).map(([id, title]) => (
          <option key={id} value={id}>
            {title}
          </option>
        ))}
      </select>
    </>
  );
}

/** An action as a line of the form. */
function written(action: RuleAction): string {
  if (action.topic !== undefined) {
    return action.topic;
  }
  if (action.command !== undefined) {
    return `command:${action.command}`;
  }
  return action.raw ? `raw-sink:${action.sink}` : `sink:${action.sink}`;
}

function read(line: string): RuleAction {
  if (line.startsWith('sink:')) {
    return { sink: line.slice(5).trim() };
  }
  if (line.startsWith('raw-sink:')) {
    return { sink: line.slice(9).trim(), raw: true };
  }
  return line.startsWith('command:') ? { command: line.slice(8).trim() } : { topic: line };
}

function Edit({
  name,
  known,
  onSaved,
}: {
  name: string;
  known: Rule | undefined;
  onSaved: () => void;
}): JSX.Element {
  const begin = known ?? FIRST;
  const [sql, setSql] = useState(begin.sql);
  const [description, setDescription] = useState(begin.description);
  const [targets, setTargets] = useState(begin.actions.map(written).join('\n'));
  const [doomed, setDoomed] = useState(false);
  const [about, setAbout] = useState('');
  const editor = useRef<Editor | undefined>(undefined);
  const { act, busy, problem } = useAct();
  const actions = targets
    .split('\n')
    .map(line => line.trim())
    .filter(line => line)
    .map(read);
  const reading: Reading = { sqlVersion: begin.sqlVersion, zone: begin.zone };
  const check = useCheck(sql, actions, reading);

  const latest = useRef(sql);
  latest.current = sql;
  const write = (text: string, to: RuleAction[], sensor: string): void => {
    setSql(text);
    latest.current = text;
    editor.current?.set(text);
    setTargets(to.map(action => `sink:${action.sink}`).join('\n'));
    setAbout(sensor);
  };
  const save = (): void =>
    void act(async () => {
      await put(`/api/v1/rules/${piece(name)}`, { sql, description, actions, version: known?.version ?? 0 });
      onSaved();
    });
  const destroy = (): void =>
    void act(async () => {
      await remove(`/api/v1/rules/${piece(name)}`);
      go('/rules');
    });
  return (
    <div class="stack">
      {!known && <RuleForm onWrite={write} />}
      <SqlBox
        sql={sql}
        mistake={mistake(check)}
        onChange={setSql}
        onRun={save}
        onReady={made => {
          editor.current = made;
          if (made.text() !== latest.current) made.set(latest.current);
        }}
      />
      {check && !check.good ? (
        <div class="notice bad" role="alert">
          {check.line ? `Line ${check.line}, column ${check.column}: ` : ''}
          {check.message}
          {check.suggestion && (
            <>
              {' '}
              Did you mean <code>{check.suggestion}</code>?
            </>
          )}
        </div>
      ) : (
        <p class="muted small" role="status">
          {check?.topics?.length ? `It can run. It listens to ${check.topics.join(', ')}.` : 'Checking…'}
        </p>
      )}
      {check?.good &&
        check.warnings?.map(warning => (
          <p key={warning} class="notice warn">
            {warning}
          </p>
        ))}
      <div class="columns">
        <label class="field">
          <span>
            <span>
              Where what it says goes: a topic, <code>sink:name</code>, <code>raw-sink:name</code> (with the
              message as it came) or <code>command:device/name</code> a line
            </span>
          </span>
          <textarea
            class="mono"
            rows={3}
            placeholder={'alerts/${device}'}
            value={targets}
            onInput={event => setTargets(event.currentTarget.value)}
          />
        </label>
        <label class="field">
          What it is for
          <textarea
            rows={3}
            value={description}
            onInput={event => setDescription(event.currentTarget.value)}
          />
        </label>
      </div>
      <Trouble of={problem} />
      {may('operator') && (
        <div class="row">
          <button type="button" class="first" disabled={busy || check?.good === false} onClick={save}>
            {known ? 'Save as a new version' : 'Save as a draft'}
          </button>
          {known && (
            <button type="button" class="danger" disabled={busy} onClick={() => setDoomed(true)}>
              Remove
            </button>
          )}
        </div>
      )}
      {may('operator') && check?.good && <Bench sql={sql} reading={reading} about={about} />}
      {doomed && (
        <Confirm
          question={`Remove the rule ${name}?`}
          consequence="Its versions and what it remembers go with it; what it said stays in the log."
          word="Remove"
          onYes={destroy}
          onNo={() => setDoomed(false)}
        />
      )}
    </div>
  );
}

/** Where in the statement it is wrong, if it is. */
function mistake(check: RuleCheck | undefined): { line: number; column: number } | undefined {
  if (!check || check.good || check.field !== 'sql' || !check.line || !check.column) return undefined;
  return { line: check.line, column: check.column };
}

/** What the server says of the text, a moment after the last key. */
function useCheck(sql: string, actions: object[], reading: Reading): RuleCheck | undefined {
  const [check, setCheck] = useState<RuleCheck>();
  const wanted = JSON.stringify([actions, reading]);
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(() => {
      post<RuleCheck>('/api/v1/rules/check', { sql, actions, ...reading }, abort.signal).then(
        setCheck,
        () => undefined,
      );
    }, 250);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [sql, wanted]);
  return check;
}

function Log({ name }: { name: string }): JSX.Element {
  const log = useLoad(signal => get<RuleLog>(`/api/v1/rules/${piece(name)}/log`, signal), [name], EVERY);
  const now = useNow();
  if (!log.data) return log.problem ? <Trouble of={log.problem} /> : <Busy what="Reading what it said" />;
  const { said, failed } = log.data;
  return (
    <div class="columns">
      <Card title="Said, the newest first">
        {said.length === 0 && (
          <Empty>Nothing since the server started. Is it on, and does a message fit its WHERE?</Empty>
        )}
        <ol class="attempts">
          {said.map((one, index) => (
            <li key={index}>
              <div class="row small muted">
                <Time at={one.at} now={now} />
                <span>{one.device}</span>
                <span>{one.sent ? 'sent' : 'shown only'}</span>
              </div>
              <code>{one.payload}</code>
            </li>
          ))}
        </ol>
      </Card>
      <Card title="Failed at">
        {failed.length === 0 && <Empty>Nothing since the server started.</Empty>}
        <ol class="attempts">
          {failed.map((one, index) => (
            <li key={index}>
              <div class="row small muted">
                <Time at={one.at} now={now} />
                <span>{one.topic}</span>
              </div>
              <p>{one.what}</p>
              <code>{one.payload}</code>
            </li>
          ))}
        </ol>
      </Card>
    </div>
  );
}

function Versions({ name }: { name: string }): JSX.Element {
  const list = useLoad(
    signal => get<{ versions: RuleVersion[] }>(`/api/v1/rules/${piece(name)}/versions`, signal),
    [name],
  );
  if (!list.data) return list.problem ? <Trouble of={list.problem} /> : <Busy what="Reading versions" />;
  return (
    <div class="stack">
      {list.data.versions.map(version => (
        <Card key={version.version} title={`Version ${version.version}`}>
          <p class="muted small">
            <Time at={version.savedAt} /> by {version.savedBy}
          </p>
          <pre tabIndex={0}>{version.sql}</pre>
        </Card>
      ))}
    </div>
  );
}
