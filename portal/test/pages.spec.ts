// Every page, at every width, light and dark.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { boats, expect, rest, signIn, test } from './world.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

const WIDTHS = [375, 768, 1280];

const PAGES: { path: string; ready: string | RegExp }[] = [
  { path: '/', ready: 'Messages a second' },
  { path: '/devices', ready: 'pump-1' },
  { path: '/devices/pump-1', ready: 'temperature' },
  { path: '/devices/pump-1?tab=messages&since=-1h', ready: 'devices/pump-1/telemetry' },
  { path: '/devices/pump-1?tab=commands', ready: 'nobody listens' },
  { path: '/devices/pump-1?tab=events', ready: 'first-seen' },
  { path: '/devices/pump-1?tab=credentials', ready: 'Good until' },
  { path: '/devices/pump-1?tab=about', ready: 'Devices that it carries' },
  { path: '/connect', ready: 'What is it called?' },
  { path: '/alarms', ready: 'Maintenance' },
  { path: '/dashboards', ready: 'Made by themselves' },
  { path: '/dashboards/of/pump', ready: 'Newest values' },
  { path: '/dashboards/of/boat', ready: 'Natural Earth' },
  { path: '/dashboards/hall', ready: 'The hall' },
  { path: '/dashboards/hall?edit=1', ready: 'Title and variables' },
  { path: '/dashboards/hall?tab=yaml', ready: 'As a file' },
  { path: '/dashboards/hall?tab=versions', ready: 'Versions' },
  { path: '/dashboards/hall?tab=links', ready: 'Links that are good' },
  { path: '/shared', ready: 'The link has expired' },
  { path: '/dashboards/hall?kiosk=1', ready: 'Sensors of the hall' },
  { path: '/rules', ready: 'New rule' },
  { path: '/rules/not-there-yet', ready: 'It can run' },
  { path: '/explore', ready: 'readings' },
  { path: '/explore/files', ready: 'Day, UTC' },
  { path: '/explore/message?device=pump-1', ready: 'Its way' },
  { path: '/messages', ready: 'telemetry' },
  { path: '/admin', ready: 'All is well' },
  { path: '/admin?tab=people', ready: 'Add a person' },
  { path: '/admin?tab=keys', ready: 'commands on this machine' },
  { path: '/admin?tab=audit', ready: 'addDevice' },
  { path: '/admin?tab=limits', ready: 'What main may have' },
  { path: '/admin?tab=tenants', ready: 'Add a tenant' },
];

test.beforeAll(async () => {
  await boats();
  await rest('POST', '/api/v1/devices/pump-1/commands', { name: 'set', payload: { speed: 3 } });
  await rest('PUT', '/api/v1/dashboards/hall', {
    dashboard: {
      title: 'The hall',
      range: '24h',
      variables: [{ name: 'device', kind: 'device', type: 'pump', value: 'pump-1' }],
      widgets: [
        { kind: 'text', title: 'Note', text: 'Sensors of the hall', x: 0, y: 0, w: 3, h: 2 },
        { kind: 'value', device: '$device', sensors: ['temperature'], x: 3, y: 0, w: 3, h: 2 },
        { kind: 'chart', device: '$device', sensors: ['vibration.x', 'vibration.y'], x: 0, y: 2, w: 6, h: 4 },
        { kind: 'map', type: 'boat', x: 6, y: 0, w: 6, h: 6 },
      ],
    },
  });
});

for (const { path, ready } of PAGES) {
  test(`${path} fits every width, light and dark, and is accessible`, async ({ page }) => {
    await signIn(page);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 900 });
        await page.goto(path);
        await expect(page.locator('#page').getByText(ready).first()).toBeVisible();
        const wide = await page.evaluate(
          () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
        );
        expect(wide, `pixels too wide at ${width}`).toBeLessThanOrEqual(0);
        await page.screenshot({ path: `target/screens/${name(path)}-${colorScheme}-${width}.png` });
      }
      // Not by a script tag: the page's own policy forbids that, and rightly.
      await page.evaluate(axe);
      const found = await page.evaluate(async () => {
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
      expect(found).toEqual([]);
    }
  });
}

const name = (path: string): string => path.replace(/\W+/g, '-').replace(/^-|-$/g, '') || 'overview';

test('every chart has the same numbers as a table, by keyboard', async ({ page }) => {
  await signIn(page);
  await page.goto('/devices/pump-1');
  const chart = page.locator('figure', { has: page.getByRole('heading', { name: 'temperature' }) });
  await expect(chart.locator('canvas')).toBeVisible();
  const button = chart.getByRole('button', { name: 'Table' });
  await button.focus();
  await page.keyboard.press('Enter');
  await expect(chart.getByRole('row').nth(3)).toBeVisible();
  const { rows } = await rest<{ rows: [string, string, string, number][] }>(
    'GET',
    '/api/v1/series?series=pump-1:temperature&from=-15m&points=800',
  );
  const shown = await chart.getByRole('cell').allInnerTexts();
  const oldest = rows.at(0)![3];
  expect(shown.join(' ')).toContain(String(Number(oldest.toPrecision(6))));
});

test('a page that is not there says so, and so does a device', async ({ page }) => {
  await signIn(page);
  await page.goto('/devices/nobody-here');
  await expect(page.getByRole('alert')).toContainText('Nothing here');
});
