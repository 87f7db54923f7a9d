// What owners of the installation look after: which rules are dear, and tenants, to their end.
import { expect, rest, signIn, test } from './world.ts';

test('platform health shows what a message costs in each rule, and failures', async ({ page }) => {
  await rest('PUT', '/api/v1/rules/dear', {
    sql: "SELECT avg(temperature) AS mean FROM 'devices/+/telemetry'",
    state: 'shadow',
  }).catch(() => undefined);
  await signIn(page);
  await page.goto('/admin');
  const table = page.getByRole('region', { name: 'Rules that take the most time' });
  await expect(table.getByRole('row').nth(1)).toContainText('µs');
  await expect(table.getByRole('columnheader')).toHaveText([
    'Rule',
    'A message',
    'Messages',
    'Failed',
    'In all',
  ]);
  await page.goto('/rules');
  await expect(page.getByRole('columnheader', { name: 'A message' })).toBeVisible();
});

test('a tenant is added, and removed with all that it has, once somebody says so twice', async ({
  page,
  browser,
}) => {
  const id = `branch-${Date.now().toString(36)}`;
  await signIn(page);
  await page.goto('/admin?tab=tenants');
  await page.getByLabel('Name of the tenant').fill(id);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  const link = await page.locator('pre').innerText();
  const owner = await (await browser.newContext()).newPage();
  await owner.goto(link);
  await expect(owner.getByRole('navigation', { name: 'Pages' })).toBeVisible();
  // What belongs to the installation is not shown to others.
  await owner.goto('/admin');
  await expect(owner.getByText('No rule runs.')).toBeVisible();
  await expect(owner.getByRole('link', { name: 'Tenants' })).toHaveCount(0);

  const line = page
    .getByRole('list', { name: 'Tenants', exact: true })
    .getByRole('listitem')
    .filter({ hasText: id });
  await line.getByRole('button', { name: 'Remove' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Keep it' }).click();
  await expect(line).toBeVisible();
  await line.getByRole('button', { name: 'Remove' }).click();
  await page
    .getByRole('dialog')
    .getByRole('button', { name: `Remove ${id}` })
    .click();
  await expect(line).toHaveCount(0);
  await expect(page.getByRole('list', { name: 'Removed tenants' })).toContainText(id);
  await owner.goto('/devices');
  await expect(owner.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await owner.context().close();
});

test('limits of a tenant are set by the operator, hold at once, and are read by its owner', async ({
  page,
  browser,
}) => {
  const id = `limited-${Date.now().toString(36)}`;
  const { link } = await rest<{ link: string }>('POST', '/api/v1/tenants', { id });
  await signIn(page);
  await page.goto('/admin?tab=tenants');
  await page
    .getByRole('list', { name: 'Tenants', exact: true })
    .getByRole('listitem')
    .filter({ hasText: id })
    .getByRole('link', { name: 'Limits' })
    .click();
  await expect(page).toHaveURL(`/admin?tab=limits&tenant=${id}`);
  await expect(page.getByRole('heading', { name: `What ${id} may have` })).toBeVisible();
  const row = page
    .getByRole('list', { name: 'Limits' })
    .getByRole('listitem')
    .filter({ hasText: 'devices; further' });
  await expect(row).toContainText('as the settings say');

  const devices = page.getByLabel('devices, its own');
  await devices.fill('none');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(row).toContainText('a whole number from 1 to 10000000');
  await devices.fill('2');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByText('Saved; it holds from now on.')).toBeVisible();
  await expect(row).toContainText('its own limit');

  const owner = await (await browser.newContext()).newPage();
  await owner.goto(link);
  await expect(owner.getByRole('navigation', { name: 'Pages' })).toBeVisible();
  const { csrf } = (await owner.evaluate(async () => (await fetch('/api/v1/session')).json())) as {
    csrf: string;
  };
  const add = (device: string): Promise<number> =>
    owner.evaluate(
      async ([name, word]) =>
        (
          await fetch('/api/v1/devices', {
            method: 'POST',
            headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': word! },
            body: JSON.stringify({ id: name }),
          })
        ).status,
      [device, csrf],
    );
  expect(await add('first')).toBe(201);
  expect(await add('second')).toBe(201);
  expect(await add('third')).toBe(400);
  await expect(row).toContainText('100 %');

  await owner.goto('/admin?tab=limits');
  const theirs = owner
    .getByRole('list', { name: 'Limits' })
    .getByRole('listitem')
    .filter({ hasText: 'devices; further' });
  await expect(theirs).toContainText('100 %');
  await expect(theirs).toContainText('its own limit');
  await expect(owner.getByLabel('devices, its own')).toHaveCount(0);
  await expect(owner.getByRole('button', { name: 'Save' })).toHaveCount(0);
  await owner.context().close();

  await devices.fill('');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(row).toContainText('as the settings say');
  await page.goto('/admin?tab=audit');
  await expect(
    page.getByRole('row').filter({ hasText: 'setTenantLimits' }).filter({ hasText: id }).first(),
  ).toContainText('done');
  await rest('DELETE', `/api/v1/tenants/${id}`);
});
