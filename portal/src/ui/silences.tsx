// Maintenance: whose alerts are kept and go nowhere, and until when.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get, piece, post, remove } from '../core/api';
import type { Silence } from '../core/model';
import { may } from '../core/session';
import { useAct, useLoad } from './load';
import { Badge, Card, Empty, Time, Trouble } from './pieces';

const EVERY = 10_000;

export function Silences(): JSX.Element {
  const silences = useLoad(signal => get<{ silences: Silence[] }>('/api/v1/silences', signal), [], EVERY);
  const { act, busy, problem } = useAct();
  const end = (id: string): void =>
    void act(async () => {
      await remove(`/api/v1/silences/${piece(id)}`);
      silences.again();
    });
  const shown = (silences.data?.silences ?? []).filter(one => Date.parse(one.to) > Date.now());
  return (
    <Card title="Maintenance">
      <Trouble of={problem ?? silences.problem} />
      {silences.data && shown.length === 0 && (
        <Empty>No silence. In one, alerts are kept here and go to no topic and no sink.</Empty>
      )}
      <ul class="attempts">
        {shown.map(one => (
          <li key={one.id}>
            <div class="row">
              <Badge kind={one.now ? 'warn' : ''}>{one.now ? 'now' : 'later'}</Badge>
              <span class="grow">
                {one.kind} <strong>{one.what}</strong>, <Time at={one.from} /> to <Time at={one.to} />
                {one.reason && `: ${one.reason}`} <span class="muted">({one.createdBy})</span>
              </span>
              {may('operator') && (
                <button type="button" disabled={busy} onClick={() => end(one.id)}>
                  End it
                </button>
              )}
            </div>
          </li>
        ))}
      </ul>
      {may('operator') && <New onMade={silences.again} />}
    </Card>
  );
}

function New({ onMade }: { onMade: () => void }): JSX.Element {
  const [kind, setKind] = useState<Silence['kind']>('device');
  const [what, setWhat] = useState('');
  const [length, setLength] = useState('1h');
  const [reason, setReason] = useState('');
  const { act, busy, problem } = useAct();
  const make = (): void =>
    void act(async () => {
      await post('/api/v1/silences', { kind, what: what.trim(), length, reason });
      setWhat('');
      setReason('');
      onMade();
    });
  return (
    <form
      class="row"
      onSubmit={event => {
        event.preventDefault();
        make();
      }}
    >
      <select
        aria-label="Silence what"
        value={kind}
        onChange={event => setKind(event.currentTarget.value as Silence['kind'])}
      >
        <option value="device">a device</option>
        <option value="type">a type</option>
        <option value="label">a label</option>
      </select>
      <input
        aria-label="Which"
        placeholder={kind === 'label' ? 'site=roof' : kind === 'type' ? 'pump' : 'pump-1'}
        value={what}
        onInput={event => setWhat(event.currentTarget.value)}
      />
      <select
        aria-label="For how long"
        value={length}
        onChange={event => setLength(event.currentTarget.value)}
      >
        <option value="1h">for 1 hour</option>
        <option value="4h">for 4 hours</option>
        <option value="1d">for 1 day</option>
        <option value="7d">for 7 days</option>
      </select>
      <input
        aria-label="Reason"
        placeholder="reason"
        value={reason}
        onInput={event => setReason(event.currentTarget.value)}
      />
      <button type="submit" disabled={busy || !what.trim()}>
        Silence
      </button>
      <Trouble of={problem} />
    </form>
  );
}
