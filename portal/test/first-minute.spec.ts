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
  const base = process.env['TRIBUTARY_URL'] ?? 'http://127.0.0.1:8080';
  /** Ends when the client knows what became of it. */
  const publish = (...args: string[]): Promise<void> =>
    new Promise(done => {
      const all = ['-h', '127.0.0.1', '-p', mqtt, ...args];
      spawn('mosquitto_pub', all, { stdio: 'ignore' }).on('exit', () => done());
    });
  const token = async (device: string): Promise<string> => {
    await rest('POST', '/api/v1/devices', { id: device }).catch(() => undefined);
    return (
      await rest<{ secret: string }>('POST', `/api/v1/devices/${device}/credentials`, { kind: 'token' })
    ).secret;
  };
  /** What is made ready first, and then what is refused, to the moment when the client knows it. */
  const cases: {
    name: string;
    says: (once: string) => string;
    ready: (once: string) => Promise<() => Promise<void>>;
  }[] = [
    {
      name: 'wrong token',
      says: once => `device 'wrong-${once}' exists and the password is not its token`,
      ready: async once => {
        await token(`wrong-${once}`);
        return () => publish('-u', `wrong-${once}`, '-P', 'nonsense', '-t', 't', '-m', '{"a":1}');
      },
    },
    {
      name: 'unknown device',
      says: once => `never-made-${once}`,
      ready: async once => () =>
        publish('-u', `never-made-${once}`, '-P', 'nonsense', '-t', 't', '-m', '{"a":1}'),
    },
    {
      name: 'TLS on the plain port',
      says: () => 'TLS',
      ready: async () => () =>
        new Promise(done => {
          const socket = connect(Number(mqtt), '127.0.0.1');
          socket.on('error', () => undefined).on('close', () => done());
          socket.resume().write(Buffer.from('16030100c8010000c40303', 'hex'));
        }),
    },
    {
      name: 'too large',
      says: () => 'at most',
      ready: async once => {
        const secret = await token(`large-${once}`);
        return async () => {
          await fetch(`${base}/api/v1/telemetry`, {
            method: 'POST',
            headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
            body: JSON.stringify({ text: 'x'.repeat(3_000_000) }),
          }).catch(() => undefined);
        };
      },
    },
    {
      name: 'payload that nobody can read',
      says: () => 'kept in the table rejected',
      ready: async once => {
        const device = `odd-${once}`;
        const secret = await token(device);
        return () => publish('-u', device, '-P', secret, '-i', device, '-q', '1', '-t', 't', '-m', '{"a": ');
      },
    },
  ];
  for (const { name, says, ready } of cases) {
    test(name, async ({ page }) => {
      await signIn(page);
      const once = Date.now().toString(36);
      const text = says(once);
      const refused = await ready(once);
      const asked: string[] = [];
      page.on('request', request => {
        const { pathname } = new URL(request.url());
        if (pathname.endsWith('/attempts')) asked.push(pathname);
      });
      // What was before is read once the stream is there.
      const history = page.waitForResponse(answer => new URL(answer.url()).pathname.endsWith('/attempts'));
      await page.goto('/connect');
      await (await history).finished();
      const before = asked.length;
      const began = Date.now();
      const shown = page.evaluate(
        ([part, from]) =>
          new Promise<number>(done => {
            const look = (): void => {
              for (const line of document.querySelectorAll('.attempts li')) {
                const at = Date.parse(line.querySelector('time')?.dateTime ?? '');
                if (at >= Number(from) && line.textContent.includes(String(part))) {
                  watch.disconnect();
                  requestAnimationFrame(() => done(Date.now()));
                  return;
                }
              }
            };
            const watch = new MutationObserver(look);
            watch.observe(document.body, { childList: true, subtree: true, characterData: true });
            look();
          }),
        [text, began] as const,
      );
      await refused();
      const known = Date.now();
      const after = (await shown) - known;
      await expect(page.getByLabel('Tries, newest first').getByText(text).first()).toBeVisible();
      // By the live stream: nothing was asked for. How long it takes depends on the machine, so it is said only.
      expect(asked).toHaveLength(before);
      process.stdout.write(`${name}: on the page ${after} ms after the client knew that it was refused\n`);
    });
  }
});
