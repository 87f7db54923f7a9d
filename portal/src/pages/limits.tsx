// What a tenant may have and how much of it is used; set by owners of the installation, for everybody else to read.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { get, piece, put } from '../core/api';
import * as format from '../core/format';
import type { Tenant } from '../core/model';
import { query, refine } from '../core/router';
import { who } from '../core/session';
import { useAct, useLoad } from '../ui/load';
import { Badge, Busy, Card, Trouble } from '../ui/pieces';

interface Limit {
  name: string;
  meaning: string;
  limit: number;
  own: boolean;
  setting: string;
  usual: number;
  least: number;
  most: number;
  use?: number;
}

const EVERY = 5000;
const MUCH = 0.8;

export function Limits(): JSX.Element {
  const operates = who.value?.tenant === 'main';
  const tenant = (operates && query.value.get('tenant')) || (who.value?.tenant ?? '');
  return (
    <div class="stack">
      {operates && <Choice tenant={tenant} />}
      <Table key={tenant} tenant={tenant} operates={operates} />
    </div>
  );
}

function Choice({ tenant }: { tenant: string }): JSX.Element {
  const tenants = useLoad(signal => get<{ tenants: Tenant[] }>('/api/v1/tenants', signal), []);
  return (
    <div class="row">
      <label class="field">
        Tenant
        <select value={tenant} onChange={event => refine({ tenant: event.currentTarget.value })}>
          {(tenants.data?.tenants ?? [{ id: tenant }]).map(one => (
            <option key={one.id}>{one.id}</option>
          ))}
        </select>
      </label>
      <Trouble of={tenants.problem} />
    </div>
  );
}

function Table({ tenant, operates }: { tenant: string; operates: boolean }): JSX.Element {
  const path = `/api/v1/tenants/${piece(tenant)}/limits`;
  const limits = useLoad(signal => get<{ limits: Limit[] }>(path, signal), [path], EVERY);
  // What is written in the fields and not yet saved, by name; empty for what the settings say.
  const [written, setWritten] = useState<Record<string, string>>({});
  const [saved, setSaved] = useState(false);
  const { act, busy, problem } = useAct();
  const now = limits.data?.limits;
  useEffect(() => {
    if (Object.keys(written).length > 0) setSaved(false);
  }, [written]);

  const save = (event: Event): void => {
    event.preventDefault();
    void act(async () => {
      const wanted: Record<string, number | string> = {};
      for (const one of now ?? []) {
        const text = written[one.name] ?? (one.own ? String(one.limit) : '');
        const number = Number(text.trim());
        // What is no number goes as it is: the server says what may be.
        if (text.trim()) wanted[one.name] = Number.isNaN(number) ? text : number;
      }
      await put(path, wanted);
      setWritten({});
      setSaved(true);
      limits.again();
    });
  };

  if (!now) return limits.problem ? <Trouble of={limits.problem} /> : <Busy what="Reading limits" />;
  const mistakes = new Map((problem?.body.errors ?? []).map(one => [one.where.replace(/^\//, ''), one.what]));
  return (
    <Card title={`What ${tenant} may have`}>
      <p class="muted">
        {operates
          ? 'A field that is empty is as the settings say. A change holds at once, without a restart; what there is already stays.'
          : 'Whoever runs this installation sets these.'}
      </p>
      <Trouble of={limits.problem} />
      <form class="stack tight" onSubmit={save} noValidate>
        <ul class="plain limits" aria-label="Limits">
          {now.map(one => (
            <li key={one.name} class={operates ? 'set' : ''}>
              <div>
                {one.meaning} <span class="mono muted small">{one.name}</span>
              </div>
              <div>
                <Use of={one} />
                <div class="muted small">{one.own ? 'its own limit' : 'as the settings say'}</div>
              </div>
              {operates && (
                <label class="field">
                  <span class="small muted">Its own</span>
                  <input
                    inputMode="numeric"
                    size={14}
                    aria-label={`${one.name}, its own`}
                    title={`${one.setting}: ${format.count(one.usual)}`}
                    placeholder={String(one.usual)}
                    value={written[one.name] ?? (one.own ? String(one.limit) : '')}
                    aria-invalid={mistakes.has(one.name)}
                    onInput={event => setWritten({ ...written, [one.name]: event.currentTarget.value })}
                  />
                </label>
              )}
              {mistakes.has(one.name) && <p class="notice bad small">{mistakes.get(one.name)}</p>}
            </li>
          ))}
        </ul>
        <Trouble of={problem} />
        {operates && (
          <div class="row">
            <button type="submit" class="first" disabled={busy || Object.keys(written).length === 0}>
              Save
            </button>
            <button
              type="button"
              disabled={busy || Object.keys(written).length === 0}
              onClick={() => setWritten({})}
            >
              Undo
            </button>
            <span role="status">{saved ? 'Saved; it holds from now on.' : ''}</span>
          </div>
        )}
      </form>
    </Card>
  );
}

function Use({ of }: { of: Limit }): JSX.Element {
  const unlimited = of.limit === 0 && of.name.endsWith('Rate');
  const part = of.use === undefined || of.limit === 0 ? 0 : of.use / of.limit;
  return (
    <div>
      {of.use === undefined ? '' : `${shown(of, of.use)}${unlimited ? ', ' : ' of '}`}
      {unlimited ? 'no limit' : shown(of, of.limit)}{' '}
      {part >= MUCH && <Badge kind={part >= 1 ? 'bad' : 'warn'}>{`${Math.floor(part * 100)} %`}</Badge>}
    </div>
  );
}

function shown(of: Limit, value: number): string {
  return of.name === 'retainedBytes' ? format.bytes(value) : format.count(value);
}
