// "Where is my message?", and times in which alarms go nowhere.
import { expect, rest, signIn, test } from './world.ts';

const BASE = process.env['TRIBUTARY_URL'] ?? 'http://127.0.0.1:8080';

async function send(id: string, body: object): Promise<void> {
  await rest('POST', '/api/v1/devices', { id }).catch(() => undefined);
  const { secret } = await rest<{ secret: string }>('POST', `/api/v1/devices/${id}/credentials`, {
    kind: 'token',
  });
  const answer = await fetch(`${BASE}/api/v1/telemetry`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBe(200);
}

test('from a message to its way is one click: received, decoded, stored, and each rule with its end', async ({
  page,
}) => {
  await rest('PUT', '/api/v1/rules/lost-cold', {
    sql: "SELECT t FROM 'devices/lost-1/telemetry' WHERE t > 100",
    state: 'on',
  }).catch(() => undefined);
  await page.waitForTimeout(500);
  await send('lost-1', { t: 21.5 });
  await signIn(page);
  await page.goto('/devices/lost-1?tab=messages&since=-1h');
  await page.locator('.message').last().click();
  await page.getByRole('link', { name: 'Where is my message?' }).click();
  await expect(page).toHaveURL(/\/explore\/message\?id=\d+-\d+$/);
  await expect(page.getByText('Its way')).toBeVisible();
  await expect(page.locator('#page')).toContainText('devices/lost-1/telemetry');
  await expect(page.locator('#page')).toContainText('lost-cold');
  await expect(page.locator('#page')).toContainText('t > 100');
  await expect(page.locator('#page')).toContainText('21.5');
});

test('of a device that said nothing, what was refused is shown', async ({ page }) => {
  await rest('POST', '/api/v1/devices', { id: 'lost-2' }).catch(() => undefined);
  await signIn(page);
  await page.goto('/explore/message?device=lost-2');
  await expect(page.locator('#page')).toContainText(/no message|nothing came|No message/i);
});

test('a silence is made for a device and ended, and says until when', async ({ page }) => {
  await rest('POST', '/api/v1/devices', { id: 'quiet-1' }).catch(() => undefined);
  await signIn(page);
  await page.goto('/alarms');
  const card = page.locator('section', { has: page.getByRole('heading', { name: 'Maintenance' }) });
  await card.getByLabel('Which').fill('quiet-1');
  await card.getByLabel('Reason').fill('new bearing');
  await card.getByRole('button', { name: 'Silence' }).click();
  const line = card.getByRole('listitem').filter({ hasText: 'quiet-1' });
  await expect(line).toContainText('new bearing');
  await expect(line).toContainText('now');
  const { silences } = await rest<{ silences: { what: string; now: boolean }[] }>('GET', '/api/v1/silences');
  expect(silences.find(one => one.what === 'quiet-1')).toMatchObject({ now: true });
  await line.getByRole('button', { name: 'End it' }).click();
  await expect(line).toHaveCount(0);
});
