// A dashboard as its link shows it, to whoever has the link.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Problem, get } from '../core/api';
import type { Dashboard } from '../core/dashboards';
import * as format from '../core/format';
import { Board, type SharedAs } from '../ui/board';
import { asProblem, useLoad } from '../ui/load';
import { Busy, Trouble } from '../ui/pieces';

interface SharedDashboard extends SharedAs {
  dashboard: Dashboard;
  expiresAt: string;
}

/** How often the dashboard itself is looked at: somebody may change it. */
const EVERY = 60_000;

export function Shared(): JSX.Element {
  const [open, setOpen] = useState(false);
  const [refused, setRefused] = useState<Problem>();
  useEffect(() => {
    enter().then(
      () => setOpen(true),
      failure => setRefused(asProblem(failure)),
    );
  }, []);
  if (refused) return <Closed of={refused} />;
  return open ? <Opened /> : <Busy what="Opening the link" />;
}

/** The secret goes out of the address at once; a cookie that no script can read takes its place. */
async function enter(): Promise<void> {
  const secret = location.hash.slice(1);
  if (!secret) return;
  history.replaceState(null, '', location.pathname);
  const answer = await fetch('/api/v1/shared/session', {
    method: 'POST',
    credentials: 'same-origin',
    headers: { Authorization: `Bearer ${secret}` },
  });
  if (!answer.ok) {
    const { title = '', detail = '' } = (await answer.json()) as { title?: string; detail?: string };
    throw new Problem(answer.status, title, detail, {});
  }
}

function Opened(): JSX.Element {
  const view = useLoad(signal => get<SharedDashboard>('/api/v1/shared', signal), [], EVERY);
  if (view.problem && (!view.data || [401, 403, 404].includes(view.problem.status)))
    return <Closed of={view.problem} />;
  if (!view.data) return <Busy what="Reading the dashboard" />;
  const { dashboard, expiresAt } = view.data;
  return (
    <div class="stack">
      <header class="row">
        <h1 class="grow">{dashboard.title}</h1>
        <span class="muted small">
          the last {view.data.range}, times are {format.zone()}; this link is good until{' '}
          {format.time(expiresAt)}
        </span>
      </header>
      <Trouble of={view.problem} />
      <Board of={dashboard} shared={view.data} />
    </div>
  );
}

function Closed({ of }: { of: Problem }): JSX.Element {
  return (
    <div class="stack">
      <h1>Nothing to see here</h1>
      {[401, 403, 404].includes(of.status) ? (
        <p>
          The link has expired or was revoked, or it is not whole. Ask whoever gave it to you for another.
        </p>
      ) : (
        <Trouble of={of} />
      )}
    </div>
  );
}
