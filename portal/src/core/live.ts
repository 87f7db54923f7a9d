// Live streams: server-sent events whose id is a position in the durable log. The browser sends the last one when it
// connects again, so sleep and broken proxies leave no gap and nothing comes twice.
import { url } from './api';

export interface Stream {
  close(): void;
}

export interface StreamOptions {
  device?: string;
  topic?: string;
  kind?: 'messages' | 'values';
}

/** Follows messages or values; `take` sees each event in order. */
export function follow<T>(options: StreamOptions, take: (event: T) => void): Stream {
  const name = options.kind === 'values' ? 'values' : 'message';
  return listen(url('/api/v1/live', { ...options }), name, take);
}

/** Follows what is refused. */
export function followAttempts<T>(
  path: string,
  options: { since?: string },
  take: (event: T) => void,
): Stream {
  return listen(url(path, { ...options }), 'attempt', take);
}

function listen<T>(address: string, name: string, take: (event: T) => void): Stream {
  const source = new EventSource(address);
  let retry = 0;
  let closed = false;
  let inner: Stream | undefined;
  let last = '';
  source.addEventListener(name, event => {
    last = event.lastEventId;
    take(JSON.parse(event.data) as T);
  });
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED || closed) return;
    // The browser gives up after an error status, such as while the server starts; we do not.
    retry = window.setTimeout(() => {
      const next = new URL(address, location.href);
      if (last) next.searchParams.set('after', last);
      inner = listen(next.pathname + next.search, name, take);
    }, 2000);
  };
  return {
    close() {
      closed = true;
      clearTimeout(retry);
      source.close();
      inner?.close();
    },
  };
}
