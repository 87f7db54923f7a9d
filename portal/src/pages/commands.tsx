// Commands to a device: sent with a confirmation, and how far each came as far as the server knows.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get, piece, post } from '../core/api';
import * as format from '../core/format';
import type { Command, Device, Rows } from '../core/model';
import { may } from '../core/session';
import { useAct, useLoad, useNow } from '../ui/load';
import { Badge, Busy, Card, Confirm, Empty, Time, Trouble } from '../ui/pieces';

const SHOWN = 10;
/** While something may still become of the newest, it is looked at so often, and later so often. */
const SOON = 1000;
const LATER = 15_000;
const FRESH_MILLIS = 60_000;
/** What is older is not looked at again. */
const OVER_MILLIS = 3_600_000;

const RECENT_SQL =
  'SELECT part, position FROM messages WHERE device = :device AND starts_with(topic, :commands) ' +
  `ORDER BY received DESC LIMIT ${SHOWN}`;

const STATES: Record<Command['state'], { title: string; kind: 'good' | 'warn' | 'bad' | '' }> = {
  nobody: { title: 'nobody listens', kind: 'bad' },
  waiting: { title: 'waits for the device', kind: 'warn' },
  sent: { title: 'sent, not acknowledged', kind: 'warn' },
  acknowledged: { title: 'acknowledged', kind: 'good' },
  answered: { title: 'answered', kind: 'good' },
};

interface Wanted {
  name: string;
  payload?: unknown;
  text?: string;
}

export function Commands({ of }: { of: Device }): JSX.Element {
  const path = `/api/v1/devices/${piece(of.id)}/commands`;
  // What was sent from here is known at once; the tables have it a moment later.
  const [sent, setSent] = useState<Command[]>([]);
  const before = useLoad(signal => recent(of.id, path, signal), [of.id]);
  const all = [
    ...sent,
    ...(before.data ?? []).filter(one => !sent.some(mine => mine.message === one.message)),
  ];
  const fresh = useLoad(
    signal => refreshed(path, all, signal),
    [of.id, all.map(one => one.message).join(' ')],
    all[0] && Date.now() - Date.parse(all[0].sentAt) < FRESH_MILLIS ? SOON : LATER,
  );
  const [wanted, setWanted] = useState<Wanted>();
  const { act, busy, problem } = useAct();
  const send = (): void =>
    void act(async () => {
      const command = await post<Command>(path, wanted).finally(() => setWanted(undefined));
      setSent(known => [command, ...known].slice(0, SHOWN));
    });
  const shown = all.map(one => fresh.data?.get(one.message) ?? one).slice(0, SHOWN);
  return (
    <div class="columns">
      <Card title="Send a command">
        {may('operator') ? (
          <Form busy={busy} names={[...new Set(shown.map(one => one.name))]} onSend={setWanted} />
        ) : (
          <p>Your role is viewer: an operator or owner can send commands.</p>
        )}
        <Trouble of={problem} />
        <p class="muted small">
          It is published to <code class="break">devices/{of.id}/commands/…</code> with quality of service 1.
          What the device says to <code class="break">devices/{of.id}/responses/…</code> afterwards is its
          answer.
        </p>
      </Card>
      <Card title="What became of them">
        <Trouble of={before.problem ?? fresh.problem} />
        {!before.data && !before.problem && <Busy what="Reading commands" />}
        {before.data && shown.length === 0 && (
          <Empty
            command={`mosquitto_sub -u ${of.id} -P TOKEN -i ${of.id} -q 1 -t 'devices/${of.id}/commands/#'`}
          >
            None was sent yet. A device listens for them like this:
          </Empty>
        )}
        <ul class="plain" aria-label="Commands, newest first">
          {shown.map(one => (
            <One key={one.message} of={one} />
          ))}
        </ul>
      </Card>
      {wanted && (
        <Confirm
          question={`Send ${wanted.name} to ${of.id}?`}
          consequence={
            of.connection.connected
              ? 'The device acts on it at once; it cannot be taken back.'
              : 'The device is not connected. It gets the command when it comes back, if its session waits for it; it cannot be taken back.'
          }
          word="Send it"
          otherwise="Do not send"
          onYes={send}
          onNo={() => setWanted(undefined)}
        />
      )}
    </div>
  );
}

function Form({
  busy,
  names,
  onSend,
}: {
  busy: boolean;
  names: string[];
  onSend: (wanted: Wanted) => void;
}): JSX.Element {
  const [name, setName] = useState('');
  const [text, setText] = useState('');
  const submit = (event: Event): void => {
    event.preventDefault();
    onSend({ name, ...body(text) });
  };
  return (
    <form class="stack tight" onSubmit={submit}>
      <label class="field">
        Name, such as reboot or set
        <input
          class="mono"
          required
          maxLength={100}
          pattern="[A-Za-z0-9][A-Za-z0-9._\-]*"
          list="command-names"
          value={name}
          onInput={event => setName(event.currentTarget.value)}
        />
      </label>
      <datalist id="command-names">
        {names.map(known => (
          <option key={known} value={known} />
        ))}
      </datalist>
      <label class="field">
        What goes with it, JSON or text; may be empty
        <textarea
          class="mono"
          rows={3}
          spellcheck={false}
          value={text}
          onInput={event => setText(event.currentTarget.value)}
        />
      </label>
      <div class="row">
        <button type="submit" class="first" disabled={busy || name === ''}>
          Send…
        </button>
        <span class="muted small">
          {text.trim() === '' ? 'empty' : 'payload' in body(text) ? 'as JSON' : 'as text'}
        </span>
      </div>
    </form>
  );
}

/** What reads as JSON is sent as JSON. */
function body(text: string): { payload?: unknown; text?: string } {
  if (text.trim() === '') return {};
  try {
    return { payload: JSON.parse(text) as unknown };
  } catch {
    return { text };
  }
}

function One({ of }: { of: Command }): JSX.Element {
  const now = useNow();
  const { title, kind } = STATES[of.state];
  const waits = of.listeners.find(one => one.state === 'waiting');
  return (
    <li class="stack tight" data-command={of.name}>
      <div class="row">
        <b class="mono cut grow">{of.name}</b>
        <Badge kind={kind}>{title}</Badge>
        <span class="muted small">
          <Time at={of.sentAt} now={now} />
        </span>
      </div>
      {of.answer && (
        <p class="mono small break">
          {format.payload(of.answer.payload) || 'an empty answer'}{' '}
          <span class="muted">
            after {format.count(Date.parse(of.answer.receivedAt) - Date.parse(of.sentAt))} ms
          </span>
        </p>
      )}
      {of.state === 'nobody' && (
        <p class="muted small">
          No session of the device is subscribed to it, so nothing keeps it for the device.
        </p>
      )}
      {of.state === 'waiting' && waits && (
        <p class="muted small">Client {waits.clientId} is away; it gets the command when it comes back.</p>
      )}
      <p class="muted small">
        by {of.sentBy} · <a href={`/explore/message?id=${of.message}`}>Where is my message?</a>
      </p>
    </li>
  );
}

async function recent(device: string, path: string, signal: AbortSignal): Promise<Command[]> {
  const rows = await post<Rows>(
    '/api/v1/sql',
    { sql: RECENT_SQL, parameters: { device, commands: `devices/${device}/commands/` } },
    signal,
  );
  const found = await Promise.all(
    rows.rows.map(([part, position]) =>
      // The tables keep messages longer than the log.
      get<Command>(`${path}/${part}-${position}`, signal).catch(() => undefined),
    ),
  );
  return found.flatMap(one => (one ? [one] : []));
}

/** How those stand now of which something may still become. */
async function refreshed(path: string, all: Command[], signal: AbortSignal): Promise<Map<string, Command>> {
  const open = all.filter(
    one => one.state !== 'answered' && Date.now() - Date.parse(one.sentAt) < OVER_MILLIS,
  );
  const now = await Promise.all(open.map(one => get<Command>(`${path}/${one.message}`, signal)));
  return new Map(now.map(one => [one.message, one]));
}
