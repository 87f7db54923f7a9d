// A device's values as they come, and charts of any time: the server thins them out, keeping the extremes.
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { get, piece, url } from '../core/api';
import * as format from '../core/format';
import { follow, wants } from '../core/live';
import { saidOf, type LatestValue, type Rows, type Sensor, type Values } from '../core/model';
import { seconds } from '../core/range';
import { query, refine } from '../core/router';
import { may } from '../core/session';
import { isBefore } from '../core/times';
import { Chart, type Line } from '../ui/chart';
import { Export } from '../ui/export';
import { append, trim } from '../ui/lines';
import { useLoad, useNow } from '../ui/load';
import { Busy, Card, Empty, Time, Trouble } from '../ui/pieces';
import { RangeChoice } from '../ui/range';

const CHARTS = 12;
const POINTS = 800;

export function Live({ device }: { device: string }): JSX.Element {
  const range = query.value.get('range') ?? '15m';
  const from = query.value.get('from') ?? '';
  const to = query.value.get('to') ?? '';
  const zoomed = from !== '' && to !== '';
  const [all, setAll] = useState(false);

  const sensors = useLoad(
    signal => get<{ sensors: Sensor[] }>(`/api/v1/devices/${piece(device)}/sensors`, signal),
    [device],
  );
  const count = sensors.data?.sensors.length;
  const latest = useLoad(
    signal => get<{ values: LatestValue[] }>(`/api/v1/devices/${piece(device)}/latest`, signal),
    [device, count],
  );
  useEffect(() => {
    // The first message may be on its way into the tables still.
    const timer = count === 0 ? setTimeout(sensors.again, 700) : undefined;
    return () => clearTimeout(timer);
  }, [sensors.data]);
  const drawn = useMemo(
    () => (sensors.data?.sensors ?? []).filter(sensor => sensor.kind !== 'text').slice(0, all ? 200 : CHARTS),
    [sensors.data, all],
  );
  const names = drawn.map(sensor => sensor.sensor).join('\n');
  const addressOf = (of: string[]): string => {
    const series = of.map(sensor => `series=${piece(`${device}:${sensor}`)}`).join('&');
    return `/api/v1/series?${series}&${url('', zoomed ? { from, to, points: POINTS } : { from: `-${range}`, points: POINTS }).slice(1)}`;
  };
  const address = useMemo(
    () => addressOf(drawn.map(sensor => sensor.sensor)),
    [device, names, range, from, to],
  );
  const series = useLoad(
    signal => (names ? get<Rows>(address, signal) : Promise.resolve(undefined)),
    [address],
  );

  const span = seconds(range);
  const { lines, version, values } = useLines(
    device,
    series.data,
    latest.data?.values,
    zoomed ? 0 : span,
    sensors.again,
    latest.again,
  );
  const now = useNow();

  const total = sensors.data?.sensors.filter(sensor => sensor.kind !== 'text').length ?? 0;
  const zoom = (begin: number, end: number): void =>
    refine({ from: new Date(begin * 1000).toISOString(), to: new Date(end * 1000).toISOString() });

  return (
    <div class="stack">
      <div class="row">
        <RangeChoice range={range} from={from} to={to} />
        <span class="muted small grow">Times are {format.zone()}. Drag over a chart to look closer.</span>
        {names && <Export address={address} name={`${device}.series`} />}
      </div>
      <Trouble of={sensors.problem ?? series.problem ?? latest.problem} />
      {!sensors.data ? (
        !sensors.problem && <Busy what="Reading sensors" />
      ) : sensors.data.sensors.length === 0 ? (
        <Card>
          <Empty command={`./tributary send ${device} temp=21.5`}>
            It has sent no reading yet. What it sends shows up here by itself:
          </Empty>
        </Card>
      ) : (
        <>
          <Newest values={values} sensors={sensors.data.sensors} now={now} />
          {series.busy && !series.data && <Busy what="Reading the past" />}
          <div class="columns">
            {drawn.map(sensor => (
              <section class="card" key={sensor.sensor}>
                <Chart
                  address={addressOf([sensor.sensor])}
                  title={sensor.sensor}
                  unit={sensor.unit}
                  lines={[lines.get(sensor.sensor) ?? NOTHING]}
                  version={version}
                  steps={sensor.kind === 'boolean'}
                  onRange={zoom}
                />
                {may('operator') && (
                  <a class="small" href={ruleAddress(device, sensor.sensor, values.get(sensor.sensor))}>
                    Make an alarm of it
                  </a>
                )}
              </section>
            ))}
          </div>
          {total > drawn.length && (
            <button type="button" onClick={() => setAll(true)}>
              Show all {format.count(total)} charts
            </button>
          )}
        </>
      )}
    </div>
  );
}

/** The form of a new rule, with this sensor and what it says now. */
function ruleAddress(device: string, sensor: string, newest: LatestValue | undefined): string {
  const name = `${device}-${sensor}`.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  const value = String(saidOf(newest) ?? '');
  return url(`/rules/${piece(name.slice(0, 100) || 'rule')}`, { sensor, device, value });
}

const NOTHING: Line = { name: '', at: [], values: [] };

function Newest({
  values,
  sensors,
  now,
}: {
  values: Map<string, LatestValue>;
  sensors: Sensor[];
  now: number;
}): JSX.Element {
  return (
    <div class="figures" aria-live="off">
      {sensors.map(({ sensor, unit }) => {
        const newest = values.get(sensor);
        return (
          <div class="figure" key={sensor} data-sensor={sensor}>
            <span class="muted small cut" title={sensor}>
              {sensor}
            </span>
            <b class="cut">
              {format.value(saidOf(newest))} <small class="muted">{unit}</small>
            </b>
            <span class="muted small">{newest ? <Time at={newest.ts} now={now} /> : 'nothing yet'}</span>
          </div>
        );
      })}
    </div>
  );
}

interface Kept {
  lines: Map<string, Line>;
  values: Map<string, LatestValue>;
}

/**
 * Lines of each sensor: the past as it was read, then what comes live. Live values are put in once a frame.
 *
 * @param seconds how much is kept; 0 for a time that is over, which nothing is added to
 * @param onNew   a sensor came that was not known
 * @param onOpen  every value comes from now on
 */
function useLines(
  device: string,
  past: Rows | undefined,
  latest: LatestValue[] | undefined,
  seconds: number,
  onNew: () => void,
  onOpen: () => void,
): Kept & { version: number } {
  const kept = useRef<Kept>({ lines: new Map(), values: new Map() });
  const [version, setVersion] = useState(0);
  const bump = useRef(0);
  const span = useRef(seconds);
  span.current = seconds;

  useEffect(() => {
    if (!past) return;
    const lines = new Map<string, Line>();
    for (const [, sensor, ts, value] of past.rows) {
      const name = String(sensor);
      let line = lines.get(name);
      if (!line) lines.set(name, (line = { name, at: [], values: [] }));
      line.at.push(Date.parse(String(ts)) / 1000);
      line.values.push(typeof value === 'number' ? value : null);
    }
    kept.current.lines = lines;
    addNewest(kept.current, span.current);
    setVersion(++bump.current);
  }, [past]);

  useEffect(() => {
    for (const value of latest ?? []) {
      const known = kept.current.values.get(value.sensor);
      if (!known || !isBefore(value.ts, known.ts)) kept.current.values.set(value.sensor, value);
    }
    addNewest(kept.current, span.current);
    setVersion(++bump.current);
  }, [latest]);

  useEffect(() => {
    kept.current.values = new Map();
    let frame = 0;
    let strangers = false;
    const draw = (): void => {
      frame = 0;
      trim(kept.current.lines, span.current);
      setVersion(++bump.current);
      if (strangers) onNew();
      strangers = false;
    };
    const stream = follow<Values>(
      wants.values(device),
      event => {
        for (const said of event.values) {
          const { sensor, ts, value } = said;
          const before = kept.current.values.get(sensor);
          strangers ||= !before;
          if (!before || !isBefore(ts, before.ts))
            kept.current.values.set(sensor, { ...said, received: event.receivedAt });
          if (span.current > 0 && value !== undefined) append(kept.current.lines, sensor, ts, value);
        }
        frame ||= requestAnimationFrame(draw);
      },
      onOpen,
    );
    return () => {
      stream.close();
      cancelAnimationFrame(frame);
    };
  }, [device]);

  return { ...kept.current, version };
}

/** The newest value is known a moment before tables can be asked for it: it is a point of its line all the same. */
function addNewest({ lines, values }: Kept, seconds: number): void {
  const oldest = Date.now() / 1000 - seconds;
  for (const { sensor, ts, value } of values.values()) {
    if (typeof value !== 'number' && typeof value !== 'boolean') continue;
    if (Date.parse(ts) / 1000 >= oldest) append(lines, sensor, ts, value);
  }
}
