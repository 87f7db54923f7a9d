// A message looked at closely: its bytes, and the line that sends it again.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, rest, signIn, test } from './world.ts';

const BASE = process.env['TRIBUTARY_URL'] ?? 'http://127.0.0.1:8080';
const DEVICE = 'looked-at';
let token = '';

interface Recorded {
  partition: number;
  position: number;
  topic: string;
}

test.beforeAll(async () => {
  await rest('POST', '/api/v1/devices', { id: DEVICE }).catch(() => undefined);
  ({ secret: token } = await rest<{ secret: string }>('POST', `/api/v1/devices/${DEVICE}/credentials`, {
    kind: 'token',
  }));
});

/** Keeps a body under a topic of the device, as a door does. */
async function publish(below: string, body: string | Uint8Array<ArrayBuffer>): Promise<void> {
  const answer = await fetch(`${BASE}/api/v1/messages/devices/${DEVICE}/${below}`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/octet-stream' },
    body,
  });
  expect(answer.ok).toBe(true);
}

async function recorded(below: string): Promise<Uint8Array[]> {
  const topic = `devices/${DEVICE}/${below}`;
  const { messages } = await rest<{ messages: Recorded[] }>(
    'GET',
    `/api/v1/messages?device=${DEVICE}&topic=${encodeURIComponent(topic)}&since=-1h&limit=1000`,
  );
  return Promise.all(
    messages.map(async ({ partition, position }) => {
      const answer = await fetch(`${BASE}/api/v1/messages/${partition}-${position}/payload`, {
        headers: { Authorization: `Bearer ${process.env['TRIBUTARY_KEY']}` },
      });
      return new Uint8Array(await answer.arrayBuffer());
    }),
  );
}

test('a payload is shown as the bytes that came, and copied as the line that sends them again', async ({
  page,
  context,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const odd = new Uint8Array([0xff, 0x00, 0x27, 0x24, 0x0d, 0x0a, 0x61]);
  const spaced = '{ "note" : "it\'s \\u00fc $HOME" }';
  await publish('odd', odd);
  await publish('spaced', spaced);
  await signIn(page);
  for (const { below, view, seen, sent } of [
    { below: 'odd', view: 'Hex', seen: 'ff 00 27 24 0d 0a 61', sent: odd },
    { below: 'spaced', view: 'Text', seen: spaced, sent: new TextEncoder().encode(spaced) },
  ]) {
    await page.goto(`/devices/${DEVICE}?tab=messages&since=-1h&topic=devices/${DEVICE}/${below}`);
    const one = page.getByRole('list', { name: 'Messages' }).getByRole('listitem').first();
    await one.getByRole('button').first().click();
    const views = one.getByRole('group', { name: 'How the payload is shown' });
    await views.getByRole('button', { name: view }).click();
    await expect(one.getByLabel(`Payload, ${view}`)).toContainText(seen);
    await views.getByRole('button', { name: 'Hex' }).click();
    await expect(one.getByLabel('Payload, Hex')).toContainText('00000000  ');
    await one.getByRole('button', { name: 'Copy as send' }).click();
    const line = await page.evaluate(() => navigator.clipboard.readText());
    const before = await recorded(below);
    await promisify(execFile)('bash', ['-c', line], { env: { ...process.env, TOKEN: token } });
    const after = await recorded(below);
    expect(after).toHaveLength(before.length + 1);
    expect(after.at(-1)).toEqual(sent);
  }
});

test('plain telemetry is copied as a line for the command, and fits a phone', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await publish('telemetry', '{"temperature": 21.50}');
  await page.setViewportSize({ width: 375, height: 900 });
  await signIn(page);
  await page.goto(`/devices/${DEVICE}?tab=messages&since=-1h&topic=devices/${DEVICE}/telemetry`);
  const one = page.getByRole('list', { name: 'Messages' }).getByRole('listitem').first();
  await one.getByRole('button').first().click();
  await one.getByRole('button', { name: 'Hex' }).click();
  await expect(one.getByLabel('Payload, Hex')).toContainText('|{"temperature": |');
  const wide = await page.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  expect(wide).toBeLessThanOrEqual(0);
  await page.screenshot({ path: 'target/screens/message-hex-light-375.png' });
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 1280, height: 900 });
  await page.screenshot({ path: 'target/screens/message-hex-dark-1280.png' });
  await one.getByRole('button', { name: 'Copy as send' }).click();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(
    `printf '%s' '{"temperature": 21.50}' | ./tributary send ${DEVICE} -f -`,
  );
});
