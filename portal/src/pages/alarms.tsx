// The inbox: one line a problem, a storm of one cause is one line with a count.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get, piece, post, url } from '../core/api';
import * as format from '../core/format';
import type { Alert, AlertEvent } from '../core/model';
import { query, refine } from '../core/router';
import { may } from '../core/session';
import { AlertRoute } from '../ui/alert-route';
import { Export, quoted, sqlAddress } from '../ui/export';
import { useAlerts } from '../ui/follow';
import { useAct, useLoad, useNow } from '../ui/load';
import { Badge, Busy, Card, Empty, Page, Time, Trouble } from '../ui/pieces';
import { Silences } from '../ui/silences';

/** Changes come live; this is for what no change tells, such as an end of the stream. */
const EVERY = 30_000;

export function Alarms(): JSX.Element {
  const state = query.value.get('state') ?? '';
  const alerts = useLoad(
    signal => get<{ alerts: Alert[] }>(url('/api/v1/alerts', { state, grouped: 'true' }), signal),
    [state],
    EVERY,
  );
  useAlerts(alerts.again);
  const { act, busy, problem } = useAct();
  const acknowledge = ({ rule, name, key, alike, alikeSince, raisedAt }: Alert): void =>
    void act(async () => {
      await (alike > 1
        ? post('/api/v1/alerts/acknowledge-storm', { rule, name, from: alikeSince, to: raisedAt })
        : post('/api/v1/alerts/acknowledge', { rule, name, key }));
      alerts.again();
    });
  return (
    <Page
      title="Alarms"
      lead="What rules with ALERT found to be wrong."
      actions={
        <>
          <select
            aria-label="Which"
            value={state}
            onChange={event => refine({ state: event.currentTarget.value })}
          >
            <option value="">not cleared</option>
            <option value="raised">nobody knows yet</option>
            <option value="acknowledged">acknowledged</option>
            <option value="cleared">cleared</option>
          </select>
          <Export address={sqlAddress(listed(state))} name="alerts" />
        </>
      }
    >
      <Trouble of={problem ?? alerts.problem} />
      {!alerts.data && !alerts.problem && <Busy what="Reading alarms" />}
      {alerts.data?.alerts.length === 0 && (
        <Card>
          <Empty>
            None. <a href="/rules">A rule</a> with ALERT raises them, such as{' '}
            <code>
              SELECT * FROM 'devices/+/telemetry' ALERT hot PER device_id() WHEN temperature {'>'} 60 FOR 10s
            </code>
          </Empty>
        </Card>
      )}
      <ul class="alarms">
        {alerts.data?.alerts.map(alert => (
          <Line
            key={`${alert.rule} ${alert.name} ${alert.key} ${alert.raisedAt}`}
            of={alert}
            busy={busy}
            onKnown={acknowledge}
          />
        ))}
      </ul>
      <AlertRoute />
      <Silences />
    </Page>
  );
}

/** @return the statement that finds the same alerts, each of a storm by itself */
function listed(state: string): string {
  const which = state ? `state = ${quoted(state)}` : "state <> 'cleared'";
  return `SELECT * FROM alerts WHERE ${which} ORDER BY raised DESC`;
}

interface LineProps {
  of: Alert;
  busy: boolean;
  onKnown: (of: Alert) => void;
}

function Line({ of, busy, onKnown }: LineProps): JSX.Element {
  const now = useNow();
  const [open, setOpen] = useState(false);
  const kind = of.state === 'raised' ? 'bad' : of.state === 'acknowledged' ? 'warn' : 'good';
  const beside = of.key === 'null' || of.key === JSON.stringify(of.device) ? '' : of.key;
  const about = of.device || (of.key === 'null' ? '' : of.key);
  return (
    <li class="card stack tight">
      <div class="row">
        <Badge kind={kind}>{of.state}</Badge>
        <strong>{of.name}</strong>
        {of.severity && <span>{of.severity}</span>}
        {of.silenced && <Badge>silenced</Badge>}
        {of.alike > 1 ? (
          <span>{format.count(of.alike)} alike</span>
        ) : of.device ? (
          <>
            <a href={`/devices/${piece(of.device)}`}>{of.device}</a>
            {beside && <span>{beside}</span>}
          </>
        ) : (
          <span>{about}</span>
        )}
        <span class="muted grow">
          <Time at={of.raisedAt} now={now} />
          {of.raises > 1 && `, ${format.count(of.raises)} times since `}
          {of.raises > 1 && <Time at={of.firstRaisedAt} />}
        </span>
        {of.state === 'raised' && may('operator') && (
          <button type="button" class="first" disabled={busy} onClick={() => onKnown(of)}>
            {of.alike > 1 ? 'Acknowledge all' : 'Acknowledge'}
          </button>
        )}
        <button type="button" class="plain" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Less' : 'More'}
        </button>
      </div>
      {open && (
        <dl class="facts">
          <dt>Rule</dt>
          <dd>
            <a href={`/rules/${piece(of.rule)}`}>{of.rule}</a>
          </dd>
          {of.alike === 1 && (
            <>
              <dt>About</dt>
              <dd>{about || 'everything'}</dd>
            </>
          )}
          {of.acknowledgedBy && (
            <>
              <dt>Known by</dt>
              <dd>
                {of.acknowledgedBy}, <Time at={of.acknowledgedAt} />
              </dd>
            </>
          )}
          {of.endedBy && (
            <>
              <dt>Ended by</dt>
              <dd>{of.endedBy}, who changed the rule</dd>
            </>
          )}
          <dt>Said last</dt>
          <dd>
            <code>{of.payload}</code>
          </dd>
          {of.alike === 1 && <Life of={of} />}
        </dl>
      )}
      {open && of.alike > 1 && <Storm of={of} busy={busy} onKnown={onKnown} />}
    </li>
  );
}

/** Those that a line stands for, a device each as a rule. */
function Storm({ of, busy, onKnown }: LineProps): JSX.Element {
  const { rule, name, state, alikeSince, raisedAt } = of;
  const each = useLoad(
    signal =>
      get<{ alerts: Alert[] }>(
        url('/api/v1/alerts/storm', { rule, name, state, from: alikeSince, to: raisedAt }),
        signal,
      ),
    [rule, name, state, alikeSince, raisedAt, of.alike],
  );
  const found = each.data?.alerts ?? [];
  return (
    <>
      <Trouble of={each.problem} />
      {!each.data && !each.problem && <Busy what="Reading them" />}
      <ul class="alarms storm" tabIndex={0} aria-label={`Alarms of ${rule}, ${name}`}>
        {found.map(alert => (
          <Line key={alert.key} of={alert} busy={busy} onKnown={onKnown} />
        ))}
      </ul>
      {found.length > 0 && found.length < of.alike && (
        <p class="muted small">The newest {format.count(found.length)}.</p>
      )}
    </>
  );
}

/** What became of it, and who did that. */
function Life({ of }: { of: Alert }): JSX.Element {
  const life = useLoad(
    signal =>
      get<{ events: AlertEvent[] }>(
        url('/api/v1/alerts/history', { rule: of.rule, name: of.name, key: of.key, limit: 20 }),
        signal,
      ),
    [of.rule, of.name, of.key, of.state, of.raises],
  );
  return (
    <>
      <dt>Its life</dt>
      <dd>
        <Trouble of={life.problem} />
        {life.data?.events.map(event => (
          <div key={event.sequence}>
            <Time at={event.at} /> {event.what}
            {event.by && ` by ${event.by}`}
            {event.silenced && ', silenced'}
          </div>
        ))}
      </dd>
    </>
  );
}
