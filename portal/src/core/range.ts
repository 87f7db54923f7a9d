// The times that charts show.

export const RANGES: [string, string, number][] = [
  ['5m', '5 minutes', 300],
  ['15m', '15 minutes', 900],
  ['1h', '1 hour', 3600],
  ['6h', '6 hours', 21_600],
  ['24h', '24 hours', 86_400],
  ['7d', '7 days', 604_800],
  ['30d', '30 days', 2_592_000],
];

export const seconds = (range: string): number => RANGES.find(([id]) => id === range)?.[2] ?? 3600;
