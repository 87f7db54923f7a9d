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
