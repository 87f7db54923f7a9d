// What a page that shows strangers' words to owners must not do.
import { expect, rest, signIn, test } from './world.ts';

test('nobody sees anything before signing in', async ({ page }) => {
  await page.goto('/devices');
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await expect(page.getByText('pump-1')).toHaveCount(0);
  const cookies = await page.context().cookies();
  expect(cookies).toEqual([]);
});

test('the one-time secret is in no address after the first redirect, and the cookie is out of reach of scripts', async ({
  page,
}) => {
  await signIn(page);
  expect(page.url()).not.toContain('t=');
  const [cookie] = await page.context().cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  expect(await page.evaluate(() => document.cookie)).toBe('');
});

test('a link works once', async ({ page }) => {
  const { link } = await rest<{ link: string }>('POST', '/api/v1/session/link');
  expect((await page.request.get(link, { maxRedirects: 0 })).status()).toBe(303);
  expect((await page.request.get(link, { maxRedirects: 0 })).status()).not.toBe(303);
});

test('a change without the word that only our pages know is refused', async ({ page }) => {
  await signIn(page);
  const status = await page.evaluate(async () => {
    const answer = await fetch('/api/v1/devices', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: '{"id":"by-trick"}',
    });
    return answer.status;
  });
  expect(status).toBe(403);
});

test('the policy allows nothing from elsewhere and no script in the page', async ({
  page,
  request,
  expected,
}) => {
  expected.push(/Content Security Policy/);
  const answer = await request.get('/');
  const policy = answer.headers()['content-security-policy']!;
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self';");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain('unsafe');
  await signIn(page);
  const ran = await page
    .evaluate(() => {
      const script = document.createElement('script');
      script.textContent = 'window.ran = true';
      document.body.append(script);
      return 'ran' in window;
    })
    .catch(() => false);
  expect(ran).toBe(false);
});

test('words of strangers are text: in messages, sensors and metadata', async ({ page }) => {
  const evil = '<img src=x onerror="window.hurt=1"><script>window.hurt=1</script>';
  await rest('POST', '/api/v1/devices', {
    id: 'evil-1',
    type: evil.slice(0, 100),
    metadata: { note: evil },
  }).catch(() => undefined);
  const { secret } = await rest<{ secret: string }>('POST', '/api/v1/devices/evil-1/credentials', {
    kind: 'token',
  });
  const base = process.env['TRIBUTARY_URL'] ?? 'http://127.0.0.1:8080';
  const answer = await fetch(`${base}/api/v1/telemetry`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ says: evil }),
  });
  expect(answer.status).toBe(200);
  await signIn(page);
  for (const path of [
    '/devices',
    '/devices/evil-1',
    '/devices/evil-1?tab=messages&since=-1h',
    '/devices/evil-1?tab=about',
    "/explore?q=SELECT * FROM readings WHERE device = 'evil-1'",
  ]) {
    await page.goto(path);
    await page.waitForTimeout(700);
    expect(await page.evaluate(() => 'hurt' in window)).toBe(false);
    expect(await page.locator('img[src=x]').count()).toBe(0);
  }
});
