// Where every alert goes, whatever its rule says: sinks that are ticked.
import type { JSX } from 'preact';
import { get, put } from '../core/api';
import { may } from '../core/session';
import { useAct, useLoad } from './load';
import { Card, Empty, Trouble } from './pieces';

interface Route {
  sinks: string[];
}

export function AlertRoute(): JSX.Element {
  const sinks = useLoad(
    signal => get<{ sinks: { name: string; type: string }[] }>('/api/v1/sinks', signal),
    [],
  );
  const route = useLoad(signal => get<Route>('/api/v1/alerts/route', signal), []);
  const { act, busy, problem } = useAct();
  const chosen = route.data?.sinks ?? [];
  const choose = (name: string, on: boolean): void =>
    void act(async () => {
      await put('/api/v1/alerts/route', {
        sinks: [...chosen.filter(one => one !== name), ...(on ? [name] : [])],
      });
      route.again();
    });
  return (
    <Card title="Where all alerts go">
      <Trouble of={problem ?? sinks.problem ?? route.problem} />
      {sinks.data?.sinks.length === 0 && (
        <Empty>
          Here. To a phone as well, once there is a sink:{' '}
          <code>./tributary sink add phone ntfy topic=my-alarms</code>
        </Empty>
      )}
      {route.data && (
        <ul class="attempts">
          {sinks.data?.sinks.map(({ name, type }) => (
            <li key={name}>
              <label class="row">
                <input
                  type="checkbox"
                  checked={chosen.includes(name)}
                  disabled={busy || !may('operator')}
                  onChange={event => choose(name, event.currentTarget.checked)}
                />
                <span>
                  {name} <span class="muted">{type}</span>
                </span>
              </label>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
