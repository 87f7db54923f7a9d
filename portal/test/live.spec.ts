// The stream goes on where it was: nothing is missing and nothing comes twice after the line was cut.
import { expect, rest, signIn, test } from './world.ts';

test('messages that came while the line was cut are all there afterwards, once', async ({
  page,
  context,
}) => {
  await rest('POST', '/api/v1/devices', { id: 'gap-1' }).catch(() => undefined);
  const { secret } = await rest<{ secret: string }>('POST', '/api/v1/devices/gap-1/credentials', {
    kind: 'token',
  });
  const base = process.env['TRIBUTARY_URL'] ?? 'http://127.0.0.1:8080';
  const send = (n: number): Promise<Response> =>
    fetch(`${base}/api/v1/telemetry`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ n }),
    });
  await signIn(page);
  await page.goto('/devices/gap-1?tab=messages');
  await page.waitForTimeout(500);
  for (let n = 1; n <= 5; n++) await send(n);
  await expect(page.locator('.message')).toHaveCount(5);
  await context.setOffline(true);
  for (let n = 6; n <= 25; n++) await send(n);
  await context.setOffline(false);
  await expect(page.locator('.message')).toHaveCount(25, { timeout: 20_000 });
  const shown = await page.locator('.message .mono.grow').allInnerTexts();
  expect(shown.map(text => (JSON.parse(text) as { n: number }).n)).toEqual(
    Array.from({ length: 25 }, (_, i) => 25 - i),
  );
});

test('words that a sensor said are shown, those of before and those of now', async ({ page }) => {
  await rest('POST', '/api/v1/devices', { id: 'words-1' }).catch(() => undefined);
  const { secret } = await rest<{ secret: string }>('POST', '/api/v1/devices/words-1/credentials', {
    kind: 'token',
  });
  const base = process.env['TRIBUTARY_URL'] ?? 'http://127.0.0.1:8080';
  const say = (state: string): Promise<Response> =>
    fetch(`${base}/api/v1/telemetry`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ state }),
    });
  await say('warming');
  await signIn(page);
  await page.goto('/devices/words-1');
  const shown = page.locator('[data-sensor="state"] b');
  await expect(shown).toContainText('warming');
  await say('ready');
  await expect(shown).toContainText('ready');
});
