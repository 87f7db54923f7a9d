import { expect, signIn, test } from './world.ts';

test('a statement runs, its mistake is underlined and mended by a click', async ({ page }) => {
  await signIn(page);
  await page.goto(`/explore?q=${encodeURIComponent('SELECT sensr, count(*) AS n FROM readings GROUP BY 1')}`);
  await expect(page.locator('.cm-content')).toBeVisible();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('alert')).toContainText('did you mean sensor?');
  await expect(page.locator('.mistake')).toHaveText('sensr');
  await page.getByRole('button', { name: 'Use sensor' }).click();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await expect(page.getByRole('cell', { name: 'temperature' })).toBeVisible();
});

test('an answer over time is a chart, and a download', async ({ page }) => {
  await signIn(page);
  const sql =
    "SELECT ts, value FROM readings WHERE device = 'pump-1' AND sensor = 'temperature' ORDER BY ts LIMIT 500";
  await page.goto(`/explore?q=${encodeURIComponent(sql)}`);
  await expect(page.locator('.cm-content')).toBeVisible();
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  await page.getByRole('button', { name: 'Chart' }).click();
  await expect(page.locator('figure canvas')).toBeVisible();
  await page.getByText('Download').click();
  const waiting = page.waitForEvent('download');
  await page.getByRole('link', { name: 'CSV' }).click();
  const download = await waiting;
  expect(download.suggestedFilename()).toBe('query.csv');
});

test('explain says what is read', async ({ page }) => {
  await signIn(page);
  await page.goto('/explore');
  await expect(page.locator('.cm-content')).toBeVisible();
  await page.getByRole('button', { name: 'Explain' }).click();
  await expect(page.getByRole('heading', { name: 'What it costs' })).toBeVisible();
});
