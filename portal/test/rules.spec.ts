// A rule from its first text to an alarm that somebody knows of.
import type { Page } from '@playwright/test';
import { expect, rest, signIn, test } from './world.ts';

async function write(page: Page, sql: string): Promise<void> {
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(sql);
}

test('a mistake is shown where it is, and a text is tried on what was recorded before it runs', async ({
  page,
  expected,
}) => {
  // Chromium keeps the look of text that is replaced in an editable element; the policy drops that, and rightly.
  expected.push(/Applying inline style/);
  await rest('DELETE', '/api/v1/rules/warm').catch(() => undefined);
  await signIn(page);
  await page.goto('/rules');
  await page.getByLabel('Name of a new rule').fill('warm');
  await page.getByRole('button', { name: 'New rule' }).click();
  await expect(page.locator('.cm-content')).toBeVisible();
  await write(page, "SELECT temperature FROM 'devices/+/telemetry' WERE temperature > 20");
  await expect(page.getByRole('alert')).toContainText('Line 1');
  await write(page, "SELECT temperature FROM 'devices/+/telemetry' WHERE temperature > 20");
  await expect(page.getByText('It listens to devices/+/telemetry')).toBeVisible();
  await page.getByRole('button', { name: 'Try' }).click();
  await expect(page.getByText(/outputs of [\d,]+ messages that it looked at/)).toBeVisible({
    timeout: 40_000,
  });
  await page.getByRole('button', { name: 'Save as a draft' }).click();
  await expect(page.getByText('version 1')).toBeVisible();
  await page.getByLabel('What the rule does').selectOption('shadow');
  await page.getByRole('link', { name: 'What it said' }).click();
  await expect(page.getByText('shown only').first()).toBeVisible({ timeout: 15_000 });
});

test('an alarm shows up, and one click says that somebody knows', async ({ page }) => {
  await rest('POST', '/api/v1/devices', { id: 'oven-1' }).catch(() => undefined);
  const { secret } = await rest<{ secret: string }>('POST', '/api/v1/devices/oven-1/credentials', {
    kind: 'token',
  });
  await rest('PUT', '/api/v1/rules/oven', {
    sql: "SELECT heat FROM 'devices/oven-1/telemetry' ALERT hot PER device_id() WHEN heat > 200",
    state: 'on',
  });
  await signIn(page);
  await page.goto('/alarms');
  await page.waitForTimeout(1500);
  const base = process.env['TRIBUTARY_URL'] ?? 'http://127.0.0.1:8080';
  await fetch(`${base}/api/v1/telemetry`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ heat: 230 }),
  });
  const line = page.locator('.alarms li', { hasText: 'oven-1' });
  await expect(line.getByText('raised')).toBeVisible({ timeout: 10_000 });
  await line.getByRole('button', { name: 'Acknowledge' }).click();
  await expect(line.getByText('acknowledged')).toBeVisible({ timeout: 10_000 });
});
