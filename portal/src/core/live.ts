// What is followed live: one stream for all tabs of the browser, see hub.ts.
import { url } from './api';
import { ALIVE_EVERY, Hub, type Sync, type Told } from './hub';
import { may, who } from './session';

export interface Stream {
  close(): void;
}

interface Follower {
  take(event: unknown): void;
  open: (() => void) | undefined;
}

const followers = new Map<string, Set<Follower>>();
/** Those that the hub said to be open. */
const open = new Set<string>();
let send: ((sync: Sync | null) => void) | undefined;
let ofWhom = '';
let pending = 0;

/** Addresses of what can be followed. */
export const wants = {
  messages: (device?: string, topic?: string): string => url('messages', { device, topic }),
  values: (device: string): string => url('values', { device }),
  latest: (
    about: { device?: string; type?: string; label?: string },
    sensors: string[],
    limit: number,
  ): string => {
    const filter = about.device ? { device: about.device } : { type: about.type, label: about.label };
    const named = [...sensors].sort().map(sensor => `&sensor=${encodeURIComponent(sensor)}`);
    return url('latest', { limit, ...filter }) + named.join('');
  },
  alerts: 'alerts',
  attempts: 'attempts',
};

/**
 * Follows what `want` says; `take` sees each event in order.
 *
 * @param onOpen called once events come, and again should some be missing for ever: what was before is to be read then
 */
export function follow<T>(want: string, take: (event: T) => void, onOpen?: () => void): Stream {
  const follower: Follower = { take: event => take(event as T), open: onOpen };
  let all = followers.get(want);
  if (!all) followers.set(want, (all = new Set()));
  all.add(follower);
  // One who comes second is as good as opened.
  if (open.has(want)) queueMicrotask(() => all.has(follower) && onOpen?.());
  sync();
  return {
    close() {
      all.delete(follower);
      if (all.size === 0 && followers.get(want) === all) {
        followers.delete(want);
        open.delete(want);
      }
      sync();
    },
  };
}

/** Says what is wanted now, once for all that changes in a moment. */
function sync(): void {
  pending ||= window.setTimeout(() => {
    pending = 0;
    tell();
  });
}

function tell(): void {
  const person = who.peek();
  if (!person) {
    send?.(null);
    send = undefined;
    return;
  }
  // What nobody knows the tenant of is shown to those who look after the installation.
  const path =
    person.tenant === 'main' && may('operator') ? '/api/v1/installation/live/shared' : '/api/v1/live/shared';
  const whom = `${person.tenant} ${person.subject} ${path}`;
  if (!send || whom !== ofWhom) {
    send?.(null);
    open.clear();
    ofWhom = whom;
    send = connect(whom);
  }
  send({ path, wants: [...followers.keys()] });
}

function connect(whom: string): (sync: Sync | null) => void {
  if ('SharedWorker' in window) {
    try {
      const worker = new SharedWorker(new URL('./live-worker.ts', import.meta.url), {
        type: 'module',
        name: `live ${whom}`,
      });
      worker.port.onmessage = ({ data }: MessageEvent<Told[]>) => hear(data);
      return sync => worker.port.postMessage(sync);
    } catch {
      // Forbidden by the browser's settings: then the page has a stream of its own.
    }
  }
  const hub = new Hub();
  const seat = {};
  return sync => (sync ? hub.sync(seat, sync, hear) : hub.leave(seat));
}

function hear(all: Told[]): void {
  for (const told of all) {
    if (told.kind === 'event') {
      for (const follower of followers.get(told.want) ?? []) follower.take(told.event);
    } else {
      for (const want of told.wants) {
        open.add(want);
        for (const follower of followers.get(want) ?? []) follower.open?.();
      }
    }
  }
}

setInterval(() => send && tell(), ALIVE_EVERY);
addEventListener('pagehide', () => send?.(null));
addEventListener('pageshow', event => event.persisted && tell());
who.subscribe(() => sync());
