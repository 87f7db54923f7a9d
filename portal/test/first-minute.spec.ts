// From nothing to one's own value on a chart, as somebody new does it.
import { spawn, execFileSync } from 'node:child_process';
import { connect } from 'node:net';
import { askedForLatest, expect, rest, signIn, test } from './world.ts';

test('a name, a paste, and the value is on a chart: three clicks', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  await signIn(page);
  await page.getByRole('link', { name: 'Connect', exact: true }).click();
  const device = await page.getByLabel(/^Name/).inputValue();
  await page.getByRole('button', { name: 'Make its token' }).click();
  await page.getByRole('button', { name: 'Copy' }).click();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  expect(command).toContain('mosquitto_pub');
  execFileSync('sh', ['-c', command]);
  await expect(page).toHaveURL(`/devices/${device}`);
  await expect(page.locator('[data-sensor=temperature] b')).toContainText('21.5');
  await expect(page.locator('figure canvas')).toBeVisible();
  for (const word of ['tenant', 'profile', 'policy', 'certificate', 'rule']) {
    await expect(page.locator('#page')).not.toContainText(word, { ignoreCase: true });
  }
});

test('a message shows up on the open page of its device by itself', async ({ page }) => {
  await signIn(page);
  await rest('POST', '/api/v1/devices', { id: 'quick-1' }).catch(() => undefined);
  const { secret } = await rest<{ secret: string }>('POST', '/api/v1/devices/quick-1/credentials', {
    kind: 'token',
  });
  await send(secret, 1);
  await page.goto('/devices/quick-1');
  const shown = page.locator('[data-sensor=level] b');
  await expect(shown).toContainText('1');
  const asked = askedForLatest(page);
  let value = 100;
  // The page asks until its stream is there.
  await expect(async () => {
    asked.length = 0;
    await send(secret, ++value);
    await expect(shown).toContainText(String(value));
    expect(asked).toEqual([]);
  }).toPass();
  // Within which time is measured where the machine does nothing else: figures.spec.ts.
  for (const end = value + 20; value < end;) {
    await send(secret, ++value);
    await expect(shown).toContainText(String(value));
  }
  expect(asked).toEqual([]);
});

async function send(secret: string, level: number): Promise<void> {
  const base = process.env['TRIBUTARY_URL'] ?? 'http://127.0.0.1:8080';
  const answer = await fetch(`${base}/api/v1/telemetry`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
    body: JSON.stringify({ level }),
  });
  expect(answer.status).toBe(200);
}

test.describe('a refused try shows up by itself, with its cause and what to do', () => {
  const mqtt = process.env['TRIBUTARY_MQTT_PORT'] ?? '1883';
  const publish = (...args: string[]): void => {
    spawn('mosquitto_pub', ['-h', '127.0.0.1', '-p', mqtt, ...args], { stdio: 'ignore' });
  };
  const token = async (device: string): Promise<string> => {
    await rest('POST', '/api/v1/devices', { id: device }).catch(() => undefined);
    return (
      await rest<{ secret: string }>('POST', `/api/v1/devices/${device}/credentials`, { kind: 'token' })
    ).secret;
  };
  const cases: { name: string; says: RegExp; act: () => Promise<void> }[] = [
    {
      name: 'wrong token',
      says: /device 'wrong-1' exists and the password is not its token/,
      act: async () => {
        await token('wrong-1');
        publish('-u', 'wrong-1', '-P', 'nonsense', '-t', 't', '-m', '{"a":1}');
      },
    },
    {
      name: 'unknown device',
      says: /never-made/,
      act: async () => publish('-u', 'never-made', '-P', 'nonsense', '-t', 't', '-m', '{"a":1}'),
    },
    {
      name: 'TLS on the plain port',
      says: /TLS/,
      act: async () => {
        const socket = connect(Number(mqtt), '127.0.0.1');
        socket.on('error', () => undefined);
        socket.write(Buffer.from('16030100c8010000c40303', 'hex'));
        setTimeout(() => socket.destroy(), 500);
      },
    },
    {
      name: 'too large',
      says: /more than|too large|at most/i,
      act: async () => {
        const secret = await token('large-1');
        const base = process.env['TRIBUTARY_URL'] ?? 'http://127.0.0.1:8080';
        await fetch(`${base}/api/v1/telemetry`, {
          method: 'POST',
          headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
          body: JSON.stringify({ text: 'x'.repeat(3_000_000) }),
        }).catch(() => undefined);
      },
    },
    {
      name: 'payload that nobody can read',
      says: /kept in the table rejected/,
      act: async () =>
        publish(
          '-u',
          'odd-1',
          '-P',
          await token('odd-1'),
          '-i',
          'odd-1',
          '-q',
          '1',
          '-t',
          't',
          '-m',
          '{"a": ',
        ),
    },
  ];
  for (const { name, says, act } of cases) {
    test(name, async ({ page }) => {
      await signIn(page);
      await page.goto('/connect');
      await expect(page.getByRole('heading', { name: 'What arrives' })).toBeVisible();
      await page.waitForTimeout(500);
      await act();
      await expect(page.getByLabel('Tries, newest first').getByText(says).first()).toBeVisible();
    });
  }
});
