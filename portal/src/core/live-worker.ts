// The worker that all tabs of a browser share: it has the one live stream.
import { Hub, type Sync } from './hub';

const hub = new Hub();

self.addEventListener('connect', event => {
  const port = (event as MessageEvent).ports[0]!;
  port.onmessage = ({ data }: MessageEvent<Sync | null>) => {
    if (data) hub.sync(port, data, told => port.postMessage(told));
    else hub.leave(port);
  };
  // Not every browser says so; a page that is silent for long loses its place as well.
  port.addEventListener('close', () => hub.leave(port));
});
