// From nothing to a value on a chart: a name, a line to paste, and what the server says of each try.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Problem, get, piece, post, url } from '../core/api';
import * as format from '../core/format';
import { follow, wants } from '../core/live';
import type { Attempt, Device, Doors, Issued, Message } from '../core/model';
import { go, query, refine } from '../core/router';
import { may, who } from '../core/session';
import { useAct, useLoad } from '../ui/load';
import { Badge, Card, Code, Page, Trouble } from '../ui/pieces';
import { SNIPPETS, fill } from './snippets';

export function Connect(): JSX.Element {
  const [made, setMade] = useState<{ device: string; token: string }>();
  return (
    <Page title="Connect a device" lead="A name, a line to paste; what arrives shows up here by itself.">
      <div class="columns">
        {made ? <Paste {...made} /> : <Name onMade={setMade} />}
        <Attempts {...(made ? { device: made.device } : {})} />
      </div>
    </Page>
  );
}

function Name({ onMade }: { onMade: (made: { device: string; token: string }) => void }): JSX.Element {
  const [name, setName] = useState(query.value.get('id') ?? suggestion());
  const { act, busy, problem } = useAct();
  const make = (event: Event): void => {
    event.preventDefault();
    void act(async () => {
      try {
        await post<Device>('/api/v1/devices', { id: name });
      } catch (failure) {
        // One that is there already gets one more token; the ones it has stay good.
        if (!(failure instanceof Problem) || failure.status !== 409) throw failure;
      }
      const issued = await post<Issued>(`/api/v1/devices/${piece(name)}/credentials`, { kind: 'token' });
      onMade({ device: name, token: issued.secret });
    });
  };
  if (!may('operator')) {
    return (
      <Card title="Name">
        <p>Your role is viewer: an operator or owner can add devices.</p>
      </Card>
    );
  }
  return (
    <Card title="What is it called?">
      <form class="stack tight" onSubmit={make}>
        <label class="field">
          Name: letters, digits and . _ - :
          <input
            class="mono"
            name="device"
            required
            maxLength={128}
            value={name}
            onInput={event => setName(event.currentTarget.value)}
          />
        </label>
        <Trouble of={problem} />
        <div class="row">
          <button type="submit" class="first" disabled={busy}>
            {busy ? 'Making its token…' : 'Make its token'}
          </button>
        </div>
      </form>
    </Card>
  );
}

const suggestion = (): string => `device-${Math.random().toString(36).slice(2, 6)}`;

function Paste({ device, token }: { device: string; token: string }): JSX.Element {
  const doors = useLoad(signal => get<Doors>('/api/v1/doors', signal), []);
  const chosen = query.value.get('with') ?? 'shell';
  const snippet = SNIPPETS.find(one => one.id === chosen) ?? SNIPPETS[0]!;
  const { act, busy, problem } = useAct();
  const mqttPort = doors.data?.mqttPort ?? 1883;

  useEffect(() => {
    // The first message turns this into the device's page.
    const stream = follow<Message>(wants.messages(device), () => go(`/devices/${piece(device)}`));
    return () => stream.close();
  }, [device]);

  const send = (): void =>
    void act(async () => {
      const answer = await fetch('/api/v1/telemetry', {
        method: 'POST',
        credentials: 'omit',
        headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({ temperature: 21.5 }),
      });
      if (!answer.ok)
        throw new Problem(
          answer.status,
          'Refused',
          ((await answer.json()) as { detail?: string }).detail ?? '',
          {},
        );
    });
  return (
    <Card title={`Paste this to send as ${device}`}>
      <div class="tabs" role="tablist" aria-label="Language">
        {SNIPPETS.map(one => (
          <button
            key={one.id}
            type="button"
            role="tab"
            aria-selected={one.id === snippet.id}
            onClick={() => refine({ with: one.id })}
          >
            {one.title}
          </button>
        ))}
      </div>
      <div role="tabpanel" aria-label={snippet.title}>
        <Code text={fill(snippet.text, { device, token, mqttPort })} />
      </div>
      {doors.data?.reach === 'this-machine' && (
        <p class="notice small">
          Only this machine can connect. For devices on the network: <code>./tributary up --lan</code>
        </p>
      )}
      <Trouble of={problem ?? doors.problem} />
      <div class="row">
        <button type="button" disabled={busy} onClick={send}>
          Send a test message from this browser
        </button>
        <span class="muted small">
          The token is shown once; Credentials on the device's page makes another.
        </span>
      </div>
    </Card>
  );
}

interface Line {
  key: string;
  at: string;
  good: boolean;
  what: string;
  detail: string;
}

const LINES = 60;

/** What arrives and what is refused, newest first; refused by causes that belong to no tenant only for operators of the installation. */
function Attempts({ device }: { device?: string }): JSX.Element {
  const [lines, setLines] = useState<Line[]>([]);
  const whole = who.value?.tenant === 'main' && may('operator');
  useEffect(() => {
    const add = (line: Line): void =>
      setLines(known => [line, ...known.filter(one => one.key !== line.key)].slice(0, LINES));
    const refuse = (attempt: Attempt): void =>
      add({
        key: `${attempt.door} ${attempt.address} ${attempt.clientId} ${attempt.userName} ${attempt.cause}`,
        at: attempt.lastAt,
        good: false,
        what: [
          attempt.door,
          attempt.address,
          attempt.userName && `user ${attempt.userName}`,
          attempt.clientId && `client ${attempt.clientId}`,
          attempt.count > 1 && `${attempt.count} times`,
        ]
          .filter(Boolean)
          .join(' · '),
        detail: attempt.detail,
      });
    const history = url(whole ? '/api/v1/installation/attempts' : '/api/v1/attempts', {
      since: '-10m',
      limit: LINES,
    });
    const refused = follow<Attempt>(
      wants.attempts,
      refuse,
      () =>
        void get<{ attempts: Attempt[] }>(history).then(
          page => page.attempts.reverse().forEach(refuse),
          () => undefined, // what is refused from now on is shown all the same
        ),
    );
    const accepted = device
      ? follow<Message>(wants.messages(device), message =>
          add({
            key: 'accepted',
            at: message.receivedAt,
            good: true,
            what: `${message.origin} · ${message.topic}`,
            detail: `${format.count(message.bytes)} bytes: ${format.payload(message.payload).slice(0, 160)}`,
          }),
        )
      : undefined;
    return () => {
      refused.close();
      accepted?.close();
    };
  }, [device, whole]);
  return (
    <Card title="What arrives">
      {lines.length === 0 && (
        <p class="muted">
          No try was refused in the last minutes. One that is shows up here, with the reason and what to do.
        </p>
      )}
      <ol class="attempts" aria-label="Tries, newest first" aria-live="polite">
        {lines.map(line => (
          <li key={line.key}>
            <div class="row small">
              <time class="mono muted" dateTime={line.at}>
                {format.instant(line.at)}
              </time>
              <Badge kind={line.good ? 'good' : 'bad'}>{line.good ? 'accepted' : 'refused'}</Badge>
              <span class="muted">{line.what}</span>
            </div>
            <p class={line.good ? 'mono small' : ''}>{line.detail}</p>
          </li>
        ))}
      </ol>
    </Card>
  );
}
