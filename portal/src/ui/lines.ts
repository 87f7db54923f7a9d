// Lines of charts that grow at their ends.
import type { Line } from './chart';

export type Lines = Map<string, Line>;

export function append(lines: Lines, name: string, ts: string, value: number | boolean | null): void {
  let line = lines.get(name);
  if (!line) lines.set(name, (line = { name, at: [], values: [] }));
  const at = Date.parse(ts) / 1000;
  // What comes late is shown when the page reads the time again; a chart's times are in order.
  if (line.at.length > 0 && at <= line.at.at(-1)!) return;
  line.at.push(at);
  line.values.push(typeof value === 'boolean' ? Number(value) : value);
}

/** Takes out what is older than so many seconds; 0 for never. */
export function trim(lines: Lines, seconds: number): void {
  if (seconds === 0) return;
  const oldest = Date.now() / 1000 - seconds;
  for (const line of lines.values()) {
    let gone = 0;
    while (gone < line.at.length && line.at[gone]! < oldest) gone++;
    if (gone > 0) {
      line.at.splice(0, gone);
      line.values.splice(0, gone);
    }
  }
}
