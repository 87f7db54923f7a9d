// The shell: who is signed in, where we are, and the page for that.
import type { FunctionComponent, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ENTRIES } from './core/pages';
import { go, path, query, takeLinks } from './core/router';
import { signOut, who } from './core/session';
import { choose, chosen } from './core/theme';
import { zone } from './core/format';
import { Busy, Page } from './ui/pieces';
import { Help } from './ui/help';
import { Overview } from './pages/overview';
import { Devices } from './pages/devices';
import { SignIn } from './pages/signin';

type Part = Record<string, string>;

interface Place {
  /** `/devices/:id` */
  pattern: string;
  /** Read when it is first wanted. */
  load: () => Promise<FunctionComponent<Part>>;
}

const PLACES: Place[] = [
  { pattern: '/', load: async () => Overview },
  { pattern: '/devices', load: async () => Devices },
  { pattern: '/devices/:id', load: async () => (await import('./pages/device')).DevicePage },
  { pattern: '/connect', load: async () => (await import('./pages/connect')).Connect },
  { pattern: '/alarms', load: async () => (await import('./pages/alarms')).Alarms },
  { pattern: '/rules', load: async () => (await import('./pages/rules')).Rules },
  { pattern: '/rules/:name', load: async () => (await import('./pages/rules')).RulePage },
  { pattern: '/dashboards', load: async () => (await import('./pages/dashboards')).Dashboards },
  { pattern: '/dashboards/:name', load: async () => (await import('./pages/dashboard')).DashboardPage },
  {
    pattern: '/dashboards/of/:type',
    load: async () => (await import('./pages/dashboards')).TypeDashboard,
  },
  { pattern: '/shared', load: async () => (await import('./pages/shared')).Shared },
  { pattern: '/explore', load: async () => (await import('./pages/explore')).Explore },
  { pattern: '/explore/files', load: async () => (await import('./pages/files')).Files },
  { pattern: '/explore/message', load: async () => (await import('./pages/where')).Where },
  { pattern: '/messages', load: async () => (await import('./pages/messages')).Messages },
  { pattern: '/admin', load: async () => (await import('./pages/admin')).Admin },
];

function match(at: string): { place: Place; parts: Part } | undefined {
  const pieces = at.split('/');
  for (const place of PLACES) {
    const wanted = place.pattern.split('/');
    if (wanted.length !== pieces.length) continue;
    const parts: Part = {};
    const fits = wanted.every((want, index) => {
      if (!want.startsWith(':')) return want === pieces[index];
      parts[want.slice(1)] = decodeURIComponent(pieces[index]!);
      return pieces[index] !== '';
    });
    if (fits) return { place, parts };
  }
  return undefined;
}

takeLinks(at => match(at) !== undefined);

export function App(): JSX.Element {
  // Who has a link to a dashboard needs no account.
  if (path.value === '/shared') {
    return (
      <main id="page" class="kiosk">
        <Shown at={path.value} />
      </main>
    );
  }
  if (who.value === undefined) {
    return (
      <main>
        <Busy what="Looking who is here" />
      </main>
    );
  }
  if (who.value === null) return <SignIn />;
  if (query.value.get('kiosk')) {
    return (
      <main id="page" class="kiosk">
        <Shown at={path.value} />
      </main>
    );
  }
  return (
    <div class="shell">
      <Side />
      <main id="page" tabIndex={-1}>
        <Shown at={path.value} />
      </main>
      <Help />
    </div>
  );
}

function Shown({ at }: { at: string }): JSX.Element {
  const found = match(at);
  const [page, setPage] = useState<{ of: Place; show: FunctionComponent<Part> }>();
  const [failed, setFailed] = useState(false);
  const place = found?.place;
  useEffect(() => {
    if (!place) return;
    let gone = false;
    setFailed(false);
    place.load().then(
      show => !gone && setPage({ of: place, show }),
      () => !gone && setFailed(true),
    );
    return () => {
      gone = true;
    };
  }, [place]);
  if (!found) {
    return (
      <Page title="Nothing here">
        <p>
          There is no page at <code>{at}</code>. <a href="/">Go to the overview.</a>
        </p>
      </Page>
    );
  }
  if (failed) {
    return (
      <Page title="This page did not arrive">
        <p>The server may have been stopped or replaced by another version.</p>
        <button type="button" onClick={() => location.reload()}>
          Load again
        </button>
      </Page>
    );
  }
  if (!page || page.of !== place) return <Busy what="Loading the page" />;
  const Here = page.show;
  return <Here key={at} {...found.parts} />;
}

function Side(): JSX.Element {
  const at = path.value;
  const current = (href: string): boolean =>
    href === '/' ? at === '/' : at === href || at.startsWith(`${href}/`);
  const leave = async (): Promise<void> => {
    await signOut();
    go('/');
  };
  return (
    <div class="side">
      <a class="brand" href="/">
        <img src="/icon.svg" alt="" /> Tributary
      </a>
      <nav aria-label="Pages">
        {ENTRIES.map(({ href, title }) => (
          <a key={href} href={href} {...(current(href) ? { 'aria-current': 'page' as const } : {})}>
            {title}
          </a>
        ))}
      </nav>
      <details class="small">
        <summary>
          {who.value?.tenant} · {who.value?.role}
        </summary>
        <div>
          <span class="muted">times are {zone()}</span>
          <label class="field">
            Theme
            <select
              value={chosen.value}
              onChange={event => choose(event.currentTarget.value as '' | 'light' | 'dark')}
            >
              <option value="">as the system</option>
              <option value="light">light</option>
              <option value="dark">dark</option>
            </select>
          </label>
          <button type="button" onClick={() => void leave()}>
            Sign out
          </button>
        </div>
      </details>
    </div>
  );
}
