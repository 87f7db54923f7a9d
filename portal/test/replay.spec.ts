// A past window decoded again: compared, looked at, and put in the place of what is there.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, rest, signIn, test } from './world.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const REPLAY = '/api/v1/decode/replay';

/** A decoder takes a while, and so does a machine that is busy. */
const PATIENCE = { timeout: 120_000 };

/** Before the messages of this test: what the demonstration had sent until then is more than fits. */
let from = '';

test.beforeAll(async () => {
  from = new Date().toISOString();
  const base = process.env['TRIBUTARY_URL'] ?? 'http://127.0.0.1:8080';
  await rest('POST', '/api/v1/devices', { id: 'again-1' }).catch(() => undefined);
  const { secret } = await rest<{ secret: string }>('POST', '/api/v1/devices/again-1/credentials', {
    kind: 'token',
  });
  for (const body of ['{"temp":1}', '{"temp":2}', 'no JSON at all']) {
    const answer = await fetch(`${base}/api/v1/telemetry`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
      body,
    });
    expect(answer.status).toBeLessThan(500);
  }
});

test('what came is decoded again, and this version finds nothing otherwise', async ({ page }) => {
  await signIn(page);
  await page.goto('/messages');
  await page.getByRole('button', { name: 'Decode again' }).click();
  await page.getByLabel('Received from').fill(from);
  await page.getByRole('button', { name: 'Compare' }).click();
  await expect(page.getByText('and nothing would be otherwise.')).toBeVisible(PATIENCE);
  await expect(page.getByRole('button', { name: 'Put in place' })).toHaveCount(0);
});

test('what is otherwise is counted and shown, and put in place once somebody is sure', async ({ page }) => {
  const { messages } = await rest<{ messages: { partition: number; position: number }[] }>(
    'GET',
    '/api/v1/messages?device=again-1&since=-24h&limit=1',
  );
  const id = `${messages[0]!.partition}-${messages[0]!.position}`;
  const asked: { apply?: string; from: string; to?: string }[] = [];
  // One server has one decoder: what another would find is added to what this one does.
  await page.route(`**${REPLAY}`, async route => {
    const body = route.request().postDataJSON() as (typeof asked)[0];
    asked.push(body);
    const answer = await route.fetch({ timeout: PATIENCE.timeout });
    const report = (await answer.json()) as Record<string, unknown>;
    const more = {
      changed: 1,
      recovered: 1,
      differences: [
        {
          kind: 'changed',
          message: id,
          device: 'pump-1',
          sensor: 'a-sensor',
          ts: report['from'],
          was: '1',
          is: '2',
        },
        { kind: 'recovered', message: id, was: 'no JSON at all', is: '' },
      ],
    };
    await route.fulfill({ response: answer, json: body.apply ? report : { ...report, ...more } });
  });
  await signIn(page);
  await page.setViewportSize({ width: 375, height: 900 });
  await page.goto('/messages');
  await page.getByRole('button', { name: 'Decode again' }).click();
  await page.getByLabel('Received from').fill(from);
  await page.getByRole('button', { name: 'Compare' }).click();
  const otherwise = page.getByRole('list', { name: 'What is otherwise' });
  await expect(otherwise).toContainText('1Readings that are there with another value', PATIENCE);
  await expect(otherwise.getByRole('listitem')).toHaveCount(2);
  const samples = page.getByRole('region', { name: 'The first differences' });
  await expect(samples.getByRole('row')).toHaveCount(3);
  await expect(samples).toContainText('no JSON at all');
  await expect(samples.getByRole('link', { name: id }).first()).toHaveAttribute(
    'href',
    `/explore/message?id=${id}`,
  );
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(375);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await accessible()).toEqual([]);
  }

  await page.getByRole('button', { name: 'Put in place' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('the messages stay');
  await dialog.getByRole('button', { name: 'Leave it as it is' }).click();
  await expect(dialog).toHaveCount(0);
  expect(asked).toHaveLength(1);
  await page.getByRole('button', { name: 'Put in place' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Put in place' }).click();
  await expect(page.getByText('in place', { exact: true })).toBeVisible(PATIENCE);
  await expect(page.getByRole('button', { name: 'Put in place' })).toHaveCount(0);
  expect(asked).toHaveLength(2);
  expect(asked[1]!.apply).toMatch(/^[0-9a-f]+$/);
  expect(Date.parse(asked[1]!.to!)).toBeGreaterThan(Date.parse(asked[1]!.from));

  /** What axe finds that matters. */
  async function accessible(): Promise<string[]> {
    // Not by a script tag: the page's own policy forbids that, and rightly.
    await page.evaluate(axe);
    return page.evaluate(async () => {
      const run = (
        window as unknown as {
          axe: {
            run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }>;
          };
        }
      ).axe;
      return (await run.run()).violations
        .filter(one => one.impact === 'serious' || one.impact === 'critical')
        .map(one => `${one.id}: ${one.nodes.map(node => node.html.slice(0, 160)).join(' | ')}`);
    });
  }
});

test('a window that changed since it was compared is refused, and why is said', async ({ page }) => {
  await signIn(page);
  await page.route(`**${REPLAY}`, async route => {
    const body = route.request().postDataJSON() as { apply?: string };
    if (body.apply) {
      await route.continue({ postData: JSON.stringify({ ...body, apply: '0123456789abcdef' }) });
      return;
    }
    const answer = await route.fetch({ timeout: PATIENCE.timeout });
    await route.fulfill({
      response: answer,
      json: { ...((await answer.json()) as object), changed: 1 },
    });
  });
  await page.goto('/messages');
  await page.getByRole('button', { name: 'Decode again' }).click();
  await page.getByLabel('Received from').fill(from);
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.getByRole('button', { name: 'Put in place' }).click(PATIENCE);
  await page.getByRole('dialog').getByRole('button', { name: 'Put in place' }).click();
  await expect(page.getByRole('alert')).toContainText('Nothing was applied', PATIENCE);
});
