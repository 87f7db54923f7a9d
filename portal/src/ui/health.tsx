// How a device is, in a word that does not need its colour.
import type { JSX } from 'preact';
import * as format from '../core/format';
import type { Device } from '../core/model';
import { Badge } from './pieces';

export function Health({ of }: { of: Device }): JSX.Element {
  const { state, missed, everySeconds } = of.health;
  if (state === 'new') return <Badge>never heard</Badge>;
  if (state === 'late') {
    return (
      <Badge kind="bad">
        late: {format.brief(missed)} missed{everySeconds ? ` of one each ${format.span(everySeconds)}` : ''}
      </Badge>
    );
  }
  return <Badge kind="good">{everySeconds ? `each ${format.span(everySeconds)}` : 'heard'}</Badge>;
}

export function Connected({ of }: { of: Device }): JSX.Element {
  const { connected, door, through } = of.connection;
  if (!connected) return <span class="muted">–</span>;
  return <span>{through ? `through ${through}` : (door ?? 'connected')}</span>;
}
