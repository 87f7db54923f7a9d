// Links that show a dashboard without an account: made, seen once, revoked.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get, piece, post, remove } from '../core/api';
import type { Dashboard } from '../core/dashboards';
import { query } from '../core/router';
import { dashboardPath } from '../ui/board';
import { useAct, useLoad } from '../ui/load';
import { Busy, Card, Code, Confirm, Empty, Time, Trouble } from '../ui/pieces';

interface Link {
  id: string;
  madeAt: string;
  madeBy: string;
  expiresAt: string;
  values: Record<string, string>;
  range?: string;
}

const LIVES = [
  ['1h', 'an hour'],
  ['24h', 'a day'],
  ['7d', 'a week'],
  ['30d', '30 days'],
  ['366d', 'a year'],
] as const;

/** The address of this page with what is chosen on the dashboard now. */
export function linksQuery(of: URLSearchParams): string {
  const next = new URLSearchParams([...of].filter(([name]) => name.startsWith('v.') || name === 'range'));
  next.set('tab', 'links');
  return next.toString();
}

export function Links({ name, of }: { name: string; of: Dashboard }): JSX.Element {
  const path = `/api/v1${dashboardPath(name)}/shares`;
  const list = useLoad(signal => get<{ shares: Link[] }>(path, signal), [name]);
  const [validFor, setValidFor] = useState('7d');
  const [link, setLink] = useState('');
  const [doomed, setDoomed] = useState<Link>();
  const { act, busy, problem } = useAct();
  const values = Object.fromEntries(
    (of.variables ?? []).flatMap(one => {
      const chosen = query.value.get(`v.${one.name}`);
      return chosen === null ? [] : [[one.name, chosen === '*' ? '' : chosen]];
    }),
  );
  const range = query.value.get('range');
  const make = (event: Event): void => {
    event.preventDefault();
    void act(async () => {
      const made = await post<{ link: string }>(path, { validFor, values, ...(range ? { range } : {}) });
      setLink(location.origin + made.link);
      list.again();
    });
  };
  const revoke = (gone: Link): void =>
    void act(async () => {
      setDoomed(undefined);
      await remove(`${path}/${piece(gone.id)}`);
      list.again();
    });
  return (
    <div class="columns">
      <Card title="Make a link">
        <p class="muted small">
          Whoever has it sees this dashboard as it is at any time, without an account, and nothing else: no
          other device, no choices.{' '}
          {said(values, range ?? undefined) && `With ${said(values, range ?? undefined)}.`}
        </p>
        <form class="row" onSubmit={make}>
          <label class="row">
            <span class="muted">Good for</span>
            <select value={validFor} onChange={event => setValidFor(event.currentTarget.value)}>
              {LIVES.map(([life, title]) => (
                <option key={life} value={life}>
                  {title}
                </option>
              ))}
            </select>
          </label>
          <button type="submit" class="first" disabled={busy}>
            Make a link
          </button>
        </form>
        <Trouble of={problem} />
        {link && (
          <div class="stack tight">
            <b>Shown once: copy it now</b>
            <Code text={link} label="Copy link" />
          </div>
        )}
      </Card>
      <Card title="Links that are good">
        <Trouble of={list.problem} />
        {!list.data && !list.problem && <Busy what="Reading links" />}
        {list.data?.shares.length === 0 && <Empty>None: only people of this tenant see the dashboard.</Empty>}
        <ul class="plain" aria-label="Links">
          {list.data?.shares.map(one => (
            <li key={one.id} class="row">
              <span class="grow small">
                good until <Time at={one.expiresAt} />, made <Time at={one.madeAt} /> by {one.madeBy}
                {said(one.values, one.range) && `, with ${said(one.values, one.range)}`}
              </span>
              <button type="button" class="danger" disabled={busy} onClick={() => setDoomed(one)}>
                Revoke
              </button>
            </li>
          ))}
        </ul>
      </Card>
      {doomed && (
        <Confirm
          question="Revoke this link?"
          consequence="Whoever has it sees nothing any more, from now on. This cannot be undone; another link can be made."
          word="Revoke"
          onYes={() => revoke(doomed)}
          onNo={() => setDoomed(undefined)}
        />
      )}
    </div>
  );
}

const said = (values: Record<string, string>, range: string | undefined): string =>
  [
    ...Object.entries(values).map(([name, value]) => `${name} = ${value || 'all'}`),
    ...(range ? [`the last ${range}`] : []),
  ].join(', ');
