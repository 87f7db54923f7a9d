// What is wrong first, then how much there is.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, piece } from '../core/api';
import * as format from '../core/format';
import type { Device, Fleet, Status } from '../core/model';
import { Chart, type Line } from '../ui/chart';
import { Health } from '../ui/health';
import { useLoad, useNow } from '../ui/load';
import { Busy, Card, Empty, Figure, Page, Time, Trouble } from '../ui/pieces';

const EVERY = 2000;
const POINTS = 300;

export function Overview(): JSX.Element {
  const status = useLoad(signal => get<Status>('/api/v1/status', signal), [], EVERY);
  const fleet = useLoad(signal => get<Fleet>('/api/v1/fleet?limit=8', signal), [], EVERY);
  const now = status.data;
  const heard = fleet.data;
  return (
    <Page title="Overview">
      <Trouble of={status.problem ?? fleet.problem} />
      {now?.problems.map(problem => (
        <div key={problem} class="notice warn" role="alert">
          {problem}
        </div>
      ))}
      {!now || !heard ? (
        !status.problem && <Busy what="Asking how things are" />
      ) : (
        <>
          <div class="figures">
            <Figure
              label="Devices"
              value={format.brief(heard.devices)}
              note={`${format.count(heard.new)} never heard`}
              href="/devices"
            />
            <Figure
              label="As usual"
              value={format.brief(heard.good)}
              note={`${format.count(now.sessions.connected)} connected by MQTT`}
            />
            <Figure
              label="Late"
              value={format.brief(heard.late)}
              note={heard.late === 0 ? 'none' : 'missed 3 messages or more'}
            />
            <Figure
              label="Messages a second"
              value={now.rates ? format.brief(now.rates.messagesPerSecond) : '–'}
              note={
                now.rates
                  ? `${format.brief(now.rates.readingsPerSecond)} readings`
                  : 'of the installation: not shown'
              }
            />
          </div>
          {heard.devices === 0 ? <First /> : <Worst devices={heard.worst} late={heard.late} />}
          {now.rates && <Rate value={now.rates.messagesPerSecond} at={now} />}
        </>
      )}
    </Page>
  );
}

function First(): JSX.Element {
  return (
    <Card title="Nothing here yet">
      <Empty command="./tributary send my-first temp=21.5">
        <a href="/connect">Connect a device</a>, or send a first message from a terminal on the server's
        machine:
      </Empty>
    </Card>
  );
}

function Worst({ devices, late }: { devices: Device[]; late: number }): JSX.Element {
  const now = useNow();
  return (
    <Card title="Needs a look">
      {devices.length === 0 ? (
        <p class="muted">Every device that was heard before is heard as usual.</p>
      ) : (
        <div class="scroll-x">
          <table>
            <thead>
              <tr>
                <th scope="col">Device</th>
                <th scope="col">How it is</th>
                <th scope="col">Heard</th>
              </tr>
            </thead>
            <tbody>
              {devices.map(device => (
                <tr key={device.id}>
                  <td>
                    <a href={`/devices/${piece(device.id)}`}>{device.id}</a>
                  </td>
                  <td>
                    <Health of={device} />
                  </td>
                  <td>
                    <Time at={device.health.lastAt} now={now} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {late > devices.length && <p class="muted">and {format.count(late - devices.length)} more</p>}
        </div>
      )}
    </Card>
  );
}

/** Messages a second since this page is open. */
function Rate({ value, at }: { value: number; at: Status }): JSX.Element {
  const line = useRef<Line>({ name: 'messages/s', at: [], values: [] });
  const [version, setVersion] = useState(0);
  useEffect(() => {
    const { at: times, values } = line.current;
    times.push(Date.now() / 1000);
    values.push(value);
    if (times.length > POINTS) {
      times.shift();
      values.shift();
    }
    setVersion(version + 1);
  }, [at]);
  return (
    <Card>
      <Chart title="Messages a second" zero lines={[line.current]} version={version} />
    </Card>
  );
}
