// Dashboards: their shape, the one that is made from what was seen of a type of device, and how widgets move.
import type { Rows } from './model';

export type WidgetKind = 'chart' | 'value' | 'table' | 'alarms' | 'map' | 'text';

/** Where something is on the grid of 12 columns. */
export interface Cell {
  x: number;
  y: number;
  w: number;
  h: number;
}

export interface Widget extends Cell {
  kind: WidgetKind;
  title?: string;
  device?: string;
  type?: string;
  label?: string;
  sensors?: string[];
  text?: string;
}

export interface Variable {
  name: string;
  kind: 'device' | 'label';
  title?: string;
  type?: string;
  label?: string;
  value?: string;
}

export interface Dashboard {
  title: string;
  range?: string;
  variables?: Variable[];
  widgets: Widget[];
}

export interface KeptDashboard {
  name: string;
  version: number;
  dashboard: Dashboard;
  yaml: string;
  savedAt: string;
  savedBy: string;
}

export interface DashboardEntry {
  name: string;
  title: string;
  version: number;
  savedAt: string;
  savedBy: string;
}

export const COLUMNS = 12;
const ROWS_MAX = 1000;
const HEIGHT_MAX = 40;

export const KINDS: Record<WidgetKind, { title: string; w: number; h: number }> = {
  chart: { title: 'Line chart', w: 6, h: 4 },
  value: { title: 'Value', w: 3, h: 2 },
  table: { title: 'Table of newest values', w: 6, h: 4 },
  alarms: { title: 'Alarms', w: 6, h: 4 },
  map: { title: 'Map', w: 6, h: 5 },
  text: { title: 'Text', w: 6, h: 2 },
};

/** Which devices a widget is about, once its variables are filled in; what is '' does not matter. */
export interface Selection {
  device: string;
  type: string;
  label: string;
}

/** @param values what is chosen of each variable, by its name */
export function selection(of: Widget, variables: Variable[], values: Record<string, string>): Selection {
  const filled = (text: string | undefined): string => {
    if (!text?.startsWith('$')) return text ?? '';
    const variable = variables.find(one => one.name === text.slice(1));
    const value = values[text.slice(1)] ?? variable?.value ?? '';
    return value && variable?.kind === 'label' ? `${variable.label ?? variable.name}=${value}` : value;
  };
  // Without a type of its own a widget is about the type of the variable that it follows.
  const followed = variables.find(one => `$${one.name}` === of.device || `$${one.name}` === of.label);
  return { device: filled(of.device), type: of.type ?? followed?.type ?? '', label: filled(of.label) };
}

/** What moves or grows stays on the grid, and pushes down what is in its way. */
export function place<T extends Cell>(all: T[], index: number, to: Partial<Cell>): T[] {
  const moved = { ...all[index]!, ...to };
  moved.w = Math.min(COLUMNS, Math.max(1, moved.w));
  moved.h = Math.min(HEIGHT_MAX, Math.max(1, moved.h));
  moved.x = Math.min(COLUMNS - moved.w, Math.max(0, moved.x));
  moved.y = Math.min(ROWS_MAX, Math.max(0, moved.y));
  const settled: { at: number; widget: T }[] = [{ at: index, widget: moved }];
  const others = all.map((widget, at) => ({ at, widget })).filter(one => one.at !== index);
  others.sort((a, b) => a.widget.y - b.widget.y || a.widget.x - b.widget.x);
  for (const { at, widget } of others) {
    let y = widget.y;
    for (;;) {
      const way = settled.find(one => meets(one.widget, { ...widget, y }));
      if (!way) break;
      y = way.widget.y + way.widget.h;
    }
    settled.push({ at, widget: { ...widget, y: Math.min(ROWS_MAX, y) } });
  }
  settled.sort((a, b) => a.at - b.at);
  return settled.map(one => one.widget);
}

function meets(a: Cell, b: Cell): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}

/** The first row below everything. */
export function below(all: Cell[]): number {
  return all.reduce((most, one) => Math.max(most, one.y + one.h), 0);
}

export interface SeenSensor {
  sensor: string;
  kind: string;
  unit: string;
  devices: number;
}

/** What there is to show of a type: the sensors that its devices have. */
export const SEEN_SQL =
  'SELECT s.sensor, max(s.kind), max(s.unit), count(*) AS n FROM sensors s JOIN devices d ON d.id = s.device ' +
  'WHERE d.type = :type GROUP BY s.sensor ORDER BY n DESC, s.sensor LIMIT 60';

export function seen(rows: Rows): SeenSensor[] {
  return rows.rows.map(([sensor, kind, unit, devices]) => ({
    sensor: String(sensor),
    kind: String(kind),
    unit: String(unit ?? ''),
    devices: Number(devices),
  }));
}

const LATITUDE = /(^|\.)lat(itude)?$/i;
const LONGITUDE = /(^|\.)(lon|lng|long|longitude)$/i;
const AUTO_VALUES = 4;
const AUTO_CHARTS = 8;

/** The dashboard of a type that nobody has to make. */
export function dashboardOf(type: string, sensors: SeenSensor[]): Dashboard {
  const latitude = sensors.find(one => LATITUDE.test(one.sensor))?.sensor;
  const longitude = sensors.find(one => LONGITUDE.test(one.sensor))?.sensor;
  const drawn = sensors.filter(
    one => one.kind !== 'text' && one.sensor !== latitude && one.sensor !== longitude,
  );
  const shown = { device: '$device', type };
  const widgets: Widget[] = [];
  const values = drawn.slice(0, AUTO_VALUES);
  values.forEach((one, index) => {
    widgets.push({ kind: 'value', ...shown, sensors: [one.sensor], x: index * 3, y: 0, w: 3, h: 2 });
  });
  let y = below(widgets);
  const charts = drawn.slice(0, AUTO_CHARTS);
  charts.forEach((one, index) => {
    const x = (index % 2) * 6;
    const alone = x === 0 && index === charts.length - 1;
    widgets.push({
      kind: 'chart',
      ...shown,
      sensors: [one.sensor],
      x,
      y: y + Math.floor(index / 2) * 4,
      w: alone ? COLUMNS : 6,
      h: 4,
    });
  });
  y = below(widgets);
  const columns = sensors.slice(0, 8).map(one => one.sensor);
  if (latitude && longitude) {
    widgets.push({ kind: 'map', type, sensors: [latitude, longitude], x: 0, y, w: 12, h: 5 });
    y = below(widgets);
  }
  widgets.push({ kind: 'table', title: 'Newest values', ...shown, sensors: columns, x: 0, y, w: 8, h: 5 });
  widgets.push({ kind: 'alarms', title: 'Alarms', x: 8, y, w: 4, h: 5 });
  return {
    title: type,
    range: '1h',
    variables: [{ name: 'device', kind: 'device', type }],
    widgets,
  };
}
