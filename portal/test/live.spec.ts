// One stream for all tabs of a browser, which goes on where it was: nothing is missing and nothing comes twice after
// the line was cut.
import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Page } from '@playwright/test';
import { askedForLatest, expect, rest, test as base } from './world.ts';

const SERVER = process.env['TRIBUTARY_URL'] ?? 'http://127.0.0.1:8080';

/** A line to the server that can be cut. */
class Line {
  private readonly open = new Set<Socket>();
  private readonly server: Server;
  private cut = false;

  private constructor() {
    const { hostname, port } = new URL(SERVER);
    this.server = createServer(client => {
      if (this.cut) {
        client.destroy();
        return;
      }
      const there = connect(Number(port), hostname);
      for (const [one, other] of [
        [client, there],
        [there, client],
      ] as const) {
        this.open.add(one);
        one.on('error', () => other.destroy());
        one.on('close', () => {
          this.open.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    });
  }

  static async begin(): Promise<{ line: Line; url: string }> {
    const line = new Line();
    await new Promise<void>(ready => line.server.listen(0, '127.0.0.1', ready));
    const { port } = line.server.address() as { port: number };
    return { line, url: `http://127.0.0.1:${port}` };
  }

  break(): void {
    this.cut = true;
    for (const socket of this.open) socket.destroy();
  }

  mend(): void {
    this.cut = false;
  }

  end(): void {
    this.break();
    this.server.close();
  }
}

const test = base.extend<{ line: Line; lined: { line: Line; url: string } }>({
  lined: async ({}, use) => {
    const lined = await Line.begin();
    await use(lined);
    lined.line.end();
  },
  line: async ({ lined }, use) => use(lined.line),
  baseURL: async ({ lined }, use) => use(lined.url),
});

/** Makes a device and gives what sends as it. */
async function sender(id: string): Promise<(body: object) => Promise<Response>> {
  await rest('POST', '/api/v1/devices', { id }).catch(() => undefined);
  const { secret } = await rest<{ secret: string }>('POST', `/api/v1/devices/${id}/credentials`, {
    kind: 'token',
  });
  return body =>
    fetch(`${SERVER}/api/v1/telemetry`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
}

/** Signs in over the line. */
async function enter(page: Page): Promise<void> {
  const { link } = await rest<{ link: string }>('POST', '/api/v1/session/link');
  const { pathname, search } = new URL(link, SERVER);
  await page.goto(pathname + search);
  await expect(page.getByRole('navigation', { name: 'Pages' })).toBeVisible();
}

const streams = async (): Promise<number> =>
  (await rest<{ liveStreams: number }>('GET', '/api/v1/status')).liveStreams;

const shown = async (page: Page): Promise<number[]> =>
  (await page.locator('.message .mono.grow').allInnerTexts())
    .map(text => (JSON.parse(text) as { n: number }).n)
    .filter(n => n > 0);

/** Sends a nought until every page shows one: from then on none of them misses anything. */
async function followed(send: (body: object) => Promise<unknown>, ...pages: Page[]): Promise<void> {
  await expect(async () => {
    await send({ n: 0 });
    for (const page of pages) await expect(page.locator('.message').first()).toBeVisible({ timeout: 1000 });
  }).toPass();
}

const down = (n: number): number[] => Array.from({ length: n }, (_, i) => n - i);

test('messages that came while the line was cut are all there afterwards, once, in every tab', async ({
  page,
  context,
  line,
}) => {
  const send = await sender('gap-1');
  await enter(page);
  await page.goto('/devices/gap-1?tab=messages');
  const other = await context.newPage();
  await other.goto('/messages?topic=devices/gap-1/%23');
  await followed(send, page, other);
  for (let n = 1; n <= 5; n++) await send({ n });
  await expect.poll(() => shown(page)).toEqual(down(5));
  await expect.poll(() => shown(other)).toEqual(down(5));
  line.break();
  for (let n = 6; n <= 25; n++) await send({ n });
  line.mend();
  await expect.poll(() => shown(page)).toEqual(down(25));
  await expect.poll(() => shown(other)).toEqual(down(25));
});

test('all tabs of a browser have one stream, also while what they show changes, and it ends with them', async ({
  page,
  context,
}) => {
  const send = await sender('tabs-1');
  await enter(page);
  // Those of the test before end within some seconds.
  await expect.poll(streams, { timeout: 60_000 }).toBe(0);
  const before = 0;
  await page.goto('/devices/tabs-1?tab=messages');
  await followed(send, page);
  await expect.poll(streams).toBe(before + 1);
  const tabs: Page[] = [];
  for (const path of ['/devices/pump-1', '/dashboards/of/pump', '/connect', '/devices/tabs-1', '/alarms']) {
    const tab = await context.newPage();
    await tab.goto(path);
    tabs.push(tab);
    // Every change of what is wanted opens the stream anew: the tab that looks on misses nothing and sees nothing twice.
    await send({ n: tabs.length });
  }
  await expect.poll(() => shown(page)).toEqual(down(5));
  await expect(tabs[3]!.locator('[data-sensor="n"] b')).toContainText('5');
  await expect.poll(streams).toBe(before + 1);
  for (const tab of tabs) await tab.close();
  await page.goto('/explore');
  await expect.poll(streams, { timeout: 60_000 }).toBe(before);
});

test('a browser without shared workers has a stream for each page', async ({ page, line }) => {
  await page.addInitScript(() => Reflect.deleteProperty(window, 'SharedWorker'));
  const send = await sender('alone-1');
  await send({ n: 1 });
  await enter(page);
  await page.goto('/devices/alone-1');
  const value = page.locator('[data-sensor="n"] b');
  await expect(value).toContainText('1');
  const asked = askedForLatest(page);
  let n = 10;
  // The page asks until its stream is there.
  await expect(async () => {
    asked.length = 0;
    await send({ n: ++n });
    await expect(value).toContainText(String(n));
    expect(asked).toEqual([]);
  }).toPass();
  line.break();
  await send({ n: ++n });
  line.mend();
  await expect(value).toContainText(String(n));
});

test('a dashboard shows what devices say by itself, and asks nothing while they are silent', async ({
  page,
}) => {
  const send = await sender('board-1');
  await rest('PATCH', '/api/v1/devices/board-1', { type: 'boarded' });
  await send({ level: 1 });
  await rest('PUT', '/api/v1/dashboards/live-board', {
    dashboard: {
      title: 'Live',
      range: '15m',
      widgets: [
        { kind: 'value', type: 'boarded', sensors: ['level'], x: 0, y: 0, w: 3, h: 2 },
        { kind: 'table', type: 'boarded', sensors: ['level'], x: 3, y: 0, w: 6, h: 4 },
        { kind: 'chart', type: 'boarded', sensors: ['level'], x: 0, y: 4, w: 12, h: 4 },
      ],
    },
  });
  await enter(page);
  await page.goto('/dashboards/live-board');
  const value = page.locator('.big').first();
  await expect(value).toContainText('1');
  await expect(page.locator('figure canvas')).toBeVisible();
  let before = -1;
  await expect
    .poll(
      async () => {
        const now = await page.evaluate(() => performance.getEntriesByType('resource').length);
        const still = now === before;
        before = now;
        return still;
      },
      { intervals: [1000] },
    )
    .toBe(true);
  const asked: string[] = [];
  const began = Date.now();
  page.on('request', request => asked.push(new URL(request.url()).pathname));
  for (let level = 2; level <= 6; level++) {
    await send({ level });
    await expect(value).toContainText(String(level));
    await expect(page.getByRole('cell', { name: String(level), exact: true })).toBeVisible();
  }
  await page.getByRole('button', { name: 'Table' }).click();
  await expect(page.getByRole('figure').getByRole('cell', { name: '6', exact: true }).first()).toBeVisible();
  await page.waitForTimeout(3000);
  expect(asked.filter(path => path !== '/api/v1/series')).toEqual([]);
  // A chart of 15 minutes is read again every 15 seconds.
  expect(asked.length).toBeLessThanOrEqual(1 + Math.floor((Date.now() - began) / 15_000));
});

test('words that a sensor said are shown, those of before and those of now', async ({ page }) => {
  const send = await sender('words-1');
  await send({ state: 'warming' });
  await enter(page);
  await page.goto('/devices/words-1');
  const state = page.locator('[data-sensor="state"] b');
  await expect(state).toContainText('warming');
  await send({ state: 'ready' });
  await expect(state).toContainText('ready');
});
