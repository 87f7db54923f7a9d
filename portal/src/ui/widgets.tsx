// What a widget shows, each kind one component. They read for themselves, and follow what is new.
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { FunctionComponent } from 'preact';
import { get, piece, url } from '../core/api';
import type { Selection, Widget } from '../core/dashboards';
import * as format from '../core/format';
import { wants } from '../core/live';
import { saidOf, type Alert, type Rows, type Values } from '../core/model';
import { isBefore } from '../core/times';
import { Chart, type Line } from './chart';
import { useAlerts, useFollow, useLatest, type Latest } from './follow';
import { append, trim, type Lines } from './lines';
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
  /** Its place on a dashboard that is seen by a link; such a page may ask for widgets and nothing else. */
  shared?: number | undefined;
}

/** What a widget of that place shows, for who has a link. */
const sharedWidget = (place: number): string => `/api/v1/shared/widgets/${place}`;

/** The last values that a widget is about. Which of the two it is never changes. */
function useValues({ about, shared }: ViewProps, sensors: string[], limit: number) {
  return shared === undefined
    ? useLatest(about, sensors, limit)
    : useLoad(signal => get<Latest>(sharedWidget(shared), signal), [shared], SHARED_EVERY);
}

/** Lines that can be told apart on one chart. */
const LINES_MAX = 12;
const POINTS = 800;
/** Changes of alerts come live; this is for what no change tells. */
const ALERTS_EVERY = 30_000;
const VALUES_MAX = 500;
const TABLE_ROWS = 100;
/** Values that a chart remembers to have heard. */
const SAID_MAX = 4000;
/** How often a page that is seen by a link asks. */
const SHARED_EVERY = 5000;
const ROW_PIXELS = 72;
const GAP_PIXELS = 12;

export function View(props: ViewProps): JSX.Element {
  switch (props.of.kind) {
    case 'chart':
      return props.shared === undefined ? <ChartView {...props} /> : <SharedChart {...props} />;
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

/** How often a chart of so much time is read again: what is new comes live, and points of before become fewer. */
const pace = (seconds: number): number => Math.min(60_000, Math.max(15_000, (seconds * 1000) / 100));

function ChartView({ of, about, shown }: ViewProps): JSX.Element {
  const sensors = of.sensors ?? [];
  const wanted = sensors.join('\n');
  const devicesMax = Math.max(1, Math.floor(LINES_MAX / Math.max(1, sensors.length)));
  const devices = useLatest(about, sensors, devicesMax);
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
  const address = series && `/api/v1/series?${series}&${url('', { ...time, points: POINTS }).slice(1)}`;
  const rows = useLoad(
    signal => (address ? get<Rows>(address, signal) : Promise.resolve(undefined)),
    [series, shown.from, shown.to, shown.range],
    fixed ? undefined : pace(shown.seconds),
  );
  const single = names?.length === 1;
  const nameOf = (device: string, sensor: string): string => lineName(device, sensor, single, sensors);
  const { lines, version } = useGrowing(
    rows.data,
    nameOf,
    fixed ? [] : (names ?? []),
    sensors,
    shown.seconds,
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
          version={version}
          height={chartHeight(of, lines)}
          onRange={shown.onRange}
          address={address || undefined}
        />
      )}
      {devices.data?.more && (
        <p class="muted small">The first {devicesMax} devices of more; choose one above.</p>
      )}
    </>
  );
}

/** The lines that were read, and what these devices said since, put in once a frame. */
function useGrowing(
  rows: Rows | undefined,
  nameOf: (device: string, sensor: string) => string,
  devices: string[],
  sensors: string[],
  seconds: number,
): { lines: Line[]; version: number } {
  const [version, setVersion] = useState(0);
  const frame = useRef(0);
  /** What was said since the first reading was asked for: the next may be behind it a moment. */
  const said = useRef<[device: string, sensor: string, ts: string, value: number | boolean | null][]>([]);
  const kept = useRef<Lines>(new Map());
  const lines = useMemo(() => {
    const fresh: Lines = new Map();
    for (const [device, sensor, ts, value] of rows?.rows ?? []) {
      append(
        fresh,
        nameOf(String(device), String(sensor)),
        String(ts),
        typeof value === 'number' ? value : null,
      );
    }
    for (const [device, sensor, ts, value] of said.current) {
      if (devices.includes(device) && sensors.includes(sensor))
        append(fresh, nameOf(device, sensor), ts, value);
    }
    kept.current = fresh;
    return [...fresh.values()];
  }, [rows, devices.join('\n'), sensors.join('\n')]);
  useFollow<Values>(devices.map(wants.values), event => {
    for (const { sensor, ts, value } of event.values) {
      if (value === undefined || !sensors.includes(sensor)) continue;
      said.current.push([event.device, sensor, ts, value]);
      append(kept.current, nameOf(event.device, sensor), ts, value);
    }
    if (said.current.length > SAID_MAX) said.current.splice(0, said.current.length - SAID_MAX / 2);
    frame.current ||= requestAnimationFrame(() => {
      frame.current = 0;
      trim(kept.current, seconds);
      setVersion(known => known + 1);
    });
  });
  useEffect(() => () => cancelAnimationFrame(frame.current), []);
  return { lines: kept.current.size === lines.length ? lines : [...kept.current.values()], version };
}

/** A chart that only knows what the server shows of it. */
function SharedChart({ of, shown, shared = 0 }: ViewProps): JSX.Element {
  const sensors = of.sensors ?? [];
  const rows = useLoad(signal => get<Rows>(sharedWidget(shared), signal), [shared], pace(shown.seconds));
  const single = new Set(rows.data?.rows.map(row => row[0])).size === 1;
  const nameOf = (device: string, sensor: string): string => lineName(device, sensor, single, sensors);
  const { lines, version } = useGrowing(rows.data, nameOf, [], sensors, 0);
  return (
    <>
      <Trouble of={rows.problem} />
      {!rows.data && !rows.problem && <Busy what="Reading" />}
      {rows.data && (
        <Chart
          title={titleOf(of)}
          unit={sensors.length === 1 ? (shown.units.get(sensors[0]!) ?? '') : ''}
          lines={lines}
          version={version}
          height={chartHeight(of, lines)}
        />
      )}
    </>
  );
}

const lineName = (device: string, sensor: string, single: boolean, sensors: string[]): string =>
  single && sensors.length > 1 ? sensor : sensors.length === 1 ? device : `${device} ${sensor}`;

const chartHeight = (of: Widget, lines: Line[]): number =>
  Math.max(100, of.h * (ROW_PIXELS + GAP_PIXELS) - GAP_PIXELS - (lines.length > 1 ? 124 : 76));

function ValueView(props: ViewProps): JSX.Element {
  const { of, shown } = props;
  const sensor = of.sensors?.[0] ?? '';
  const latest = useValues(props, sensor ? [sensor] : [], sensor ? VALUES_MAX : 1);
  const now = useNow();
  const known = (sensor ? (latest.data?.devices ?? []) : []).flatMap(({ device, values }) =>
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
            {latest.data?.more ? ' and more' : ''}; {format.value(Math.min(...numbers))} to{' '}
            {format.value(Math.max(...numbers))}
          </>
        )}
        {!one && switches.length > 0 && 'are on'}
        {known.length === 0 && latest.data && 'nothing yet'}
      </p>
    </>
  );
}

function TableView(props: ViewProps): JSX.Element {
  const { of, shown, shared } = props;
  const wanted = of.sensors ?? [];
  const latest = useValues(props, wanted, TABLE_ROWS);
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
                <td>{shared === undefined ? <a href={`/devices/${piece(device)}`}>{device}</a> : device}</td>
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
        {latest.data?.more && <p class="muted small">The first {TABLE_ROWS} of more.</p>}
      </div>
    </>
  );
}

const newest = (values: { ts: string }[]): string =>
  values.reduce((most, one) => (isBefore(most, one.ts) ? one.ts : most), '');

function AlarmsView({ of, about, shared }: ViewProps): JSX.Element {
  const alerts = useLoad(
    signal =>
      get<{ alerts: ShownAlert[] }>(
        shared === undefined ? '/api/v1/alerts?grouped=true' : sharedWidget(shared),
        signal,
      ),
    [],
    shared === undefined ? ALERTS_EVERY : SHARED_EVERY,
  );
  useAlerts(alerts.again, shared === undefined);
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
          <li key={`${one.rule ?? ''} ${one.name} ${one.key}`} class="row">
            <Badge kind={one.state === 'raised' ? 'bad' : 'warn'}>{one.name}</Badge>
            {shared === undefined ? (
              <a class="grow cut" href="/alarms">
                {whose(one)}
              </a>
            ) : (
              <span class="grow cut">{whose(one)}</span>
            )}
            <span class="muted small">
              <Time at={one.raisedAt} now={now} />
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}

/** What a link shows of an alert. */
type ShownAlert = Pick<Alert, 'name' | 'key' | 'state' | 'device' | 'raisedAt' | 'alike'> & { rule?: string };

const whose = (of: ShownAlert): string => (of.alike > 1 ? `${format.count(of.alike)} devices` : of.device);

/** The map and its data are read when the first one is shown. */
function MapView({ of, about, shared }: ViewProps): JSX.Element {
  const [show, setShow] = useState<FunctionComponent<MapProps>>();
  useEffect(() => void import('./map').then(({ DeviceMap }) => setShow(() => DeviceMap)), []);
  const Here = show;
  return Here ? (
    <Here title={titleOf(of)} about={about} sensors={of.sensors ?? []} shared={shared} />
  ) : (
    <Busy what="Loading the map" />
  );
}
