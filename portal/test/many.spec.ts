// The list of devices where there are many: 100,000 with `./dev bench portal`, a few pages of it in the build.
import { Agent, request } from 'node:http';
import { expect, signIn, test } from './world.ts';

const BASE = process.env['TRIBUTARY_URL'] ?? 'http://127.0.0.1:8080';
const FIGURES = Boolean(process.env['TRIBUTARY_FIGURES']);
const COUNT = Number(process.env['TRIBUTARY_DEVICES'] ?? (FIGURES ? 100_000 : 1_300));
const AT_ONCE = 32;

test.setTimeout(FIGURES ? 900_000 : 240_000);

const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
const id = (index: number): string => `many-${String(index).padStart(6, '0')}`;

test.beforeAll(async () => {
  test.setTimeout(900_000);
  await each(one => call('POST', '', { id: one, type: 'many' }));
});

test.afterAll(async () => {
  test.setTimeout(900_000);
  if (!FIGURES) await each(one => call('DELETE', `/${one}`));
  agent.destroy();
});

test('the page of many devices is at hand, filters, scrolls to its end, and keeps few rows', async ({
  page,
}) => {
  const last = id(COUNT - 1);
  await signIn(page);
  const began = performance.now();
  await page.goto('/devices?type=many');
  await expect(page.getByText(id(0), { exact: true })).toBeVisible();
  const first = performance.now() - began;
  const filter = page.getByLabel("Part of the device's id");
  const asked = performance.now();
  await filter.fill(last);
  await expect(page.getByText(last, { exact: true })).toBeVisible();
  const found = performance.now() - asked;
  await expect(page).toHaveURL(`/devices?type=many&q=${last}`);
  await page.reload();
  await expect(page.getByText(last, { exact: true })).toBeVisible();
  await expect(page.getByRole('row')).toHaveCount(2);

  const pages = new Set<string>();
  page.on('request', request => {
    const skip = new URL(request.url()).searchParams.get('skip');
    if (skip !== null) pages.add(skip);
  });
  await page.goto('/devices?type=many');
  const list = page.getByLabel('Rows');
  await expect(page.getByText(`${COUNT.toLocaleString('en')} devices`)).toBeVisible();
  const scrolled = performance.now();
  const end = page.getByText(last, { exact: true });
  await list.evaluate(box => box.scrollTo(0, box.scrollHeight));
  await expect(end).toBeVisible();
  const whole = performance.now() - scrolled;
  // What was passed by was not read.
  expect(pages.size).toBeLessThan(5);
  await list.evaluate(box => box.scrollTo(0, box.scrollHeight / 2));
  await expect(page.getByText(id(Math.floor(COUNT / 2)), { exact: true })).toBeVisible();
  expect(pages.size).toBeLessThan(8);
  await list.evaluate(box => box.scrollTo(0, 0));
  await expect(page.getByText(id(0), { exact: true })).toBeVisible();
  const rows = await page.getByRole('row').count();
  const devTools = await page.context().newCDPSession(page);
  await devTools.send('HeapProfiler.collectGarbage');
  const { metrics } = (await devTools
    .send('Performance.enable')
    .then(() => devTools.send('Performance.getMetrics'))) as { metrics: { name: string; value: number }[] };
  const heap = metrics.find(one => one.name === 'JSHeapUsedSize')!.value / 1e6;
  process.stdout.write(
    `${COUNT} devices: first rows after ${first.toFixed(0)} ms, one found by filter in ${found.toFixed(0)} ms, ` +
      `at the end of the list after ${(whole / 1000).toFixed(2)} s with ${rows} rows in the page and ${heap.toFixed(0)} MB of JavaScript\n`,
  );
  expect(rows).toBeLessThan(200);
  expect(heap).toBeLessThan(250);
  if (FIGURES) {
    expect(first).toBeLessThan(2000);
    expect(found).toBeLessThan(1000);
  }
});

async function each(work: (id: string) => Promise<unknown>): Promise<void> {
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < COUNT) await work(id(next++));
    }),
  );
}

/** A call over one of a few connections; that a device is there already is as good. */
function call(method: string, path: string, body?: unknown): Promise<void> {
  return new Promise((done, failed) => {
    const headers = {
      Authorization: `Bearer ${process.env['TRIBUTARY_KEY']}`,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
    };
    request(`${BASE}/api/v1/devices${path}`, { method, agent, headers }, answer =>
      answer.resume().on('end', () => done()),
    )
      .on('error', failed)
      .end(body === undefined ? undefined : JSON.stringify(body));
  });
}
