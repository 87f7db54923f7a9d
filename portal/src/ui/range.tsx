// Chooses the time that charts show; it is in the address.
import type { JSX } from 'preact';
import * as format from '../core/format';
import { RANGES } from '../core/range';
import { refine } from '../core/router';

export function RangeChoice({
  range,
  from,
  to,
}: {
  range: string;
  /** Both '' where the time is one up to now. */
  from: string;
  to: string;
}): JSX.Element {
  const zoomed = from !== '' && to !== '';
  return (
    <>
      <label class="row">
        <span class="muted">Time</span>
        <select
          value={zoomed ? '' : range}
          onChange={event => refine({ range: event.currentTarget.value, from: '', to: '' })}
        >
          {zoomed && <option value="">{`${format.time(from)} to ${format.time(to)}`}</option>}
          {RANGES.map(([id, title]) => (
            <option key={id} value={id}>
              {title}
            </option>
          ))}
        </select>
      </label>
      {zoomed && (
        <button type="button" onClick={() => refine({ from: '', to: '' })}>
          Back to now
        </button>
      )}
    </>
  );
}
