// All devices: one row each, only those in view are drawn, and the filter is in the address.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
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

const PAGE = 200;
/** Pages in memory: those in view, and what one scrolls back to. */
const KEPT = 8;
const ROW = 44;
const AHEAD = 8;
/** Rows beyond those in view that are read already. */
const READ_AHEAD = 60;
const REFRESH = 10_000;
/** A scroll that goes on passes by what it does not rest at. */
const REST = 60;

interface DevicePart {
  devices: Device[];
  total: number;
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

interface Listed {
  /** How many there are, once that is known. */
  total: number | undefined;
  /** The device at a place of the list, once it was read. */
  at(place: number): Device | undefined;
  problem: Problem | undefined;
}

/** Devices by their place in the list: the pages from `from` to `to` are read when one comes there, and now and then. */
function useDevices(text: string, type: string, from: number, to: number): Listed {
  const pages = useRef(new Map<number, Device[]>());
  const [total, setTotal] = useState<number>();
  const [, setTurn] = useState(0);
  const [problem, setProblem] = useState<Problem>();
  const first = Math.floor(Math.max(0, from - READ_AHEAD) / PAGE);
  const end = total === undefined ? PAGE : Math.min(total, to + READ_AHEAD);
  const last = Math.max(first, Math.floor((end - 1) / PAGE));

  useEffect(() => {
    const abort = new AbortController();
    const read = async (number: number): Promise<void> => {
      try {
        const part = await get<DevicePart>(
          url('/api/v1/devices', { q: text, type, skip: number * PAGE, limit: PAGE }),
          abort.signal,
        );
        if (abort.signal.aborted) return;
        keep(pages.current, number, part.devices);
        setTotal(part.total);
        setProblem(undefined);
        setTurn(turn => turn + 1);
      } catch (failure) {
        if (!abort.signal.aborted) setProblem(asProblem(failure));
      }
    };
    const all = async (again: boolean): Promise<void> => {
      const wanted = Array.from({ length: last - first + 1 }, (_, index) => first + index);
      const known = wanted.filter(number => pages.current.has(number));
      for (const number of known) keep(pages.current, number, pages.current.get(number)!);
      for (const number of wanted) if (again || !pages.current.has(number)) await read(number);
    };
    const wait = setTimeout(() => void all(false), total === undefined ? (text ? 150 : 0) : REST);
    const timer = setInterval(() => {
      if (!document.hidden) void all(true);
    }, REFRESH);
    return () => {
      abort.abort();
      clearTimeout(wait);
      clearInterval(timer);
    };
  }, [first, last]);

  return {
    total,
    at: place => pages.current.get(Math.floor(place / PAGE))?.[place % PAGE],
    problem,
  };
}

/** Keeps a page and drops the one that was wanted the longest ago. */
function keep(pages: Map<number, Device[]>, number: number, devices: Device[]): void {
  pages.delete(number);
  pages.set(number, devices);
  for (const oldest of pages.keys()) {
    if (pages.size <= KEPT) return;
    pages.delete(oldest);
  }
}

function List({ text, type }: { text: string; type: string }): JSX.Element {
  const box = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  const now = useNow();

  const from = Math.max(0, Math.floor(top / ROW) - AHEAD);
  const { total, at, problem } = useDevices(text, type, from, Math.ceil((top + height) / ROW) + AHEAD);
  const to = Math.min(total ?? 0, Math.ceil((top + height) / ROW) + AHEAD);
  const places = Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index);
  const sparks = useSparks(places.flatMap(place => at(place) ?? []));

  useEffect(() => {
    if (box.current) setHeight(box.current.clientHeight);
  });

  if (total === undefined) return problem ? <Trouble of={problem} /> : <Busy what="Reading devices" />;
  if (total === 0) {
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
      <Trouble of={problem} />
      <p class="muted small" role="status">
        {format.count(total)} devices
      </p>
      <div class="devices card" role="table" aria-label="Devices" aria-rowcount={total + 1}>
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
          {places.map(place => (
            <Row key={place} place={place} of={at(place)} sparks={sparks} now={now} />
          ))}
          <div style={{ height: `${(total - to) * ROW}px` }} />
        </div>
      </div>
    </>
  );
}

function Row({
  place,
  of,
  sparks,
  now,
}: {
  place: number;
  of: Device | undefined;
  sparks: Map<string, number[]>;
  now: number;
}): JSX.Element {
  if (!of) {
    return (
      <div class="device" role="row" aria-rowindex={place + 2} aria-busy="true">
        <span role="cell" class="muted">
          …
        </span>
      </div>
    );
  }
  return (
    <div class="device" role="row" aria-rowindex={place + 2}>
      <span role="cell" class="cut">
        <a href={`/devices/${piece(of.id)}`}>{of.id}</a>
      </span>
      <span role="cell" class="cut">
        <Health of={of} />
      </span>
      <span role="cell" class="wide">
        <Sparkline of={sparks.get(of.id)} />
      </span>
      <span role="cell" class="wide cut">
        {of.type || <span class="muted">–</span>}
      </span>
      <span role="cell" class="wide cut">
        <Connected of={of} />
      </span>
      <span role="cell">
        <Time at={of.health.lastAt} now={now} />
      </span>
    </div>
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
