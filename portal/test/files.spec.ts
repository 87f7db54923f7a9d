// The tenant's own Parquet files: by table and day, and one taken home and read by another program.
import { readFileSync } from 'node:fs';
import { expect, rest, signIn, test } from './world.ts';

test('a file of a day is downloaded as Parquet, and the day is looked into with SQL', async ({ page }) => {
  await expect
    .poll(
      async () =>
        (
          await rest<{ tables: { table: string; files: number }[] }>('GET', '/api/v1/lake/tables')
        ).tables.find(one => one.table === 'readings')?.files,
      { timeout: 120_000 },
    )
    .toBeGreaterThan(0);
  await signIn(page);
  await page.goto('/explore');
  await page.getByRole('link', { name: 'Files' }).click();
  await page
    .getByRole('region', { name: 'Days' })
    .getByRole('link', { name: /^\d{4}-\d{2}-\d{2}$/ })
    .last()
    .click();
  await expect(page).toHaveURL(/day=\d{4}-\d{2}-\d{2}/);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download' }).first().click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^readings-\d{4}-\d{2}-\d{2}-.*\.parquet$/);
  const bytes = readFileSync(await download.path());
  expect(bytes.subarray(0, 4).toString()).toBe('PAR1');
  expect(bytes.subarray(-4).toString()).toBe('PAR1');
  await page.getByRole('link', { name: 'Look into it' }).click();
  await page.getByRole('button', { name: /^Run/ }).click();
  await expect(page.getByText(/^100 rows in/)).toBeVisible();
});
