// Times as the server writes them: ISO 8601 in UTC, with as many digits of a second as they need.

/** A text that sorts as the time does, to the microsecond. */
function sortable(time: string): string {
  const bare = time.replace(/Z$/, '');
  return (bare.includes('.') ? bare : `${bare}.`).padEnd('2026-01-01T00:00:00.000000'.length, '0');
}

/** Whether a time is before another; "" is before all. */
export function isBefore(one: string, other: string): boolean {
  return sortable(one) < sortable(other);
}
