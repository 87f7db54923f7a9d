// Tenants of the installation: added with a link for their first owner, and removed with all that they have.
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { get, piece, post, remove } from '../core/api';
import type { Tenant } from '../core/model';
import { useAct, useLoad } from '../ui/load';
import { Badge, Busy, Card, Code, Confirm, Time, Trouble } from '../ui/pieces';

interface Removal {
  id: string;
  removedAt: string;
  phase: 'stopping' | 'waiting' | 'rewriting' | 'expiring' | 'log' | 'done';
  phaseSince: string;
}

const EVERY = 5000;
const PHASES: Record<Removal['phase'], string> = {
  stopping: 'connections, sinks and rules end',
  waiting: 'rows in memory go into files',
  rewriting: 'files are rewritten without its rows',
  expiring: 'no query sees it; old files wait for queries that run',
  log: 'its messages wait for the end of their time in the log',
  done: 'nothing of it is left',
};

export function Tenants(): JSX.Element {
  const tenants = useLoad(signal => get<{ tenants: Tenant[] }>('/api/v1/tenants', signal), []);
  const removals = useLoad(
    signal => get<{ removals: Removal[] }>('/api/v1/tenant-removals', signal),
    [],
    EVERY,
  );
  const [doomed, setDoomed] = useState<Tenant>();
  const { act, busy, problem } = useAct();
  const destroy = (tenant: Tenant): void =>
    void act(async () => {
      setDoomed(undefined);
      await remove(`/api/v1/tenants/${piece(tenant.id)}`);
      tenants.again();
      removals.again();
    });
  return (
    <div class="columns">
      <Card title="Tenants">
        <Trouble of={problem ?? tenants.problem} />
        {!tenants.data && !tenants.problem && <Busy what="Reading tenants" />}
        <ul class="plain" aria-label="Tenants">
          {tenants.data?.tenants.map(tenant => (
            <li key={tenant.id} class="row">
              <span class="grow break">
                {tenant.id}{' '}
                <span class="muted">
                  {tenant.title} · <Time at={tenant.createdAt} />
                </span>
              </span>
              <a class="button" href={`/admin?tab=limits&tenant=${piece(tenant.id)}`}>
                Limits
              </a>
              {tenant.id === 'main' ? (
                <span class="muted small">this installation's own</span>
              ) : (
                <button type="button" class="danger" disabled={busy} onClick={() => setDoomed(tenant)}>
                  Remove
                </button>
              )}
            </li>
          ))}
        </ul>
      </Card>
      <Add onMade={tenants.again} />
      {!!removals.data?.removals.length && (
        <Card title="Removed">
          <ul class="plain" aria-label="Removed tenants">
            {removals.data.removals.map(one => (
              <li key={one.id} class="row">
                <b class="break">{one.id}</b>
                <Badge kind={one.phase === 'done' ? 'good' : 'warn'}>{one.phase}</Badge>
                <span class="grow muted small">
                  {PHASES[one.phase]}, since <Time at={one.phaseSince} />
                </span>
              </li>
            ))}
          </ul>
          <Trouble of={removals.problem} />
        </Card>
      )}
      {doomed && (
        <Confirm
          question={`Remove the tenant ${doomed.id}?`}
          consequence="Its people, devices, rules, sinks and dashboards are gone at once and its connections end; all that it ever sent is erased afterwards. This cannot be undone."
          word={`Remove ${doomed.id}`}
          onYes={() => destroy(doomed)}
          onNo={() => setDoomed(undefined)}
        />
      )}
    </div>
  );
}

function Add({ onMade }: { onMade: () => void }): JSX.Element {
  const [id, setId] = useState('');
  const [made, setMade] = useState<Tenant>();
  const { act, busy, problem } = useAct();
  const add = (event: Event): void => {
    event.preventDefault();
    void act(async () => {
      setMade(await post<Tenant>('/api/v1/tenants', { id, title: id }));
      setId('');
      onMade();
    });
  };
  return (
    <Card title="Add a tenant">
      <p class="muted">A closed world of its own: devices, topics, tables, people.</p>
      <form class="row" onSubmit={add}>
        <input
          aria-label="Name of the tenant"
          required
          value={id}
          onInput={event => setId(event.currentTarget.value)}
        />
        <button type="submit" class="first" disabled={busy}>
          Add
        </button>
      </form>
      <Trouble of={problem} />
      {made?.link && (
        <>
          <p>Its first owner signs in with this link, once, within a day:</p>
          <Code text={location.origin + made.link} />
        </>
      )}
    </Card>
  );
}
