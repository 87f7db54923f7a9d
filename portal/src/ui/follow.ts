// Following the live stream while a component is shown.
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, type Problem } from '../core/api';
import type { Selection } from '../core/dashboards';
import { follow, wants } from '../core/live';
import type { DeviceLatest } from '../core/model';
import { asProblem } from './load';

/** Follows each of `all` while they are wanted. */
export function useFollow<T>(all: string[], take: (event: T) => void, onOpen?: () => void): void {
  const newest = useRef({ take, onOpen });
  newest.current = { take, onOpen };
  useEffect(() => {
    const streams = all.map(want =>
      follow<T>(
        want,
        event => newest.current.take(event),
        () => newest.current.onOpen?.(),
      ),
    );
    return () => streams.forEach(stream => stream.close());
  }, [all.join('\n')]);
}

/** Calls `again` after alerts changed, some times a second at most. */
export function useAlerts(again: () => void, live = true): void {
  const timer = useRef(0);
  useEffect(() => () => clearTimeout(timer.current), []);
  useFollow(live ? [wants.alerts] : [], () => {
    timer.current ||= window.setTimeout(() => {
      timer.current = 0;
      again();
    }, 250);
  });
}

interface LatestEvent {
  whole?: boolean;
  more?: boolean;
  devices: DeviceLatest[];
}

export interface Latest {
  devices: DeviceLatest[];
  more: boolean;
}

/** How long the stream may take before the values are asked for without it. */
const STREAM_WAIT = 3000;
const OPEN_WAIT = 250;
const POLL = 5000;

/** The last values of devices, as they change. */
export function useLatest(
  about: Selection,
  sensors: string[],
  limit: number,
): { data: Latest | undefined; problem: Problem | undefined } {
  const [data, setData] = useState<Latest>();
  const [problem, setProblem] = useState<Problem>();
  const want = wants.latest(about, sensors, limit);
  const known = useRef<Latest | undefined>(undefined);
  const streamed = useRef(false);
  const later = useRef<(millis: number) => void>(() => undefined);
  const keep = (latest: Latest): void => {
    known.current = latest;
    setData(latest);
    setProblem(undefined);
  };
  useEffect(() => {
    known.current = undefined;
    setData(undefined);
    streamed.current = false;
    const abort = new AbortController();
    let timer = 0;
    const ask = async (): Promise<void> => {
      if (streamed.current) return;
      try {
        const page = await get<{ devices: DeviceLatest[]; next?: string }>(`/api/v1/${want}`, abort.signal);
        if (abort.signal.aborted || streamed.current) return;
        keep({ devices: page.devices, more: page.next !== undefined });
      } catch (failure) {
        if (!abort.signal.aborted) setProblem(asProblem(failure));
      }
      later.current(POLL);
    };
    later.current = millis => {
      clearTimeout(timer);
      if (!abort.signal.aborted) timer = window.setTimeout(() => void ask(), millis);
    };
    // Something between us and the server may hold streams back.
    later.current(STREAM_WAIT);
    return () => {
      abort.abort();
      clearTimeout(timer);
    };
  }, [want]);
  useFollow<LatestEvent>(
    [want],
    event => {
      if (event.whole) keep({ devices: event.devices, more: event.more ?? false });
      else if (known.current) keep(merged(known.current, event.devices));
      else return;
      streamed.current = true;
    },
    // Who follows what others follow already is not told the whole.
    () => !streamed.current && later.current(OPEN_WAIT),
  );
  return { data, problem };
}

function merged(known: Latest, changed: DeviceLatest[]): Latest {
  const fresh = new Map(changed.map(one => [one.device, one.values]));
  const devices = known.devices.map(one => {
    const values = fresh.get(one.device);
    if (!values) return one;
    const all = new Map([...one.values, ...values].map(value => [value.sensor, value]));
    return { device: one.device, values: [...all.values()] };
  });
  return { devices, more: known.more };
}
