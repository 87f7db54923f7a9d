// Widgets on a grid. Where it may be changed they are moved and sized by mouse, and by the arrow keys.
import type { JSX } from 'preact';
import { useMemo, useRef, useState } from 'preact/hooks';
import { get, piece, post, url } from '../core/api';
import {
  COLUMNS,
  place,
  selection,
  type Cell,
  type Dashboard,
  type Variable,
  type Widget,
} from '../core/dashboards';
import type { Device, Rows } from '../core/model';
import { seconds } from '../core/range';
import { query, refine } from '../core/router';
import { useLoad } from './load';
import { RangeChoice } from './range';
import { View, titleOf, type Shown } from './widgets';

/** How a link shows a dashboard. */
export interface SharedAs {
  range: string;
  values: Record<string, string>;
  units: Record<string, string>;
}

export interface BoardProps {
  of: Dashboard;
  /** Seen by a link: nothing can be chosen, and widgets are asked for by their places. */
  shared?: SharedAs;
  /** Takes every change; without it nothing can be changed. */
  onChange?: ((widgets: Widget[]) => void) | undefined;
  onSettings?: (index: number) => void;
  onRemove?: (index: number) => void;
}

const CHOICES_MAX = 300;
const ROW_PIXELS = 72;
const GAP_PIXELS = 12;

export function Board(props: BoardProps): JSX.Element {
  return props.shared ? <SharedBoard of={props.of} as={props.shared} /> : <OwnBoard {...props} />;
}

function SharedBoard({ of, as }: { of: Dashboard; as: SharedAs }): JSX.Element {
  const shown: Shown = {
    range: as.range,
    from: '',
    to: '',
    seconds: seconds(as.range),
    units: new Map(Object.entries(as.units)),
    onRange: () => undefined,
  };
  return (
    <Grid
      widgets={of.widgets}
      view={(widget, place) => (
        <View
          of={widget}
          about={selection(widget, of.variables ?? [], as.values)}
          shown={shown}
          shared={place}
        />
      )}
    />
  );
}

function OwnBoard({ of, onChange, onSettings, onRemove }: BoardProps): JSX.Element {
  const variables = of.variables ?? [];
  const range = query.value.get('range') ?? of.range ?? '1h';
  const from = query.value.get('from') ?? '';
  const to = query.value.get('to') ?? '';
  const zoomed = from !== '' && to !== '';
  const values = Object.fromEntries(
    variables.flatMap(one => {
      const chosen = query.value.get(`v.${one.name}`);
      return chosen === null ? [] : [[one.name, chosen === '*' ? '' : chosen]];
    }),
  );
  const units = useUnits();
  const shown: Shown = {
    range: zoomed ? '' : range,
    from: zoomed ? from : '',
    to: zoomed ? to : '',
    seconds: seconds(range),
    units,
    onRange: (begin, end) =>
      refine({ from: new Date(begin * 1000).toISOString(), to: new Date(end * 1000).toISOString() }),
  };
  return (
    <div class="stack tight">
      <div class="row">
        <RangeChoice range={range} from={from} to={to} />
        {variables.map(one => (
          <Choice key={one.name} of={one} value={values[one.name] ?? one.value ?? ''} />
        ))}
      </div>
      <Grid
        widgets={of.widgets}
        {...(onChange ? { onChange } : {})}
        {...(onSettings ? { onSettings } : {})}
        {...(onRemove ? { onRemove } : {})}
        view={widget => <View of={widget} about={selection(widget, variables, values)} shown={shown} />}
      />
    </div>
  );
}

/** What a variable holds, chosen among what there is. */
function Choice({ of, value }: { of: Variable; value: string }): JSX.Element {
  const choices = useLoad(
    async signal => {
      if (of.kind === 'device') {
        const page = await get<{ devices: Device[]; next?: string }>(
          url('/api/v1/devices', { type: of.type, limit: CHOICES_MAX }),
          signal,
        );
        return { names: page.devices.map(one => one.id), more: page.next !== undefined };
      }
      const rows = await post<Rows>(
        '/api/v1/sql',
        {
          sql: `SELECT DISTINCT labels[:label] AS v FROM devices WHERE labels[:label] IS NOT NULL ORDER BY v LIMIT ${CHOICES_MAX}`,
          parameters: { label: of.label ?? of.name },
        },
        signal,
      );
      return { names: rows.rows.map(row => String(row[0])), more: rows.rowCount === CHOICES_MAX };
    },
    [of.kind, of.type, of.label],
    60_000,
  );
  const choose = (to: string): void => refine({ [`v.${of.name}`]: to || '*' });
  const title = of.title ?? of.name;
  const list = `choices-${of.name}`;
  const names = choices.data?.names ?? [];
  if (choices.data?.more) {
    return (
      <label class="row">
        <span class="muted">{title}</span>
        <input
          list={list}
          placeholder="all"
          value={value}
          onChange={event => choose(event.currentTarget.value)}
        />
        <datalist id={list}>
          {names.map(name => (
            <option key={name} value={name} />
          ))}
        </datalist>
      </label>
    );
  }
  return (
    <label class="row">
      <span class="muted">{title}</span>
      <select value={value} onChange={event => choose(event.currentTarget.value)}>
        <option value="">all</option>
        {value && !names.includes(value) && <option value={value}>{value}</option>}
        {names.map(name => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function useUnits(): Map<string, string> {
  const rows = useLoad(
    signal =>
      post<Rows>(
        '/api/v1/sql',
        { sql: "SELECT sensor, max(unit) FROM sensors WHERE unit <> '' GROUP BY sensor LIMIT 2000" },
        signal,
      ),
    [],
  );
  return useMemo(
    () => new Map((rows.data?.rows ?? []).map(([sensor, unit]) => [String(sensor), String(unit)])),
    [rows.data],
  );
}

const HINT = 'arrow keys move it, with Shift they make it larger and smaller, Delete removes it';

function Grid({
  widgets,
  view,
  onChange,
  onSettings,
  onRemove,
}: {
  widgets: Widget[];
  view: (of: Widget, place: number) => JSX.Element;
  onChange?: (widgets: Widget[]) => void;
  onSettings?: (index: number) => void;
  onRemove?: (index: number) => void;
}): JSX.Element {
  const grid = useRef<HTMLDivElement>(null);
  const [said, setSaid] = useState('');
  // While something is dragged only this grid knows; who keeps the dashboard hears of the end.
  const [draft, setDraft] = useState<Widget[]>();
  const shown = draft ?? widgets;

  const say = (of: Cell): void => setSaid(`Column ${of.x + 1}, row ${of.y + 1}, ${of.w} wide, ${of.h} high.`);
  const change = (index: number, to: Partial<Cell>): void => {
    const next = place(widgets, index, to);
    say(next[index]!);
    onChange?.(next);
  };
  const press = (event: KeyboardEvent, index: number): void => {
    const of = widgets[index]!;
    const grow = event.shiftKey;
    const steps: Record<string, Partial<Cell>> = {
      ArrowLeft: grow ? { w: of.w - 1 } : { x: of.x - 1 },
      ArrowRight: grow ? { w: of.w + 1 } : { x: of.x + 1 },
      ArrowUp: grow ? { h: of.h - 1 } : { y: of.y - 1 },
      ArrowDown: grow ? { h: of.h + 1 } : { y: of.y + 1 },
    };
    if (event.key === 'Delete') onRemove?.(index);
    else if (steps[event.key]) change(index, steps[event.key]!);
    else return;
    event.preventDefault();
  };
  const drag = (event: PointerEvent, index: number, size: boolean): void => {
    if (event.button !== 0 || !grid.current) return;
    const columnPixels = (grid.current.clientWidth + GAP_PIXELS) / COLUMNS;
    const of = widgets[index]!;
    const handle = event.currentTarget as HTMLElement;
    let last: Widget[] | undefined;
    const moved = (next: PointerEvent): void => {
      const columns = Math.round((next.clientX - event.clientX) / columnPixels);
      const rows = Math.round((next.clientY - event.clientY) / (ROW_PIXELS + GAP_PIXELS));
      const to = size ? { w: of.w + columns, h: of.h + rows } : { x: of.x + columns, y: of.y + rows };
      last = place(widgets, index, to);
      setDraft(last);
    };
    const end = (): void => {
      handle.removeEventListener('pointermove', moved);
      handle.removeEventListener('pointerup', end);
      handle.removeEventListener('pointercancel', end);
      setDraft(undefined);
      if (!last) return;
      say(last[index]!);
      onChange?.(last);
    };
    handle.setPointerCapture(event.pointerId);
    handle.addEventListener('pointermove', moved);
    handle.addEventListener('pointerup', end);
    handle.addEventListener('pointercancel', end);
  };
  // Narrow screens show one after the other, so the order in the page is that from the top left.
  const order = shown.map((_, index) => index);
  order.sort((a, b) => shown[a]!.y - shown[b]!.y || shown[a]!.x - shown[b]!.x);
  return (
    <>
      <div class={onChange ? 'board editing' : 'board'} ref={grid}>
        {order.map(index => {
          const of = shown[index]!;
          const name = titleOf(of) || 'text';
          return (
            <section
              key={index}
              class={`card widget ${of.kind}`}
              aria-label={name}
              style={{
                '--x': of.x + 1,
                '--y': of.y + 1,
                '--w': of.w,
                '--w6': Math.max(1, Math.round(of.w / 2)),
                '--w2': of.w <= 3 ? 1 : 2,
                '--h': of.h,
              }}
            >
              {onChange && (
                <div class="row handles">
                  <button
                    type="button"
                    class="plain move"
                    aria-label={`Move ${name}: ${HINT}`}
                    title={HINT}
                    onKeyDown={event => press(event, index)}
                    onPointerDown={event => drag(event, index, false)}
                  >
                    ✥ Move
                  </button>
                  <span class="grow" />
                  <button
                    type="button"
                    class="plain"
                    aria-label={`Settings of ${name}`}
                    onClick={() => onSettings?.(index)}
                  >
                    Settings
                  </button>
                  <button
                    type="button"
                    class="plain"
                    aria-label={`Remove ${name}`}
                    onClick={() => onRemove?.(index)}
                  >
                    Remove
                  </button>
                </div>
              )}
              <div class="inside">{view(of, index)}</div>
              {onChange && (
                <span class="size" aria-hidden="true" onPointerDown={event => drag(event, index, true)} />
              )}
            </section>
          );
        })}
      </div>
      <p class="visually-hidden" role="status">
        {said}
      </p>
    </>
  );
}

/** The address of what is shown now, for others of the tenant; for a screen on a wall with `kiosk`. */
export function shareLink(kiosk: boolean): string {
  const address = new URL(location.href);
  address.searchParams.delete('edit');
  if (kiosk) address.searchParams.set('kiosk', '1');
  else address.searchParams.delete('kiosk');
  return address.href;
}

export const dashboardPath = (name: string): string => `/dashboards/${piece(name)}`;
