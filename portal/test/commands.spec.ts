// Commands to devices: confirmed, and shown as far as they came, with a real MQTT client at the other end.
import { spawn, type ChildProcess } from 'node:child_process';
import type { Locator, Page } from '@playwright/test';
import { expect, rest, signIn, test } from './world.ts';

const PORT = process.env['TRIBUTARY_MQTT_PORT'] ?? '1883';
const clients: ChildProcess[] = [];

test.afterEach(() => clients.splice(0).forEach(client => client.kill('SIGKILL')));

async function token(id: string): Promise<string> {
  await rest('POST', '/api/v1/devices', { id }).catch(() => undefined);
  return (await rest<{ secret: string }>('POST', `/api/v1/devices/${id}/credentials`, { kind: 'token' }))
    .secret;
}

/** A device that listens; `more` are further options of mosquitto_sub. */
async function listens(id: string, secret: string, more: string[] = []): Promise<ChildProcess> {
  const client = spawn('mosquitto_sub', [
    ...['-p', PORT, '-u', id, '-P', secret, '-i', id, '-q', '1', '-V', '5', '-t', `devices/${id}/commands/#`],
    ...more,
  ]);
  clients.push(client);
  await expect
    .poll(async () =>
      rest<{ connected: boolean; subscriptionCount: number }>('GET', `/api/v1/sessions/${id}`).then(
        session => session.connected && session.subscriptionCount,
        () => 0,
      ),
    )
    .toBe(1);
  return client;
}

async function send(page: Page, name: string, payload: string): Promise<Locator> {
  await page.getByLabel(/^Name/).fill(name);
  await page.getByLabel(/^What goes with it/).fill(payload);
  await page.getByRole('button', { name: 'Send…' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('it cannot be taken back');
  await dialog.getByRole('button', { name: 'Send it' }).click();
  const line = page.locator(`[data-command="${name}"]`).first();
  await expect(line).toBeVisible();
  return line;
}

test('a command is acknowledged by the device that listens, and its answer is shown', async ({ page }) => {
  const secret = await token('valve-1');
  await listens('valve-1', secret);
  await signIn(page);
  await page.goto('/devices/valve-1?tab=commands');
  const line = await send(page, 'set', '{"open": true}');
  await expect(line).toContainText('acknowledged');
  const base = process.env['TRIBUTARY_URL'] ?? 'http://127.0.0.1:8080';
  const said = await fetch(`${base}/api/v1/messages/devices/valve-1/responses/set`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${secret}` },
    body: '{"open": true, "tookMs": 40}',
  });
  expect(said.status).toBe(204);
  await expect(line).toContainText('answered');
  await expect(line).toContainText('tookMs');
  await page.reload();
  // The list is SQL: the first statement of a tenant starts its worker.
  await expect(page.locator('[data-command="set"]').first()).toContainText('answered');
});

test('a command waits for a device that is away and has a session, and is lost on one that has none', async ({
  page,
}) => {
  const secret = await token('valve-2');
  await rest('DELETE', '/api/v1/sessions/valve-2').catch(() => undefined);
  await signIn(page);
  await page.goto('/devices/valve-2?tab=commands');
  const lost = await send(page, 'open', '');
  await expect(lost).toContainText('nobody listens');
  const client = await listens('valve-2', secret, ['-c', '-x', '3600']);
  client.kill('SIGTERM');
  await expect
    .poll(async () => (await rest<{ connected: boolean }>('GET', '/api/v1/sessions/valve-2')).connected)
    .toBe(false);
  const waits = await send(page, 'close', 'now');
  await expect(waits).toContainText('waits for the device');
  await listens('valve-2', secret, ['-c', '-x', '3600']);
  await expect(waits).toContainText('acknowledged');
  await expect(lost).toContainText('nobody listens');
});

test('nothing is sent where somebody thinks better of it', async ({ page }) => {
  await token('valve-3');
  await signIn(page);
  await page.goto('/devices/valve-3?tab=commands');
  await page.getByLabel(/^Name/).fill('reboot');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('button', { name: 'Do not send' }).click();
  await expect(page.getByText('None was sent yet.')).toBeVisible();
  const { messages } = await rest<{ messages: unknown[] }>('GET', '/api/v1/messages?device=valve-3');
  expect(messages).toEqual([]);
});
