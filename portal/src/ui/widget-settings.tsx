// What a widget shows and where, and what a dashboard is called and can be asked: as forms.
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { post } from '../core/api';
import { COLUMNS, KINDS, place, type Dashboard, type Variable, type Widget } from '../core/dashboards';
import type { Rows } from '../core/model';
import { RANGES } from '../core/range';
import { useLoad } from './load';

function Dialog({
  title,
  onDone,
  onClose,
  children,
}: {
  title: string;
  onDone: () => void;
  onClose: () => void;
  children: ComponentChildren;
}): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const submit = (event: Event): void => {
    event.preventDefault();
    onDone();
    onClose();
  };
  return (
    <dialog ref={dialog} aria-label={title} onClose={onClose}>
      <form class="stack" onSubmit={submit}>
        <h2>{title}</h2>
        {children}
        <div class="row">
          <button type="submit" class="first">
            Done
          </button>
          <button type="button" onClick={onClose}>
            Cancel
          </button>
        </div>
      </form>
    </dialog>
  );
}

function Field({
  label,
  value,
  onChange,
  list,
  placeholder = '',
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  list?: string;
  placeholder?: string;
}): JSX.Element {
  return (
    <label class="field">
      {label}
      <input
        type="text"
        value={value}
        placeholder={placeholder}
        list={list ?? 'nothing'}
        onInput={event => onChange(event.currentTarget.value)}
      />
    </label>
  );
}

const lines = (text: string): string[] =>
  [...new Set(text.split('\n').map(line => line.trim()))].filter(Boolean);

/** What is empty is left out, so that the file stays short. */
function compact<T extends object>(of: T): T {
  return Object.fromEntries(
    Object.entries(of).filter(
      ([, value]) => value !== '' && value !== undefined && !(Array.isArray(value) && !value.length),
    ),
  ) as T;
}

export function WidgetSettings({
  all,
  index,
  onDone,
  onClose,
}: {
  all: Dashboard;
  index: number;
  onDone: (widgets: Widget[]) => void;
  onClose: () => void;
}): JSX.Element {
  const begin = all.widgets[index]!;
  const [now, setNow] = useState(begin);
  const [sensors, setSensors] = useState((begin.sensors ?? []).join('\n'));
  const set = (change: Partial<Widget>): void => setNow({ ...now, ...change });
  const known = useLoad(
    signal =>
      post<Rows>(
        '/api/v1/sql',
        { sql: 'SELECT DISTINCT sensor FROM sensors ORDER BY sensor LIMIT 300' },
        signal,
      ),
    [],
  );
  const aboutDevices = now.kind !== 'text' && now.kind !== 'alarms';
  const names = (kind: Variable['kind']): string[] =>
    (all.variables ?? []).filter(one => one.kind === kind).map(one => `$${one.name}`);
  const done = (): void => {
    const widget = compact({ ...now, sensors: aboutDevices ? lines(sensors) : [] });
    const widgets = all.widgets.map((one, at) => (at === index ? widget : one));
    onDone(place(widgets, index, widget));
  };
  const number = (name: 'x' | 'y' | 'w' | 'h', title: string, from: number, to: number): JSX.Element => (
    <label class="field">
      {title}
      <input
        type="number"
        min={from}
        max={to}
        required
        value={name === 'x' || name === 'y' ? now[name] + 1 : now[name]}
        onInput={event => {
          const value = Number(event.currentTarget.value);
          set({ [name]: name === 'x' || name === 'y' ? value - 1 : value });
        }}
      />
    </label>
  );
  return (
    <Dialog title={KINDS[now.kind].title} onDone={done} onClose={onClose}>
      <Field label="Title" value={now.title ?? ''} onChange={title => set({ title })} />
      {now.kind === 'text' && (
        <label class="field">
          Text
          <textarea
            rows={6}
            maxLength={8000}
            value={now.text ?? ''}
            onInput={event => set({ text: event.currentTarget.value })}
          />
        </label>
      )}
      {aboutDevices && (
        <>
          <label class="field">
            Sensors, one a line
            <textarea
              class="mono"
              rows={3}
              value={sensors}
              onInput={event => setSensors(event.currentTarget.value)}
            />
          </label>
          <label class="row small">
            <span class="muted">Add</span>
            <select
              value=""
              onChange={event => {
                setSensors([...lines(sensors), event.currentTarget.value].join('\n'));
                event.currentTarget.value = '';
              }}
            >
              <option value="">a sensor that was seen</option>
              {known.data?.rows.map(([name]) => (
                <option key={String(name)} value={String(name)}>
                  {String(name)}
                </option>
              ))}
            </select>
          </label>
        </>
      )}
      {now.kind !== 'text' && (
        <Field
          label="Device: an id, or a variable"
          placeholder="all"
          list="device-variables"
          value={now.device ?? ''}
          onChange={device => set({ device })}
        />
      )}
      {aboutDevices && (
        <div class="columns">
          <Field
            label="Only of this type"
            placeholder="all"
            value={now.type ?? ''}
            onChange={type => set({ type })}
          />
          <Field
            label="Only with this label, or a variable"
            placeholder="site=berlin"
            list="label-variables"
            value={now.label ?? ''}
            onChange={label => set({ label })}
          />
        </div>
      )}
      <datalist id="device-variables">
        {names('device').map(name => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <datalist id="label-variables">
        {names('label').map(name => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <div class="places">
        {number('x', 'Column', 1, COLUMNS)}
        {number('y', 'Row', 1, 1000)}
        {number('w', 'Wide', 1, COLUMNS)}
        {number('h', 'High', 1, 40)}
      </div>
    </Dialog>
  );
}

export function BoardSettings({
  of,
  onDone,
  onClose,
}: {
  of: Dashboard;
  onDone: (next: Dashboard) => void;
  onClose: () => void;
}): JSX.Element {
  const [title, setTitle] = useState(of.title);
  const [range, setRange] = useState(of.range ?? '1h');
  const [variables, setVariables] = useState(of.variables ?? []);
  const set = (index: number, change: Partial<Variable>): void =>
    setVariables(variables.map((one, at) => (at === index ? { ...one, ...change } : one)));
  const done = (): void =>
    onDone({
      ...of,
      title: title.trim() || of.title,
      range,
      variables: variables.filter(one => one.name).map(compact),
    });
  return (
    <Dialog title="The dashboard" onDone={done} onClose={onClose}>
      <Field label="Title" value={title} onChange={setTitle} />
      <label class="field">
        Time that it begins with
        <select value={range} onChange={event => setRange(event.currentTarget.value)}>
          {RANGES.map(([id, name]) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <h3>Variables</h3>
      <p class="muted small">What one chooses above; a widget says $name for it.</p>
      {variables.map((one, index) => (
        <fieldset key={index} class="row">
          <legend class="visually-hidden">{`Variable ${index + 1}`}</legend>
          <input
            aria-label="Name"
            placeholder="name"
            pattern="[a-z][a-z0-9_]*"
            required
            value={one.name}
            onInput={event => set(index, { name: event.currentTarget.value })}
          />
          <select
            aria-label="Kind"
            value={one.kind}
            onChange={event => set(index, { kind: event.currentTarget.value as Variable['kind'] })}
          >
            <option value="device">a device</option>
            <option value="label">a label</option>
          </select>
          {one.kind === 'device' ? (
            <input
              aria-label="Type of the devices"
              placeholder="of any type"
              value={one.type ?? ''}
              onInput={event => set(index, { type: event.currentTarget.value })}
            />
          ) : (
            <input
              aria-label="Name of the label"
              placeholder="label, such as site"
              required
              value={one.label ?? ''}
              onInput={event => set(index, { label: event.currentTarget.value })}
            />
          )}
          <button
            type="button"
            class="plain"
            aria-label={`Remove the variable ${one.name}`}
            onClick={() => setVariables(variables.filter((_, at) => at !== index))}
          >
            Remove
          </button>
        </fieldset>
      ))}
      <div class="row">
        <button
          type="button"
          disabled={variables.length >= 10}
          onClick={() => setVariables([...variables, { name: '', kind: 'device' }])}
        >
          Add a variable
        </button>
      </div>
    </Dialog>
  );
}
