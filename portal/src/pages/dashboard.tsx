// One dashboard that somebody keeps: shown, changed, as a file, and as it was.
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, put, remove, url } from '../core/api';
import {
  KINDS,
  below,
  type Dashboard,
  type DashboardEntry,
  type KeptDashboard,
  type Widget,
  type WidgetKind,
} from '../core/dashboards';
import { go, query, refine } from '../core/router';
import { may } from '../core/session';
import { Board, dashboardPath } from '../ui/board';
import { asProblem, useAct, useLoad } from '../ui/load';
import { Busy, Card, Confirm, Empty, Page, Time, Trouble } from '../ui/pieces';
import { BoardSettings, WidgetSettings } from '../ui/widget-settings';
import { Share } from './dashboards';
import { Links, linksQuery } from './links';

export function DashboardPage({ name = '' }: Record<string, string>): JSX.Element {
  const path = `/api/v1${dashboardPath(name)}`;
  const kept = useLoad(signal => get<KeptDashboard>(path, signal), [name]);
  const mode = query.value.get('edit') ? 'edit' : (query.value.get('tab') ?? '');
  if (!kept.data) {
    return (
      <Page title={name}>
        {kept.problem ? <Trouble of={kept.problem} /> : <Busy what="Reading the dashboard" />}
        {kept.problem?.status === 404 && (
          <p>
            <a href="/dashboards">All dashboards</a>
          </p>
        )}
      </Page>
    );
  }
  const { dashboard, version } = kept.data;
  if (query.value.get('kiosk')) return <Board of={dashboard} />;
  if (mode === 'edit' && may('operator')) {
    return <Edit key={version} name={name} kept={kept.data} onSaved={kept.again} />;
  }
  const to = dashboardPath(name);
  return (
    <Page
      title={dashboard.title}
      lead={
        <>
          {name}, version {version}, <Time at={kept.data.savedAt} /> by {kept.data.savedBy}
        </>
      }
      actions={
        <div class="row">
          {mode !== '' && (
            <a class="button" href={to}>
              Show
            </a>
          )}
          {may('operator') && (
            <a class="button" href={`${to}?edit=1`}>
              Change
            </a>
          )}
          <a class="button" href={`${to}?tab=yaml`}>
            YAML
          </a>
          <a class="button" href={`${to}?tab=versions`}>
            Versions
          </a>
          {may('owner') && (
            <a class="button" href={`${to}?${linksQuery(query.value)}`}>
              Links
            </a>
          )}
          <Share />
        </div>
      }
    >
      {mode === '' && dashboard.widgets.length === 0 && (
        <Card>
          <Empty>
            Nothing is on it yet. {may('operator') && <a href={`${to}?edit=1`}>Put something on it.</a>}
          </Empty>
        </Card>
      )}
      {mode === '' && <Board of={dashboard} />}
      {mode === 'yaml' && <Yaml key={version} name={name} kept={kept.data} onSaved={kept.again} />}
      {mode === 'links' && may('owner') && <Links name={name} of={dashboard} />}
      {mode === 'versions' && <Versions name={name} kept={kept.data} onSaved={kept.again} />}
    </Page>
  );
}

interface EditProps {
  name: string;
  kept: KeptDashboard;
  onSaved: () => void;
}

function Edit({ name, kept, onSaved }: EditProps): JSX.Element {
  // What it was before each change, so that every one can be undone.
  const [past, setPast] = useState<Dashboard[]>([]);
  const [now, setNow] = useState(kept.dashboard);
  const [open, setOpen] = useState<number | 'board'>();
  const [doomed, setDoomed] = useState(false);
  const { act, busy, problem } = useAct();
  const changed = past.length > 0;

  const change = (next: Dashboard): void => {
    setPast([...past.slice(-99), now]);
    setNow(next);
  };
  const undo = (): void => {
    const before = past.at(-1);
    if (!before) return;
    setNow(before);
    setPast(past.slice(0, -1));
  };
  const latest = useRef(undo);
  latest.current = undo;
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const target = event.target as HTMLElement;
      if (!(event.ctrlKey || event.metaKey) || event.key !== 'z' || /INPUT|TEXTAREA/.test(target.tagName))
        return;
      event.preventDefault();
      latest.current();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  useEffect(() => {
    if (!changed) return;
    const ask = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', ask);
    return () => removeEventListener('beforeunload', ask);
  }, [changed]);

  const widgets = (next: Widget[]): void => change({ ...now, widgets: next });
  const add = (kind: WidgetKind): void => {
    const { w, h } = KINDS[kind];
    const device = now.variables?.find(one => one.kind === 'device');
    const about = device && kind !== 'alarms' && kind !== 'text' ? { device: `$${device.name}` } : {};
    widgets([...now.widgets, { kind, ...about, x: 0, y: below(now.widgets), w, h }]);
    setOpen(now.widgets.length);
  };
  const save = (): void =>
    void act(async () => {
      await put(`/api/v1${dashboardPath(name)}`, { dashboard: now, version: kept.version });
      refine({ edit: '' });
      onSaved();
    });
  const destroy = (): void =>
    void act(async () => {
      await remove(`/api/v1${dashboardPath(name)}`);
      go('/dashboards');
    });
  return (
    <Page
      title={now.title}
      lead="Drag ✥ to move and the corner to size, or use the arrow keys there."
      actions={
        <div class="row">
          <button type="button" class="first" disabled={busy || !changed} onClick={save}>
            Save
          </button>
          <button type="button" disabled={!changed} onClick={undo}>
            Undo
          </button>
          <button type="button" onClick={() => setOpen('board')}>
            Title and variables
          </button>
          <a class="button" href={dashboardPath(name)}>
            {changed ? 'Leave without saving' : 'Done'}
          </a>
          <button type="button" class="danger" disabled={busy} onClick={() => setDoomed(true)}>
            Remove dashboard
          </button>
        </div>
      }
    >
      <Trouble of={problem} />
      <div class="row">
        <span class="muted">Add</span>
        {Object.entries(KINDS).map(([kind, { title }]) => (
          <button key={kind} type="button" onClick={() => add(kind as WidgetKind)}>
            {title}
          </button>
        ))}
      </div>
      <Board
        of={now}
        onChange={widgets}
        onSettings={setOpen}
        onRemove={index => widgets(now.widgets.filter((_, at) => at !== index))}
      />
      {open === 'board' && <BoardSettings of={now} onDone={change} onClose={() => setOpen(undefined)} />}
      {typeof open === 'number' && now.widgets[open] && (
        <WidgetSettings all={now} index={open} onDone={widgets} onClose={() => setOpen(undefined)} />
      )}
      {doomed && (
        <Confirm
          question={`Remove the dashboard ${name}?`}
          consequence="Its versions go with it; the YAML that you downloaded brings it back. What devices sent stays."
          word="Remove"
          onYes={destroy}
          onNo={() => setDoomed(false)}
        />
      )}
    </Page>
  );
}

function Yaml({ name, kept, onSaved }: EditProps): JSX.Element {
  const [text, setText] = useState(kept.yaml);
  const { act, busy, problem } = useAct();
  const save = (): void =>
    void act(async () => {
      await put(`/api/v1${dashboardPath(name)}`, { yaml: text, version: kept.version });
      onSaved();
    });
  const bring = async (file: File | undefined): Promise<void> => {
    if (file) setText(await file.text());
  };
  return (
    <Card
      title="As a file"
      actions={
        <>
          <a class="button" href={`/api/v1${dashboardPath(name)}/yaml`} download={`${name}.yaml`}>
            Download
          </a>
          {may('operator') && (
            <label class="button">
              Bring a file
              <input
                class="visually-hidden"
                type="file"
                accept=".yaml,.yml"
                onChange={event => void bring(event.currentTarget.files?.[0])}
              />
            </label>
          )}
        </>
      }
    >
      <textarea
        class="mono"
        aria-label="The dashboard as YAML"
        rows={24}
        spellcheck={false}
        readOnly={!may('operator')}
        value={text}
        onInput={event => setText(event.currentTarget.value)}
      />
      <Trouble of={problem} />
      {may('operator') && (
        <div class="row">
          <button type="button" class="first" disabled={busy || text === kept.yaml} onClick={save}>
            Save as a new version
          </button>
        </div>
      )}
    </Card>
  );
}

function Versions({ name, kept, onSaved }: EditProps): JSX.Element {
  const path = `/api/v1${dashboardPath(name)}`;
  const list = useLoad(
    signal => get<{ versions: DashboardEntry[] }>(`${path}/versions`, signal),
    [name, kept.version],
  );
  const { act, busy, problem } = useAct();
  const restore = (version: number): void =>
    void act(async () => {
      const { yaml } = await get<KeptDashboard>(url(path, { version }));
      await put(path, { yaml, version: kept.version });
      onSaved();
    }).catch(asProblem);
  return (
    <Card title="Versions">
      <Trouble of={problem ?? list.problem} />
      {!list.data && !list.problem && <Busy what="Reading versions" />}
      <ul class="plain">
        {list.data?.versions.map(one => (
          <li key={one.version} class="row">
            <span class="grow">
              {one.version}: {one.title}
            </span>
            <span class="muted small">
              <Time at={one.savedAt} /> by {one.savedBy}
            </span>
            {one.version !== kept.version && may('operator') && (
              <button type="button" disabled={busy} onClick={() => restore(one.version)}>
                Bring back
              </button>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
