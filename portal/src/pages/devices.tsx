// All devices: one row each, only those in view are drawn, and the filter is in the address.
import type { JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { get, piece, post, url } from '../core/api';
import * as format from '../core/format';
import type { Device, Rows } from '../core/model';
import { query, refine } from '../core/router';
import { may } from '../core/session';
import { Export, quoted, sqlAddress } from '../ui/export';
import { Connected, Health } from '../ui/health';
import { asProblem, useLoad, useNow } from '../ui/load';
import { Busy, Empty, Page, Time, Trouble } from '../ui/pieces';
import { Sparkline } from '../ui/sparkline';
import type { Problem } from '../core/api';

const PAGE = 500;
const ROW = 44;
const AHEAD = 8;
const REFRESH = 10_000;

interface DevicePage {
  devices: Device[];
  next?: string;
}

export function Devices(): JSX.Element {
  const text = query.value.get('q') ?? '';
  const type = query.value.get('type') ?? '';
  const types = useLoad(
    signal =>
      post<Rows>(
        '/api/v1/sql',
        { sql: "SELECT DISTINCT type FROM devices WHERE type <> '' ORDER BY type LIMIT 200" },
        signal,
      ),
    [],
  );
  return (
    <Page
      title="Devices"
      actions={
        <>
          <Export address={sqlAddress(listed(text, type))} name="devices" />
          {may('operator') && (
            <a class="button first" href="/connect">
              Connect a device
            </a>
          )}
        </>
      }
    >
      <form class="row" role="search" onSubmit={event => event.preventDefault()}>
        <input
          type="search"
          aria-label="Part of the device's id"
          placeholder="Filter by id"
          value={text}
          onInput={event => refine({ q: event.currentTarget.value })}
        />
        <select
          aria-label="Type"
          value={type}
          onChange={event => refine({ type: event.currentTarget.value })}
        >
          <option value="">every type</option>
          {types.data?.rows.map(([name]) => (
            <option key={String(name)}>{String(name)}</option>
          ))}
        </select>
      </form>
      <List key={`${text} ${type}`} text={text} type={type} />
    </Page>
  );
}

/** @return the statement that finds the same devices */
function listed(text: string, type: string): string {
  const parts = [
    ...(text ? [`contains(lower(id), lower(${quoted(text)}))`] : []),
    ...(type ? [`type = ${quoted(type)}`] : []),
  ];
  return `SELECT * FROM devices${parts.length > 0 ? ` WHERE ${parts.join(' AND ')}` : ''} ORDER BY id`;
}

/** Pages of devices, read as one scrolls to them and again now and then. */
function useDevices(
  text: string,
  type: string,
): { devices: Device[]; more: boolean; load(): void; problem: Problem | undefined; first: boolean } {
  const [devices, setDevices] = useState<Device[]>([]);
  const [next, setNext] = useState<string | undefined>('');
  const [problem, setProblem] = useState<Problem>();
  const loading = useRef(false);

  const page = (after: string, signal?: AbortSignal): Promise<DevicePage> =>
    get<DevicePage>(url('/api/v1/devices', { q: text, type, after, limit: PAGE }), signal);

  const load = (): void => {
    if (loading.current || next === undefined) return;
    loading.current = true;
    page(next).then(
      found => {
        setDevices(known => [...known, ...found.devices]);
        setNext(found.next);
        setProblem(undefined);
        loading.current = false;
      },
      failure => {
        setProblem(asProblem(failure));
        loading.current = false;
      },
    );
  };

  useEffect(() => {
    const wait = setTimeout(load, text ? 150 : 0);
    return () => clearTimeout(wait);
  }, []);

  useEffect(() => {
    const abort = new AbortController();
    const timer = setInterval(() => {
      if (document.hidden || devices.length > PAGE) return;
      page('', abort.signal).then(
        found => setDevices(found.devices),
        () => undefined,
      );
    }, REFRESH);
    return () => {
      clearInterval(timer);
      abort.abort();
    };
  }, [devices.length > PAGE]);

  return { devices, more: next !== undefined, load, problem, first: next === '' && devices.length === 0 };
}

function List({ text, type }: { text: string; type: string }): JSX.Element {
  const { devices, more, load, problem, first } = useDevices(text, type);
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const now = useNow();

  const from = Math.max(0, Math.floor(top / ROW) - AHEAD);
  const to = Math.min(devices.length, Math.ceil((top + height) / ROW) + AHEAD);
  const shown = useMemo(() => devices.slice(from, to), [devices, from, to]);
  const sparks = useSparks(shown);

  useEffect(() => {
    if (box.current) setHeight(box.current.clientHeight);
  });
  useEffect(() => {
    if (more && to + PAGE / 4 > devices.length && devices.length > 0) load();
  }, [to, devices.length]);

  if (problem && devices.length === 0) return <Trouble of={problem} />;
  if (first) return <Busy what="Reading devices" />;
  if (devices.length === 0) {
    return text || type ? (
      <Empty>No device fits. The filter looks for a part of the id.</Empty>
    ) : (
      <Empty command="./tributary device add boiler-7">
        No devices yet. Add one here or from a terminal:
      </Empty>
    );
  }
  return (
    <>
      <p class="muted small" role="status">
        {more
          ? `the first ${format.count(devices.length)}; more as you scroll`
          : `${format.count(devices.length)} devices`}
      </p>
      <div
        class="devices card"
        role="table"
        aria-label="Devices"
        aria-rowcount={more ? -1 : devices.length + 1}
      >
        <div class="device head" role="row">
          <span role="columnheader">Device</span>
          <span role="columnheader">How it is</span>
          <span role="columnheader" class="wide">
            Last hour
          </span>
          <span role="columnheader" class="wide">
            Type
          </span>
          <span role="columnheader" class="wide">
            Connected
          </span>
          <span role="columnheader">Heard</span>
        </div>
        <div
          class="window"
          role="rowgroup"
          tabIndex={0}
          aria-label="Rows"
          ref={box}
          onScroll={event => setTop(event.currentTarget.scrollTop)}
        >
          <div style={{ height: `${from * ROW}px` }} />
          {shown.map((device, index) => (
            <div class="device" role="row" aria-rowindex={from + index + 2} key={device.id}>
              <span role="cell" class="cut">
                <a href={`/devices/${piece(device.id)}`}>{device.id}</a>
              </span>
              <span role="cell" class="cut">
                <Health of={device} />
              </span>
              <span role="cell" class="wide">
                <Sparkline of={sparks.get(device.id)} />
              </span>
              <span role="cell" class="wide cut">
                {device.type || <span class="muted">–</span>}
              </span>
              <span role="cell" class="wide cut">
                <Connected of={device} />
              </span>
              <span role="cell">
                <Time at={device.health.lastAt} now={now} />
              </span>
            </div>
          ))}
          <div style={{ height: `${(devices.length - to) * ROW}px` }} />
        </div>
      </div>
    </>
  );
}

/** The last hour of each device's first number, for the rows in view. */
function useSparks(shown: Device[]): Map<string, number[]> {
  const [sparks, setSparks] = useState(new Map<string, number[]>());
  const ids = shown.map(device => device.id).join(' ');
  useEffect(() => {
    if (!ids) return;
    const abort = new AbortController();
    const read = async (): Promise<void> => {
      const wanted = ids.split(' ').map(quoted).join(', ');
      const sql = `SELECT device, min(sensor) FROM sensors WHERE kind = 'number' AND device IN (${wanted}) GROUP BY device`;
      const sensors = await post<Rows>('/api/v1/sql', { sql }, abort.signal);
      if (sensors.rows.length === 0) return;
      const series = sensors.rows
        .map(([device, sensor]) => `series=${piece(`${device}:${sensor}`)}`)
        .join('&');
      const points = await get<Rows>(`/api/v1/series?${series}&from=-1h&points=48`, abort.signal);
      const found = new Map<string, number[]>();
      for (const [device, , , value] of points.rows) {
        if (typeof value !== 'number') continue;
        const known = found.get(String(device));
        if (known) known.push(value);
        else found.set(String(device), [value]);
      }
      setSparks(found);
    };
    // Not at each step of a scroll; what fails leaves the rows without their lines.
    const timer = setTimeout(() => void read().catch(() => undefined), 200);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [ids]);
  return sparks;
}
