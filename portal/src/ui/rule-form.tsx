// The common case of a rule as a form: if a value is over x for y, say so. What it writes is the rule's own text.
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { get, post } from '../core/api';
import type { RuleAction, Rows } from '../core/model';
import { query } from '../core/router';
import { useLoad } from './load';

interface Wanted {
  sensor: string;
  compare: string;
  value: string;
  lasts: string;
  /** '' for each of them. */
  device: string;
  severity: string;
}

const COMPARE: [string, string][] = [
  ['>', 'is over'],
  ['<', 'is under'],
  ['=', 'is'],
];
const LASTS: [string, string][] = [
  ['', 'at once'],
  ['10s', 'for 10 seconds'],
  ['1m', 'for a minute'],
  ['5m', 'for 5 minutes'],
  ['30m', 'for 30 minutes'],
  ['1h', 'for an hour'],
];
const SEVERITIES = ['minor', 'major', 'critical'];

/** Words that are no key unless they stand between backticks. */
const RESERVED = new Set(
  'select from where and or not in like between is as case when then else having null true false value undefined'.split(
    ' ',
  ),
);

/** A key of a message as SQL names it: nested ones with a dot, places in lists in brackets. */
const key = (sensor: string): string =>
  sensor
    .split('.')
    .map(part => {
      const [, name = '', places = ''] = /^(.*?)((?:\[\d+\])*)$/s.exec(part) ?? [];
      const plain = /^[A-Za-z_]\w*$/.test(name) && !RESERVED.has(name.toLowerCase());
      return (plain ? name : `\`${name.replaceAll('`', '``')}\``) + places;
    })
    .join('.');

const text = (of: string): string => `'${of.replaceAll("'", "''")}'`;

/** Text that SQL reads as a number, true or false, else a text. */
const literal = (of: string): string =>
  /^(-?\d+(\.\d+)?|true|false)$/.test(of.trim()) ? of.trim() : text(of);

export function ruleText({ sensor, compare, value, lasts, device, severity }: Wanted): string {
  const name = `${sensor} ${compare === '<' ? 'low' : compare === '>' ? 'high' : 'found'}`;
  const alert = name.replace(/[^A-Za-z0-9]+/g, '_').replace(/^(\d)/, '_$1');
  return [
    `SELECT ${key(sensor)} AS \`value\``,
    `FROM ${text(`devices/${device || '+'}/telemetry`)}`,
    `ALERT ${alert} SEVERITY ${severity} PER device_id()`,
    `WHEN ${key(sensor)} ${compare} ${literal(value)}${lasts ? ` FOR ${lasts}` : ''}`,
  ].join('\n');
}

export function RuleForm({
  onWrite,
}: {
  onWrite: (sql: string, actions: RuleAction[], sensor: string) => void;
}): JSX.Element {
  const asked = query.peek();
  const [wanted, setWanted] = useState<Wanted>({
    sensor: asked.get('sensor') ?? '',
    compare: '>',
    value: asked.get('value') ?? '',
    lasts: '',
    device: asked.get('device') ?? '',
    severity: 'major',
  });
  const [told, setTold] = useState<string[]>([]);
  const sensors = useLoad(
    signal =>
      post<Rows>(
        '/api/v1/sql',
        { sql: 'SELECT DISTINCT sensor FROM sensors ORDER BY sensor LIMIT 300' },
        signal,
      ),
    [],
  );
  const sinks = useLoad(signal => get<{ sinks: { name: string }[] }>('/api/v1/sinks', signal), []);
  const set = (change: Partial<Wanted>): void => setWanted({ ...wanted, ...change });
  const ready = wanted.sensor.trim() !== '' && wanted.value.trim() !== '';
  useEffect(() => {
    if (ready)
      onWrite(
        ruleText(wanted),
        told.map(sink => ({ sink })),
        wanted.sensor,
      );
  }, [wanted, told]);

  const choice = (
    label: string,
    name: 'compare' | 'lasts' | 'severity',
    choices: [string, string][],
  ): JSX.Element => (
    <select
      aria-label={label}
      value={wanted[name]}
      onChange={event => set({ [name]: event.currentTarget.value })}
    >
      {choices.map(([id, title]) => (
        <option key={id} value={id}>
          {title}
        </option>
      ))}
    </select>
  );
  return (
    <div class="card stack tight">
      <h2>If a value is wrong, say so</h2>
      <div class="row">
        <span>If</span>
        <input
          type="text"
          aria-label="Sensor"
          placeholder="sensor"
          list="rule-sensors"
          value={wanted.sensor}
          onInput={event => set({ sensor: event.currentTarget.value })}
        />
        <datalist id="rule-sensors">
          {sensors.data?.rows.map(([name]) => (
            <option key={String(name)} value={String(name)} />
          ))}
        </datalist>
        <span>of</span>
        <input
          aria-label="Device, empty for each of them"
          placeholder="each device"
          value={wanted.device}
          onInput={event => set({ device: event.currentTarget.value.trim() })}
        />
        {choice('How it compares', 'compare', COMPARE)}
        <input
          aria-label="Value"
          placeholder="value"
          size={8}
          value={wanted.value}
          onInput={event => set({ value: event.currentTarget.value })}
        />
        {choice('How long', 'lasts', LASTS)}
      </div>
      <div class="row">
        <span>it is a</span>
        {choice(
          'How bad it is',
          'severity',
          SEVERITIES.map(one => [one, one]),
        )}
        <span>alarm on the page Alarms</span>
        {sinks.data?.sinks.map(({ name }) => (
          <label key={name} class="row">
            <input
              type="checkbox"
              checked={told.includes(name)}
              onChange={event =>
                setTold(event.currentTarget.checked ? [...told, name] : told.filter(one => one !== name))
              }
            />
            and goes to {name}
          </label>
        ))}
      </div>
      <p class="muted small">
        {ready
          ? 'This is the rule below; change it there for anything else.'
          : 'Name a sensor and a value: the rule is written below as you type.'}
      </p>
    </div>
  );
}
