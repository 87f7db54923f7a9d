// How values, times and amounts are shown.
import type { Scalar } from './model';

const number = new Intl.NumberFormat('en', { maximumSignificantDigits: 6 });
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

/** The viewer's zone as an offset, such as UTC+10:00. */
export function zone(at = new Date()): string {
  const minutes = -at.getTimezoneOffset();
  if (minutes === 0) return 'UTC';
  const size = Math.abs(minutes);
  return `UTC${minutes < 0 ? '−' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`;
}

/** Whole numbers with all their digits, others with six. */
export function value(of: Scalar | undefined): string {
  if (of === null || of === undefined) return '–';
  if (typeof of === 'number') return Number.isSafeInteger(of) ? whole.format(of) : number.format(of);
  return String(of);
}

export function count(of: number): string {
  return whole.format(of);
}

/** 1,234 · 12.3 k · 4.5 M */
export function brief(of: number): string {
  if (of < 10_000) return of < 100 && of % 1 !== 0 ? of.toFixed(1) : whole.format(of);
  if (of < 1e6) return `${(of / 1e3).toFixed(of < 1e5 ? 1 : 0)} k`;
  if (of < 1e9) return `${(of / 1e6).toFixed(1)} M`;
  return `${(of / 1e9).toFixed(1)} G`;
}

export function bytes(of: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'];
  let size = of;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`;
}

/** Time of day where it is of today, else with its date. In the viewer's zone. */
export function time(iso: string | number | Date): string {
  const at = new Date(iso);
  return at.toDateString() === new Date().toDateString() ? clock.format(at) : day.format(at);
}

/** Time of day with milliseconds. */
export function instant(iso: string): string {
  const at = new Date(iso);
  return `${clock.format(at)}.${String(at.getMilliseconds()).padStart(3, '0')}`;
}

/** How long ago: now · 12 s · 5 min · 3 h · 2 d */
export function ago(iso: string | null | undefined, now = Date.now()): string {
  if (!iso) return 'never';
  const seconds = Math.max(0, (now - new Date(iso).getTime()) / 1000);
  return seconds < 1.5 ? 'now' : `${span(seconds)} ago`;
}

export function span(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 129_600) return `${Math.round(seconds / 3600)} h`;
  return `${Math.round(seconds / 86_400)} d`;
}

/** A payload for people: JSON in one line, or as it came. */
export function payload(of: unknown): string {
  return typeof of === 'string' ? of : JSON.stringify(of);
}

/** Times along an axis, `step` seconds apart: the day where it begins or first appears, else the time of day. */
export function ticks(at: number[], step: number): string[] {
  let before = '';
  return at.map(seconds => {
    const when = new Date(seconds * 1000);
    const today = date.format(when);
    if (step >= 86_400) return today;
    const fresh = before !== '' && before !== today;
    before = today;
    const time = clock.format(when);
    return fresh ? today : step < 60 ? time : time.slice(0, 5);
  });
}
