// A chart over time, with the same numbers as a table. uPlot draws it and is read when the first chart is shown.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type uPlot from 'uplot';
import * as format from '../core/format';
import { theme } from '../core/theme';
import { Export } from './export';

/** A line: times in seconds since 1970 in order, and as many values. */
export interface Line {
  name: string;
  at: number[];
  values: (number | null)[];
}

export interface ChartProps {
  title: string;
  unit?: string;
  lines: Line[];
  /** Grows when the lines were changed in place. */
  version?: number;
  height?: number;
  /** What was chosen by dragging, seconds since 1970. */
  onRange?: (from: number, to: number) => void;
  /** Shown as steps: on and off, states. */
  steps?: boolean;
  /** Whether nothing is part of the scale: a rate of 12.1 and one of 12.3 are about the same. */
  zero?: boolean;
  /** Moments to mark, seconds since 1970. */
  marks?: number[];
  /** Of a GET that takes `format` and gives the same numbers. */
  address?: string | undefined;
}

const COLOURS = ['--c1', '--c2', '--c3', '--c4', '--c5', '--c6'];

export function Chart(props: ChartProps): JSX.Element {
  const { title, unit = '', lines, version = 0, height = 200 } = props;
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const [asTable, setAsTable] = useState(false);
  const empty = lines.every(line => line.at.length === 0);
  const names = lines.map(line => line.name).join('\n');

  useEffect(() => {
    const place = box.current;
    if (!place || asTable || empty) return;
    let gone = false;
    const sized = new ResizeObserver(() => plot.current?.setSize({ width: place.clientWidth, height }));
    void Promise.all([import('uplot'), import('uplot/dist/uPlot.min.css')]).then(([{ default: Plot }]) => {
      if (gone) return;
      plot.current = new Plot(options(props, place, Plot), joined(lines, Plot), place);
      sized.observe(place);
    });
    return () => {
      gone = true;
      sized.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
    };
  }, [names, asTable, empty, height, theme.value, props.steps, props.marks?.join()]);

  useEffect(() => {
    if (!plot.current) return;
    void import('uplot').then(({ default: Plot }) => plot.current?.setData(joined(lines, Plot)));
  }, [lines, version]);

  return (
    <figure class="chart">
      <figcaption class="row">
        <h3 class="grow">
          {title} {unit && <span class="muted">{unit}</span>}
        </h3>
        {lines.length === 1 && !empty && <strong class="newest">{format.value(newest(lines[0]!))}</strong>}
        <button type="button" class="plain" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {asTable ? 'Chart' : 'Table'}
        </button>
      </figcaption>
      <p class="visually-hidden">
        {summary(lines)} {props.marks && `${props.marks.length} moments are marked.`}
      </p>
      {empty && <p class="muted">Nothing in this time.</p>}
      {!empty && asTable && props.address && <Export address={props.address} name={title || 'chart'} />}
      {!empty && (asTable ? <Numbers lines={lines} /> : <div ref={box} class="plot" aria-hidden="true" />)}
    </figure>
  );
}

function newest(line: Line): number | null {
  return line.values.at(-1) ?? null;
}

function summary(lines: Line[]): string {
  return lines
    .map(line => {
      const known = line.values.filter(value => value !== null);
      if (known.length === 0) return `${line.name}: nothing in this time.`;
      let least = Infinity;
      let most = -Infinity;
      for (const value of known) {
        least = Math.min(least, value);
        most = Math.max(most, value);
      }
      return `${line.name}: ${known.length} points, least ${format.value(least)}, greatest ${format.value(most)}, newest ${format.value(newest(line))}.`;
    })
    .join(' ');
}

/** Seconds that a chart shows at least, so that one point is no year. */
const SPAN_MIN = 10;

const TABLE_ROWS = 500;

function Numbers({ lines }: { lines: Line[] }): JSX.Element {
  const rows = lines.flatMap(line =>
    line.at.map((at, index) => ({ name: line.name, at, value: line.values[index] })),
  );
  rows.sort((a, b) => b.at - a.at);
  return (
    <div class="scroll-x numbers" tabIndex={0}>
      <table>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {lines.length > 1 && <th scope="col">Series</th>}
            <th scope="col" class="number">
              Value
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, TABLE_ROWS).map(row => (
            <tr key={`${row.name}${row.at}`}>
              <td>{new Date(row.at * 1000).toLocaleString('en-GB')}</td>
              {lines.length > 1 && <td>{row.name}</td>}
              <td class="number">{format.value(row.value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > TABLE_ROWS && (
        <p class="muted small">
          The newest {TABLE_ROWS} of {format.count(rows.length)}.
        </p>
      )}
    </div>
  );
}

/** All lines on one axis of time. */
function joined(lines: Line[], Plot: typeof uPlot): uPlot.AlignedData {
  const tables = lines.map(line => [line.at, line.values] as uPlot.AlignedData);
  return tables.length === 1 ? tables[0]! : Plot.join(tables);
}

function options(props: ChartProps, place: HTMLElement, Plot: typeof uPlot): uPlot.Options {
  const style = getComputedStyle(place);
  const colour = (token: string): string => {
    // light-dark() is resolved where it is used, not where the token is read.
    const probe = document.createElement('span');
    probe.style.color = `var(${token})`;
    place.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  };
  const axis = {
    stroke: colour('--muted'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { stroke: colour('--line'), width: 1 },
    font: `12px ${style.fontFamily}`,
  };
  const path = props.steps ? Plot.paths.stepped!({ align: 1 }) : Plot.paths.linear!();
  return {
    width: place.clientWidth,
    height: props.height ?? 200,
    legend: { show: props.lines.length > 1 },
    cursor: { drag: { x: !!props.onRange, y: false }, points: { size: 6 } },
    scales: {
      x: {
        time: true,
        range: (_, least, most) => (most - least < SPAN_MIN ? [most - SPAN_MIN, most] : [least, most]),
      },
      ...(props.zero
        ? {
            y: {
              range: (_: uPlot, __: number, most: number) => [0, Math.max(1, most * 1.1)] as [number, number],
            },
          }
        : {}),
    },
    axes: [
      { ...axis, values: (_, splits, _axis, _space, step) => format.ticks(splits, step) },
      { ...axis, size: 56, values: (_, splits) => splits.map(split => format.value(split)) },
    ],
    series: [
      {},
      ...props.lines.map((line, index) => ({
        label: line.name,
        stroke: colour(COLOURS[index % COLOURS.length]!),
        width: 1.6,
        ...(index < COLOURS.length ? {} : { dash: [6, 4] }),
        paths: path,
        spanGaps: props.lines.length > 1,
        points: { show: line.at.length < 40 },
        value: (_: uPlot, raw: number | null) => format.value(raw),
      })),
    ],
    hooks: {
      draw: [chart => mark(chart, props.marks ?? [], colour('--bad'))],
      setSelect: [
        chart => {
          if (chart.select.width < 4 || !props.onRange) return;
          const from = chart.posToVal(chart.select.left, 'x');
          props.onRange(from, chart.posToVal(chart.select.left + chart.select.width, 'x'));
          chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** A line from top to bottom with a point on it, for each moment. */
function mark(chart: uPlot, marks: number[], colour: string): void {
  const { ctx: pen, bbox } = chart;
  pen.save();
  pen.strokeStyle = colour;
  pen.fillStyle = colour;
  pen.lineWidth = devicePixelRatio;
  for (const at of marks) {
    const x = chart.valToPos(at, 'x', true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    pen.beginPath();
    pen.moveTo(x, bbox.top);
    pen.lineTo(x, bbox.top + bbox.height);
    pen.stroke();
    pen.beginPath();
    pen.moveTo(x - 6 * devicePixelRatio, bbox.top);
    pen.lineTo(x + 6 * devicePixelRatio, bbox.top);
    pen.lineTo(x, bbox.top + 9 * devicePixelRatio);
    pen.fill();
  }
  pen.restore();
}
