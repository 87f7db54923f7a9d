// Dashboards: those that are made by themselves, and those that people keep.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get, piece, post, put } from '../core/api';
import {
  SEEN_SQL,
  dashboardOf,
  seen,
  type Dashboard,
  type DashboardEntry,
  type KeptDashboard,
} from '../core/dashboards';
import * as format from '../core/format';
import type { Rows } from '../core/model';
import { go, query } from '../core/router';
import { may } from '../core/session';
import { Board, dashboardPath, shareLink } from '../ui/board';
import { useAct, useLoad } from '../ui/load';
import { Busy, Card, Copy, Empty, Page, Time, Trouble } from '../ui/pieces';

export const NAME_PATTERN = '[A-Za-z0-9][A-Za-z0-9._\\-]*';

const TYPES_SQL = "SELECT type, count(*) FROM devices WHERE type <> '' GROUP BY type ORDER BY type LIMIT 500";

export function Dashboards(): JSX.Element {
  const kept = useLoad(signal => get<{ dashboards: DashboardEntry[] }>('/api/v1/dashboards', signal), []);
  const types = useLoad(signal => post<Rows>('/api/v1/sql', { sql: TYPES_SQL }, signal), []);
  return (
    <Page title="Dashboards" lead="What belongs together on one page.">
      <Trouble of={kept.problem ?? types.problem} />
      <Card title="Made by themselves, one for each type of device">
        {!types.data && !types.problem && <Busy what="Reading types" />}
        {types.data?.rows.length === 0 && (
          <Empty command="./tributary device add pump-1 --type pump">
            A device that has a type gets one, from the sensors that are seen:
          </Empty>
        )}
        <ul class="plain">
          {types.data?.rows.map(([type, count]) => (
            <li key={String(type)} class="row">
              <a class="grow cut" href={`/dashboards/of/${piece(String(type))}`}>
                {String(type)}
              </a>
              <span class="muted small">
                {format.count(Number(count))} {Number(count) === 1 ? 'device' : 'devices'}
              </span>
            </li>
          ))}
        </ul>
      </Card>
      <Card title="Kept">
        {!kept.data && !kept.problem && <Busy what="Reading dashboards" />}
        {kept.data?.dashboards.length === 0 && (
          <Empty>None yet: name one below, bring a file, or keep one of those above.</Empty>
        )}
        <ul class="plain">
          {kept.data?.dashboards.map(one => (
            <li key={one.name} class="row">
              <a class="grow cut" href={dashboardPath(one.name)}>
                {one.title}
              </a>
              <span class="muted small">
                {one.name}, version {one.version}, <Time at={one.savedAt} /> by {one.savedBy}
              </span>
            </li>
          ))}
        </ul>
        {may('operator') && <New known={kept.data?.dashboards ?? []} />}
      </Card>
    </Page>
  );
}

function New({ known }: { known: DashboardEntry[] }): JSX.Element {
  const [name, setName] = useState('');
  const { act, busy, problem } = useAct();
  const add = (body: { dashboard: Dashboard } | { yaml: string }, as: string): void =>
    void act(async () => {
      await put(`/api/v1${dashboardPath(as)}`, { ...body, version: 0 });
      go(`${dashboardPath(as)}?edit=1`);
    });
  const make = (event: Event): void => {
    event.preventDefault();
    add({ dashboard: { title: name, range: '1h', widgets: [] } }, name);
  };
  const bring = async (file: File | undefined): Promise<void> => {
    if (!file) return;
    const base = file.name
      .replace(/\.ya?ml$/i, '')
      .replace(/[^A-Za-z0-9._-]+/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '');
    add({ yaml: await file.text() }, freeName(base || 'dashboard', known));
  };
  return (
    <>
      <div class="row">
        <form class="row" onSubmit={make}>
          <input
            aria-label="Name of a new dashboard"
            placeholder="name of a new dashboard"
            required
            maxLength={100}
            pattern={NAME_PATTERN}
            value={name}
            onInput={event => setName(event.currentTarget.value)}
          />
          <button type="submit" class="first" disabled={busy}>
            New dashboard
          </button>
        </form>
        <label class="button">
          Bring a YAML file
          <input
            class="visually-hidden"
            type="file"
            accept=".yaml,.yml"
            onChange={event => void bring(event.currentTarget.files?.[0])}
          />
        </label>
      </div>
      <Trouble of={problem} />
    </>
  );
}

function freeName(wanted: string, known: { name: string }[]): string {
  let name = wanted;
  for (let turn = 2; known.some(one => one.name === name); turn++) name = `${wanted}-${turn}`;
  return name;
}

/** What is made of a type by itself. */
export function TypeDashboard({ type = '' }: Record<string, string>): JSX.Element {
  const rows = useLoad(
    signal => post<Rows>('/api/v1/sql', { sql: SEEN_SQL, parameters: { type } }, signal),
    [type],
  );
  const { act, busy, problem } = useAct();
  const made = rows.data && dashboardOf(type, seen(rows.data));
  const keep = (dashboard: Dashboard): void =>
    void act(async () => {
      const { dashboards } = await get<{ dashboards: DashboardEntry[] }>('/api/v1/dashboards');
      const base = type.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'dashboard';
      const name = freeName(base.slice(0, 90), dashboards);
      await put<KeptDashboard>(`/api/v1${dashboardPath(name)}`, { dashboard, version: 0 });
      go(`${dashboardPath(name)}?edit=1`);
    });
  if (query.value.get('kiosk') && made) return <Board of={made} />;
  return (
    <Page
      title={type}
      lead="Made from what devices of this type send; it follows when they send more."
      actions={
        <div class="row">
          {made && may('operator') && (
            <button type="button" class="first" disabled={busy} onClick={() => keep(made)}>
              Keep and change
            </button>
          )}
          <Share />
        </div>
      }
    >
      <Trouble of={rows.problem ?? problem} />
      {!rows.data && !rows.problem && <Busy what="Looking what there is" />}
      {rows.data?.rowCount === 0 && (
        <Card>
          <Empty command={`./tributary send ${type}-1 temperature=21.5`}>
            No device of this type has sent a reading yet:
          </Empty>
        </Card>
      )}
      {made && rows.data!.rowCount > 0 && <Board of={made} />}
    </Page>
  );
}

export function Share(): JSX.Element {
  return (
    <details class="export">
      <summary class="button">Share</summary>
      <div class="card stack tight">
        <p class="small muted">
          The address holds what is chosen and the time. Whoever opens it signs in as a person of this tenant.
        </p>
        <div class="row">
          <Copy text={shareLink(false)} label="Copy link" />
          <a class="button" href={shareLink(true).slice(location.origin.length)}>
            Kiosk
          </a>
        </div>
      </div>
    </details>
  );
}
