// Dashboards: made by themselves, changed by mouse and by keyboard, kept as YAML.
import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { boats, expect, rest, signIn, test } from './world.ts';

interface Kept {
  version: number;
  yaml: string;
  dashboard: { title: string; widgets: { kind: string; x: number; y: number; w: number; h: number }[] };
}

const kept = (name: string): Promise<Kept> => rest('GET', `/api/v1/dashboards/${name}`);

async function fresh(name: string, widgets: object[]): Promise<void> {
  await rest('DELETE', `/api/v1/dashboards/${name}`).catch(() => undefined);
  await rest('PUT', `/api/v1/dashboards/${name}`, { dashboard: { title: name, range: '1h', widgets } });
}

const widget = (page: Page, name: string): Locator => page.getByRole('region', { name, exact: true });

test('a type of device has a dashboard without anybody making one, and it can be kept', async ({ page }) => {
  await signIn(page);
  await page.getByRole('link', { name: 'Dashboards' }).click();
  await page.getByRole('link', { name: 'pump', exact: true }).click();
  await expect(widget(page, 'temperature').first().locator('.big')).toContainText(/\d/);
  await expect(page.locator('figure canvas').first()).toBeVisible();
  await expect(widget(page, 'Newest values').first().getByRole('link', { name: 'pump-12' })).toBeVisible();

  await page.getByLabel('device').selectOption('pump-3');
  await expect(page).toHaveURL(/v\.device=pump-3/);
  await expect(widget(page, 'temperature').first()).toContainText('pump-3');

  await page.getByRole('button', { name: 'Keep and change' }).click();
  await expect(page).toHaveURL(/\/dashboards\/pump[-\d]*\?edit=1/);
  await expect(page.getByRole('button', { name: /^Move temperature/ }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Remove dashboard' }).click();
  await page.getByRole('button', { name: 'Remove', exact: true }).click();
  await expect(page).toHaveURL('/dashboards');
});

test('widgets are moved and sized by the arrow keys, undone, and kept as a new version', async ({ page }) => {
  await fresh('keys', [
    { kind: 'text', title: 'first', text: 'a', x: 0, y: 0, w: 4, h: 2 },
    { kind: 'text', title: 'second', text: 'b', x: 4, y: 0, w: 4, h: 2 },
  ]);
  await signIn(page);
  await page.goto('/dashboards/keys?edit=1');
  const move = page.getByRole('button', { name: /^Move first/ });
  await move.focus();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByRole('status').last()).toHaveText('Column 2, row 1, 4 wide, 2 high.');
  await page.keyboard.press('Shift+ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Control+z');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('keys, version 2')).toBeVisible();
  const [first, second] = (await kept('keys')).dashboard.widgets;
  expect(first).toMatchObject({ x: 1, y: 0, w: 4, h: 3 });
  // It was in the way.
  expect(second).toMatchObject({ x: 4, y: 3, w: 4, h: 2 });
});

test('widgets are moved and sized by the mouse', async ({ page }) => {
  await fresh('mouse', [{ kind: 'text', title: 'one', text: 'a', x: 0, y: 0, w: 3, h: 2 }]);
  await signIn(page);
  await page.goto('/dashboards/mouse?edit=1');
  const drag = async (from: Locator, x: number, y: number): Promise<void> => {
    const box = (await from.boundingBox())!;
    await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width / 2 + x, box.y + box.height / 2 + y, { steps: 5 });
    await page.mouse.up();
  };
  const column = (await page.locator('.board').evaluate(one => one.clientWidth + 12)) / 12;
  await drag(page.getByRole('button', { name: /^Move one/ }), 3 * column, 84);
  await drag(page.locator('.size'), 2 * column, 84);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByText('mouse, version 2')).toBeVisible();
  expect((await kept('mouse')).dashboard.widgets[0]).toMatchObject({ x: 3, y: 1, w: 5, h: 3 });
});

test('a widget is added, named and removed, and a variable narrows it', async ({ page }) => {
  await fresh('built', []);
  await signIn(page);
  await page.goto('/dashboards/built?edit=1');
  await page.getByRole('button', { name: 'Title and variables' }).click();
  await page.getByRole('button', { name: 'Add a variable' }).click();
  await page.getByLabel('Name', { exact: true }).fill('pump');
  await page.getByLabel('Type of the devices').fill('pump');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Value', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Value' });
  await dialog.getByLabel('Title').fill('How hot');
  await dialog.getByLabel('Sensors, one a line').fill('temperature');
  await dialog.getByRole('button', { name: 'Done' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(widget(page, 'How hot')).toContainText('mean of 12');
  await page.getByLabel('pump').selectOption('pump-5');
  await expect(widget(page, 'How hot')).toContainText('pump-5');
  expect((await kept('built')).yaml).toContain('device: $pump');
});

test('the file is downloaded, brought back, refused with its mistakes, and old versions return', async ({
  page,
}) => {
  await fresh('file', [{ kind: 'text', title: 'note', text: 'before', x: 0, y: 0, w: 6, h: 2 }]);
  await signIn(page);
  await page.goto('/dashboards/file?tab=yaml');
  const waiting = page.waitForEvent('download');
  await page.getByRole('link', { name: 'Download' }).click();
  const yaml = readFileSync(await (await waiting).path(), 'utf8');
  expect(yaml).toContain('text: before');

  const text = page.getByLabel('The dashboard as YAML');
  await text.fill(yaml.replace('kind: text', 'kind: txt'));
  await page.getByRole('button', { name: 'Save as a new version' }).click();
  await expect(page.getByRole('alert')).toContainText('did you mean text?');
  await text.fill(`# ours\n${yaml.replace('before', 'after')}`);
  await page.getByRole('button', { name: 'Save as a new version' }).click();
  await expect(page.getByText('file, version 2')).toBeVisible();
  await page.goto('/dashboards/file');
  await expect(widget(page, 'note')).toContainText('after');
  await page.getByRole('link', { name: 'Versions' }).click();
  await page.getByRole('button', { name: 'Bring back' }).click();
  await expect(page.getByText('file, version 3')).toBeVisible();
  expect((await kept('file')).yaml).toBe(yaml);

  await rest('DELETE', '/api/v1/dashboards/by-file').catch(() => undefined);
  await page.goto('/dashboards');
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'by-file.yaml', mimeType: 'application/yaml', buffer: Buffer.from(yaml) });
  await expect(page).toHaveURL('/dashboards/by-file?edit=1');
});

test('somebody else changed it in between: the change is refused and nothing is lost', async ({ page }) => {
  await fresh('both', [{ kind: 'text', title: 'mine', text: 'a', x: 0, y: 0, w: 4, h: 2 }]);
  await signIn(page);
  await page.goto('/dashboards/both?edit=1');
  await page.getByRole('button', { name: /^Move mine/ }).focus();
  await page.keyboard.press('ArrowRight');
  const theirs = { title: 'theirs', widgets: [] };
  await rest('PUT', '/api/v1/dashboards/both', { dashboard: theirs });
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('version 2');
  expect((await kept('both')).dashboard.title).toBe('theirs');
});

test('a map shows where devices are, as text too, and asks nobody else', async ({ page }) => {
  await boats();
  await signIn(page);
  await page.goto('/dashboards/of/boat');
  const map = page.locator('.map');
  await expect(map.locator('canvas')).toBeVisible();
  // Land and water: more than the two colours of an empty canvas.
  await expect
    .poll(() =>
      map.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
        const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
        const colours = new Set<string>();
        for (let at = 0; at < data.length; at += 4 * 97) colours.add(data.slice(at, at + 3).join());
        return colours.size;
      }),
    )
    .toBeGreaterThan(4);
  await map.getByRole('button', { name: 'Table' }).click();
  await expect(map.getByRole('cell', { name: '52.52000' })).toBeVisible();
  await expect(map.getByRole('link', { name: 'boat-2' })).toBeVisible();
});

test('a kiosk shows the dashboard and nothing else, for whoever is signed in', async ({ page }) => {
  await fresh('wall', [{ kind: 'text', title: 'note', text: 'on the wall', x: 0, y: 0, w: 6, h: 2 }]);
  await page.goto('/dashboards/wall?kiosk=1');
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await signIn(page);
  await page.goto('/dashboards/wall');
  await page.getByText('Share', { exact: true }).click();
  await page.getByRole('link', { name: 'Kiosk' }).click();
  await expect(page.getByText('on the wall')).toBeVisible();
  await expect(page.getByRole('navigation')).toHaveCount(0);
});

test('words on a dashboard are text, whatever they look like', async ({ page }) => {
  const evil = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>[a](javascript:alert(1))';
  await fresh('evil', [
    { kind: 'text', title: evil, text: evil, x: 0, y: 0, w: 6, h: 3 },
    { kind: 'value', title: evil, sensors: [evil], device: evil, x: 6, y: 0, w: 6, h: 3 },
    { kind: 'chart', sensors: [evil], label: evil, x: 0, y: 3, w: 6, h: 3 },
    { kind: 'table', sensors: [evil], type: evil, x: 6, y: 3, w: 6, h: 3 },
  ]);
  await signIn(page);
  for (const path of [
    '/dashboards/evil',
    '/dashboards/evil?edit=1',
    '/dashboards/evil?tab=yaml',
    '/dashboards',
  ]) {
    await page.goto(path);
    await expect(page.locator('#page h1')).toBeVisible();
    await page.waitForTimeout(500);
    expect(await page.evaluate(() => 'hurt' in window)).toBe(false);
    expect(await page.locator('img[src=x]').count()).toBe(0);
    expect(await page.locator('a[href^="javascript"]').count()).toBe(0);
  }
});
