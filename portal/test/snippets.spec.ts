// Every snippet that the connect page shows is run as it is shown, and its value read back.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, rest, signIn, test } from './world.ts';

interface Latest {
  values: { sensor: string; value: number }[];
}

/** Makes a device on the page and takes what it shows to paste. */
async function shown(page: Page, tab: string): Promise<{ device: string; text: string }> {
  await signIn(page);
  await page.goto('/connect');
  const device = `snippet-${tab.toLowerCase().replace(/\W+/g, '-')}`;
  await page.getByLabel(/^Name/).fill(device);
  await page.getByRole('button', { name: 'Make its token' }).click();
  await page.getByRole('tab', { name: tab, exact: true }).click();
  const text = await page.getByRole('tabpanel').locator('pre').innerText();
  expect(text).toMatch(/trd_\w+/);
  expect(text).not.toContain('{{');
  return { device, text };
}

async function arrived(device: string): Promise<void> {
  await expect
    .poll(
      async () =>
        (await rest<Latest>('GET', `/api/v1/devices/${device}/latest`)).values.find(
          one => one.sensor === 'temperature',
        )?.value,
      {
        timeout: 90_000,
      },
    )
    .toBeGreaterThan(15);
}

/** Runs a program that goes on until it is ended. */
async function running(command: string, args: string[], work: () => Promise<void>): Promise<void> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', chunk => (said += chunk));
  child.stderr.on('data', chunk => (said += chunk));
  try {
    await work();
  } catch (failure) {
    throw new Error(`${failure}\nthe program said:\n${said}`);
  } finally {
    child.kill('SIGKILL');
  }
}

function file(name: string, text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), 'snippet-')), name);
  writeFileSync(path, text);
  return path;
}

test('Shell', async ({ page }) => {
  const { device, text } = await shown(page, 'Shell');
  execFileSync('sh', ['-c', text]);
  await arrived(device);
});

test('curl', async ({ page }) => {
  const { device, text } = await shown(page, 'curl');
  execFileSync('sh', ['-c', `${text.replace(/^curl/, 'curl -fsS')}`]);
  await arrived(device);
});

test('Python', async ({ page }) => {
  const { device, text } = await shown(page, 'Python');
  await running('/usr/bin/python3', [file('sensor.py', text)], () => arrived(device));
});

test('Node', async ({ page }) => {
  const { device, text } = await shown(page, 'Node');
  await running('node', ['--experimental-websocket', file('sensor.mjs', text)], () => arrived(device));
});

test('Java', async ({ page }) => {
  const { device, text } = await shown(page, 'Java');
  await running(process.env['JAVA'] ?? 'java', [file('Sensor.java', text)], () => arrived(device));
});

test('MicroPython: its syntax', async ({ page }) => {
  const { text } = await shown(page, 'MicroPython');
  execFileSync('/usr/bin/python3', [
    '-c',
    'import ast, sys; ast.parse(open(sys.argv[1]).read())',
    file('main.py', text),
  ]);
});

test('ESP32 Arduino: its syntax, with the libraries declared as far as it uses them', async ({ page }) => {
  const { text } = await shown(page, 'ESP32 Arduino');
  const folder = mkdtempSync(join(tmpdir(), 'snippet-'));
  writeFileSync(
    join(folder, 'WiFi.h'),
    '#pragma once\n#include <cstdio>\nstruct WiFiClient {};\nenum { WL_CONNECTED = 3 };\n' +
      'struct WiFiClass { void begin(const char *, const char *); int status(); };\nextern WiFiClass WiFi;\nvoid delay(unsigned long);\n',
  );
  writeFileSync(
    join(folder, 'PubSubClient.h'),
    '#pragma once\nstruct PubSubClient { PubSubClient(WiFiClient &); void setServer(const char *, int); bool connected();\n' +
      ' bool connect(const char *, const char *, const char *); void loop(); bool publish(const char *, const char *); };\n',
  );
  writeFileSync(join(folder, 'sensor.cpp'), text);
  test.skip(!existsSync('/usr/bin/g++'), 'g++ is not installed');
  execFileSync('g++', ['-fsyntax-only', '-I', folder, join(folder, 'sensor.cpp')]);
});

test('Telegraf: what it would write is taken', async ({ page }) => {
  const { device, text } = await shown(page, 'Telegraf');
  const value = (name: string): string => new RegExp(`${name} = \\[?"([^"]+)"`).exec(text)![1]!;
  const answer = await fetch(
    `${value('urls')}/api/v2/write?org=${value('organization')}&bucket=${value('bucket')}&precision=ns`,
    {
      method: 'POST',
      headers: { Authorization: `Token ${value('token')}` },
      body: 'weather temperature=21.5',
    },
  );
  expect(answer.status).toBe(204);
  await expect
    .poll(
      async () =>
        (await rest<Latest>('GET', `/api/v1/devices/${device}/latest`)).values
          .map(one => one.sensor)
          .join(' '),
      { timeout: 90_000 },
    )
    .toContain('temperature');
});

test('Any MQTT device: host, port and rights are as it says', async ({ page }) => {
  const { device, text } = await shown(page, 'Any MQTT device');
  const value = (name: string): string => new RegExp(`^${name} +(\\S+)`, 'm').exec(text)![1]!;
  execFileSync('mosquitto_pub', [
    ...[
      '-h',
      value('Host'),
      '-p',
      value('Port'),
      '-i',
      value('Client id'),
      '-u',
      value('User'),
      '-P',
      value('Password'),
    ],
    ...['-q', '1', '-t', value('Publish'), '-m', '{"temperature": 21.5}'],
  ]);
  await arrived(device);
});
