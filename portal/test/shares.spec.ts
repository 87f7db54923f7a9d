// A dashboard by link: seen without an account, that dashboard and nothing else, until the link is revoked.
import { boats, expect, rest, signIn, test } from './world.ts';

const NAME = 'on-the-wall';

test.beforeAll(async () => {
  await boats();
  await rest('DELETE', `/api/v1/dashboards/${NAME}`).catch(() => undefined);
  await rest('PUT', `/api/v1/dashboards/${NAME}`, {
    dashboard: {
      title: 'On the wall',
      range: '1h',
      variables: [{ name: 'pump', kind: 'device', type: 'pump' }],
      widgets: [
        { kind: 'value', device: '$pump', sensors: ['temperature'], x: 0, y: 0, w: 3, h: 2 },
        { kind: 'table', device: '$pump', sensors: ['temperature'], x: 3, y: 0, w: 5, h: 2 },
        { kind: 'alarms', x: 8, y: 0, w: 4, h: 2 },
        { kind: 'chart', device: '$pump', sensors: ['temperature'], x: 0, y: 2, w: 6, h: 4 },
        { kind: 'map', type: 'boat', x: 6, y: 2, w: 6, h: 5 },
        { kind: 'text', text: 'Call the hall', x: 0, y: 6, w: 6, h: 1 },
      ],
    },
  });
});

test('a link shows the dashboard to a stranger, its secret leaves the address, and revoked it shows nothing', async ({
  page,
  browser,
  baseURL,
}) => {
  await signIn(page);
  await page.goto(`/dashboards/${NAME}?v.pump=pump-2`);
  await page.getByRole('link', { name: 'Links' }).click();
  await expect(page.getByText('With pump = pump-2.')).toBeVisible();
  await page.getByLabel('Good for').selectOption('1h');
  await page.getByRole('button', { name: 'Make a link' }).click();
  const link = await page.locator('pre').innerText();
  expect(link).toMatch(/\/shared#trl_\w{36}$/);

  const stranger = await browser.newContext();
  const wall = await stranger.newPage();
  const asked: string[] = [];
  const wrong: string[] = [];
  wall.on('request', request => asked.push(request.url()));
  wall.on('pageerror', error => wrong.push(error.message));
  await wall.goto(link);
  await expect(wall.getByRole('heading', { name: 'On the wall' })).toBeVisible();
  expect(wall.url()).toBe(`${baseURL}/shared`);
  await expect(wall.locator('.big')).toContainText(/\d/);
  await expect(wall.getByRole('cell', { name: 'pump-2' }).first()).toBeVisible();
  await expect(wall.locator('figure canvas')).toBeVisible();
  await expect(wall.getByText('Call the hall')).toBeVisible();
  await expect(wall.getByText('Natural Earth')).toBeVisible();
  await expect(wall.getByRole('cell', { name: 'pump-1' })).toHaveCount(0);
  expect(await wall.getByRole('link').count()).toBe(0);
  expect(asked.filter(url => url.includes('trl_') || !url.startsWith(baseURL!))).toEqual([]);
  const api = asked.map(url => new URL(url).pathname).filter(path => path.startsWith('/api/'));
  expect(api.filter(path => !path.startsWith('/api/v1/shared') && path !== '/api/v1/session')).toEqual([]);
  const [cookie] = await stranger.cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/api/v1/shared' });
  // A wall comes back after a power cut without the secret in its address.
  await wall.reload();
  await expect(wall.getByRole('heading', { name: 'On the wall' })).toBeVisible();
  for (const [scheme, width] of [
    ['light', 1280],
    ['dark', 375],
  ] as const) {
    await wall.emulateMedia({ colorScheme: scheme });
    await wall.setViewportSize({ width, height: 900 });
    await expect(wall.locator('figure canvas')).toBeVisible();
    expect(
      await wall.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    ).toBeLessThanOrEqual(0);
    await wall.waitForTimeout(300);
    await wall.screenshot({ path: `target/screens/shared-${scheme}-${width}.png` });
  }
  const refused = await wall.evaluate(async () =>
    Promise.all(
      [
        '/api/v1/devices',
        '/api/v1/latest',
        '/api/v1/live/shared?want=alerts',
        '/api/v1/shared/widgets/9',
      ].map(async path => (await fetch(path)).status),
    ),
  );
  expect(refused).toEqual([401, 401, 401, 404]);

  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(page.getByText('None: only people of this tenant')).toBeVisible();
  await wall.reload();
  await expect(wall.getByText('The link has expired or was revoked')).toBeVisible();
  expect(wrong).toEqual([]);
  await stranger.close();
});

test('a link that is none shows nothing, and who made and opened links is in the audit log', async ({
  page,
}) => {
  await page.goto('/shared#trl_nothing');
  await expect(page.getByText('The link has expired or was revoked')).toBeVisible();
  await page.goto('/shared');
  await page.reload();
  await expect(page.getByText('The link has expired or was revoked')).toBeVisible();
  const { link } = await rest<{ link: string }>('POST', `/api/v1/dashboards/${NAME}/shares`, {
    validFor: '1h',
  });
  await page.goto(link);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'On the wall' })).toBeVisible();
  const log = JSON.stringify(await rest('GET', '/api/v1/audit?limit=50'));
  expect(log).toContain('makeShare');
  expect(log).toContain('openShare');
  expect(log).not.toContain('trl_');
});
