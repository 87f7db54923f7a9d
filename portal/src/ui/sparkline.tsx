// A line without axes, for a row of a table; its numbers are on the device's page.
import type { JSX } from 'preact';

const WIDTH = 120;
const HEIGHT = 28;

export function Sparkline({ of }: { of: number[] | undefined }): JSX.Element {
  if (!of || of.length < 2)
    return (
      <span class="muted" aria-hidden="true">
        –
      </span>
    );
  const least = Math.min(...of);
  const span = Math.max(...of) - least || 1;
  const points = of.map((value, index) => {
    const x = (index / (of.length - 1)) * WIDTH;
    const y = HEIGHT - 3 - ((value - least) / span) * (HEIGHT - 6);
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg class="spark" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <polyline points={points.join(' ')} />
    </svg>
  );
}
