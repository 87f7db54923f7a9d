// What a widget shows, each kind one component. They read for themselves, as often as their time asks for.
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { FunctionComponent } from 'preact';
import { get, piece, url } from '../core/api';
import type { Selection, Widget } from '../core/dashboards';
import * as format from '../core/format';
import { saidOf, type Alert, type DeviceLatest, type Rows } from '../core/model';
import { Chart, type Line } from './chart';
import { useLoad, useNow } from './load';
import type { MapProps } from './map';
import { Badge, Busy, Time, Trouble } from './pieces';

/** What all widgets of a dashboard share. */
export interface Shown {
  /** `1h`, or '' where `from` and `to` say it. */
  range: string;
  from: string;
  to: string;
  seconds: number;
  /** Units by sensor. */
  units: Map<string, string>;
  onRange: (from: number, to: number) => void;
}

export interface ViewProps {
  of: Widget;
  about: Selection;
  shown: Shown;
}

/** Lines that can be told apart on one chart. */
const LINES_MAX = 12;
const POINTS = 800;
const VALUES_EVERY = 3000;
const VALUES_MAX = 500;
const TABLE_ROWS = 100;
const ROW_PIXELS = 72;
const GAP_PIXELS = 12;

export function View(props: ViewProps): JSX.Element {
  switch (props.of.kind) {
    case 'chart':
      return <ChartView {...props} />;
    case 'value':
      return <ValueView {...props} />;
    case 'table':
      return <TableView {...props} />;
    case 'alarms':
      return <AlarmsView {...props} />;
    case 'map':
      return <MapView {...props} />;
    case 'text':
      return <p class="words">{props.of.text}</p>;
  }
}

/** What a widget is called where nobody named it. */
export function titleOf(of: Widget): string {
  if (of.title) return of.title;
  if (of.kind === 'map') return 'Map';
  if (of.kind === 'alarms') return 'Alarms';
  if (of.kind === 'text') return '';
  return of.sensors?.join(', ') ?? '';
}

function latestAddress({ device, type, label }: Selection, sensors: string[], limit: number): string {
  const filter = device ? { device } : { type, label };
  const wanted = sensors.map(sensor => `&sensor=${piece(sensor)}`).join('');
  return `${url('/api/v1/latest', { ...filter, limit })}${wanted}`;
}

interface Latest {
  devices: DeviceLatest[];
  next?: string;
}

/** How often a chart of so much time is read again: as its points move by about one. */
const pace = (seconds: number): number => Math.min(60_000, Math.max(2000, (seconds * 1000) / 400));

function ChartView({ of, about, shown }: ViewProps): JSX.Element {
  const sensors = of.sensors ?? [];
  const wanted = sensors.join('\n');
  const devicesMax = Math.max(1, Math.floor(LINES_MAX / Math.max(1, sensors.length)));
  const devices = useLoad(
    signal => get<Latest>(latestAddress(about, sensors, devicesMax), signal),
    [about.device, about.type, about.label, wanted],
    60_000,
  );
  const names = devices.data?.devices.filter(one => one.values.length > 0).map(one => one.device);
  const fixed = shown.from !== '';
  const series = useMemo(
    () =>
      (names ?? [])
        .flatMap(device => sensors.map(sensor => `series=${piece(`${device}:${sensor}`)}`))
        .join('&'),
    [names?.join('\n'), wanted],
  );
  const time = fixed ? { from: shown.from, to: shown.to } : { from: `-${shown.range}` };
  const rows = useLoad(
    signal =>
      series
        ? get<Rows>(`/api/v1/series?${series}&${url('', { ...time, points: POINTS }).slice(1)}`, signal)
        : Promise.resolve(undefined),
    [series, shown.from, shown.to, shown.range],
    fixed ? undefined : pace(shown.seconds),
  );
  const single = names?.length === 1;
  const lines = useMemo(
    () => linesOf(rows.data, single, sensors.length === 1),
    [rows.data, single, sensors.length],
  );
  if (sensors.length === 0) return <p class="muted">Name its sensors under Settings.</p>;
  return (
    <>
      <Trouble of={devices.problem ?? rows.problem} />
      {!devices.data && !devices.problem && <Busy what="Reading" />}
      {devices.data && (
        <Chart
          title={titleOf(of)}
          unit={sensors.length === 1 ? (shown.units.get(sensors[0]!) ?? '') : ''}
          lines={lines}
          height={Math.max(
            100,
            of.h * (ROW_PIXELS + GAP_PIXELS) - GAP_PIXELS - (lines.length > 1 ? 124 : 76),
          )}
          onRange={shown.onRange}
        />
      )}
      {devices.data?.next && (
        <p class="muted small">The first {devicesMax} devices of more; choose one above.</p>
      )}
    </>
  );
}

function linesOf(rows: Rows | undefined, oneDevice: boolean, oneSensor: boolean): Line[] {
  const lines = new Map<string, Line>();
  for (const [device, sensor, ts, value] of rows?.rows ?? []) {
    const name =
      oneDevice && !oneSensor ? String(sensor) : oneSensor ? String(device) : `${device} ${sensor}`;
    let line = lines.get(name);
    if (!line) lines.set(name, (line = { name, at: [], values: [] }));
    line.at.push(Date.parse(String(ts)) / 1000);
    line.values.push(typeof value === 'number' ? value : null);
  }
  return [...lines.values()];
}

function ValueView({ of, about, shown }: ViewProps): JSX.Element {
  const sensor = of.sensors?.[0] ?? '';
  const latest = useLoad(
    signal =>
      sensor
        ? get<Latest>(latestAddress(about, [sensor], VALUES_MAX), signal)
        : Promise.resolve<Latest>({ devices: [] }),
    [about.device, about.type, about.label, sensor],
    VALUES_EVERY,
  );
  const now = useNow();
  const known = (latest.data?.devices ?? []).flatMap(({ device, values }) =>
    values[0] ? [{ device, ts: values[0].ts, value: saidOf(values[0]) }] : [],
  );
  const numbers = known.flatMap(one => (typeof one.value === 'number' ? [one.value] : []));
  const unit = shown.units.get(sensor) ?? '';
  const switches = known.filter(one => typeof one.value === 'boolean');
  const one = known.length === 1 ? known[0]! : undefined;
  const mean = numbers.length > 0 ? numbers.reduce((sum, value) => sum + value, 0) / numbers.length : null;
  return (
    <>
      <h3 class="cut">{titleOf(of)}</h3>
      <Trouble of={latest.problem} />
      <p class="big">
        {!one && switches.length > 0
          ? `${switches.filter(each => each.value === true).length} of ${switches.length}`
          : format.value(one ? one.value : mean)}{' '}
        <small class="muted">{unit}</small>
      </p>
      <p class="muted small">
        {one && (
          <>
            {one.device}, <Time at={one.ts} now={now} />
          </>
        )}
        {!one && numbers.length > 0 && (
          <>
            mean of {format.count(numbers.length)}
            {latest.data?.next ? ' and more' : ''}; {format.value(Math.min(...numbers))} to{' '}
            {format.value(Math.max(...numbers))}
          </>
        )}
        {!one && switches.length > 0 && 'are on'}
        {known.length === 0 && latest.data && 'nothing yet'}
      </p>
    </>
  );
}

function TableView({ of, about, shown }: ViewProps): JSX.Element {
  const wanted = of.sensors ?? [];
  const latest = useLoad(
    signal => get<Latest>(latestAddress(about, wanted, TABLE_ROWS), signal),
    [about.device, about.type, about.label, wanted.join('\n')],
    VALUES_EVERY,
  );
  const now = useNow();
  const devices = latest.data?.devices.filter(one => one.values.length > 0) ?? [];
  const columns =
    wanted.length > 0
      ? wanted
      : [...new Set(devices.flatMap(one => one.values.map(value => value.sensor)))].slice(0, 8);
  return (
    <>
      <h3>{titleOf(of)}</h3>
      <Trouble of={latest.problem} />
      {!latest.data && !latest.problem && <Busy what="Reading" />}
      <div class="scroll-x rest" tabIndex={0} role="region" aria-label={titleOf(of) || 'Newest values'}>
        <table>
          <thead>
            <tr>
              <th scope="col">Device</th>
              {columns.map(sensor => (
                <th key={sensor} scope="col" class="number">
                  {sensor} {shown.units.get(sensor)}
                </th>
              ))}
              <th scope="col">Heard</th>
            </tr>
          </thead>
          <tbody>
            {devices.map(({ device, values }) => (
              <tr key={device}>
                <td>
                  <a href={`/devices/${piece(device)}`}>{device}</a>
                </td>
                {columns.map(sensor => (
                  <td key={sensor} class="number">
                    {format.value(saidOf(values.find(one => one.sensor === sensor)))}
                  </td>
                ))}
                <td>
                  <Time at={newest(values)} now={now} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        {latest.data?.next && <p class="muted small">The first {TABLE_ROWS} of more.</p>}
      </div>
    </>
  );
}

const newest = (values: { ts: string }[]): string =>
  values.reduce((most, one) => (one.ts > most ? one.ts : most), '');

function AlarmsView({ of, about }: ViewProps): JSX.Element {
  const alerts = useLoad(
    signal => get<{ alerts: Alert[] }>('/api/v1/alerts?grouped=true', signal),
    [],
    VALUES_EVERY,
  );
  const now = useNow();
  const shown = (alerts.data?.alerts ?? []).filter(one => !about.device || one.device === about.device);
  return (
    <>
      <h3>{titleOf(of)}</h3>
      <Trouble of={alerts.problem} />
      {alerts.data && shown.length === 0 && (
        <p class="muted">None: nothing is wrong that a rule looks for.</p>
      )}
      <ul class="attempts rest" tabIndex={0} aria-label="Alarms">
        {shown.map(one => (
          <li key={`${one.rule} ${one.name} ${one.key}`} class="row">
            <Badge kind={one.state === 'raised' ? 'bad' : 'warn'}>{one.name}</Badge>
            <a class="grow cut" href="/alarms">
              {one.alike > 1 ? `${format.count(one.alike)} devices` : one.device}
            </a>
            <span class="muted small">
              <Time at={one.raisedAt} now={now} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** The map and its data are read when the first one is shown. */
function MapView({ of, about }: ViewProps): JSX.Element {
  const [show, setShow] = useState<FunctionComponent<MapProps>>();
  useEffect(() => void import('./map').then(({ DeviceMap }) => setShow(() => DeviceMap)), []);
  const Here = show;
  return Here ? (
    <Here title={titleOf(of)} about={about} sensors={of.sensors ?? []} />
  ) : (
    <Busy what="Loading the map" />
  );
}
