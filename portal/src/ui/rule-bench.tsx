// What a rule would have said of the last hours, before anybody switches it on: in numbers, as marks on a chart, as a list.
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { get, piece, post, url } from '../core/api';
import * as format from '../core/format';
import type { Rows, RuleTest, Sensor } from '../core/model';
import { Chart, type Line } from './chart';
import { useAct, useLoad } from './load';
import { Badge, Busy, Card, Time, Trouble } from './pieces';

const POINTS = 800;

/** How a statement is read: whose SQL it is, and where days begin. */
export interface Reading {
  sqlVersion: string;
  zone: string;
}

/** @param about the sensor that the rule is about, where that is known */
export function Bench({
  sql,
  reading,
  about,
}: {
  sql: string;
  reading: Reading;
  about: string;
}): JSX.Element {
  const [from, setFrom] = useState('-1h');
  const [ran, setRan] = useState<{ report: RuleTest; from: string }>();
  const { act, busy, problem } = useAct();
  const run = (): void =>
    void act(async () =>
      setRan({ report: await post<RuleTest>('/api/v1/rules/test', { sql, from, ...reading }), from }),
    );
  const report = ran?.report;
  return (
    <Card title="Try it on what was recorded">
      <div class="row">
        <select aria-label="From when" value={from} onChange={event => setFrom(event.currentTarget.value)}>
          <option value="-1h">the last hour</option>
          <option value="-24h">the last 24 hours</option>
          <option value="-7d">the last 7 days</option>
        </select>
        <button type="button" disabled={busy} onClick={run}>
          {busy ? 'Running…' : 'Try'}
        </button>
        <span class="muted small grow">It acts on nothing, and runs the same code as the rule.</span>
      </div>
      {busy && <Busy what="Going through recorded messages" />}
      <Trouble of={problem} />
      {ran && report && (
        <>
          <p role="status">
            <strong>{format.count(report.saidCount)}</strong> outputs of {format.count(report.taken)} messages
            that it looked at, {format.count(report.read)} read, {format.count(report.failedCount)} failures,{' '}
            {report.microsPerMessage} µs a message
            {report.complete ? '.' : `; time was up at ${format.time(report.upTo)}.`}
          </p>
          {report.unmatched && (
            <p class="notice warn">
              No message&apos;s topic matched <Names of={report.unmatched.filters} by=" or " />;{' '}
              {report.unmatched.topics.length > 0 ? (
                <>
                  there were messages on <Names of={report.unmatched.topics} by=", " />.
                </>
              ) : (
                'there was no message at all.'
              )}
            </p>
          )}
          {report.begins && (
            <p class="notice warn">
              The log has messages from {format.time(report.begins)} on: what came before is gone.
            </p>
          )}
          {report.steps.length > 0 && <Steps of={report.steps} />}
          {report.said.some(one => one.device) && (
            <Marks report={report} from={ran.from} sql={sql} about={about} />
          )}
          <ol class="attempts">
            {report.said.map((one, index) => (
              <li key={index}>
                <div class="row small muted">
                  <Time at={one.at} />
                  <span>{one.device}</span>
                  {one.alert && <Badge kind="warn">{one.alert}</Badge>}
                </div>
                <code>{one.payload}</code>
              </li>
            ))}
          </ol>
          {report.saidCount > report.said.length && (
            <p class="muted small">The first {report.said.length}.</p>
          )}
          {report.failed.map((one, index) => (
            <p key={index} class="notice bad">
              {one.what}
            </p>
          ))}
        </>
      )}
    </Card>
  );
}

function Names({ of, by }: { of: string[]; by: string }): JSX.Element {
  return (
    <>
      {of.map((name, index) => (
        <span key={name}>
          {index > 0 && by}
          <code>{name}</code>
        </span>
      ))}
    </>
  );
}

/** What became of messages and rows at each step of the rule. */
function Steps({ of }: { of: RuleTest['steps'] }): JSX.Element {
  return (
    <div class="scroll-x" tabIndex={0} role="region" aria-label="Steps of the rule">
      <table>
        <thead>
          <tr>
            <th>Step</th>
            <th>Went on</th>
            <th>Ended</th>
            <th>Waited</th>
            <th>Said</th>
          </tr>
        </thead>
        <tbody>
          {of.map(step => (
            <tr key={step.name}>
              <td>{step.name}</td>
              <td>{format.count(step.passed)}</td>
              <td>{format.count(step.dropped)}</td>
              <td>{format.count(step.waits)}</td>
              <td>{format.count(step.said)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The value of one device, and when the rule would have said something of it. */
function Marks({
  report,
  from,
  sql,
  about,
}: {
  report: RuleTest;
  from: string;
  sql: string;
  about: string;
}): JSX.Element {
  const devices = [...new Set(report.said.map(one => one.device).filter(Boolean))];
  const [chosen, setChosen] = useState({ device: '', sensor: '' });
  const device = devices.includes(chosen.device) ? chosen.device : devices[0]!;
  const sensors = useLoad(
    signal => get<{ sensors: Sensor[] }>(`/api/v1/devices/${piece(device)}/sensors`, signal),
    [device],
  );
  const names = (sensors.data?.sensors ?? []).filter(one => one.kind !== 'text').map(one => one.sensor);
  const named =
    names.find(name => name === about) ?? names.find(name => sql.replaceAll('`', '').includes(name));
  const sensor = names.includes(chosen.sensor) ? chosen.sensor : (named ?? names[0] ?? '');
  const rows = useLoad(
    signal =>
      sensor
        ? get<Rows>(url('/api/v1/series', { series: `${device}:${sensor}`, from, points: POINTS }), signal)
        : Promise.resolve(undefined),
    [device, sensor, from],
  );
  const lines = useMemo<Line[]>(
    () => [
      {
        name: `${sensor} of ${device}`,
        at: (rows.data?.rows ?? []).map(row => Date.parse(String(row[2])) / 1000),
        values: (rows.data?.rows ?? []).map(row => (typeof row[3] === 'number' ? row[3] : null)),
      },
    ],
    [rows.data],
  );
  const marks = report.said.filter(one => one.device === device).map(one => Date.parse(one.at) / 1000);
  return (
    <div class="stack tight">
      <div class="row">
        <label class="row">
          <span class="muted">Marks of</span>
          <select value={device} onChange={event => setChosen({ device: event.currentTarget.value, sensor })}>
            {devices.map(name => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
        <label class="row">
          <span class="muted">on</span>
          <select value={sensor} onChange={event => setChosen({ device, sensor: event.currentTarget.value })}>
            {names.map(name => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      </div>
      <Trouble of={sensors.problem ?? rows.problem} />
      {rows.data && <Chart title={`When it would have spoken of ${device}`} lines={lines} marks={marks} />}
    </div>
  );
}
