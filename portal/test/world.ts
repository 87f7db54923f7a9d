// What every test has: a page that is signed in, and an eye on what the page must never do.
import { test as base, expect, type Page } from '@playwright/test';

export { expect };

export const KEY = process.env['TRIBUTARY_KEY'] ?? '';

/** A REST call with the admin key of the machine. */
export async function rest<T>(method: string, path: string, body?: unknown): Promise<T> {
  const base = process.env['TRIBUTARY_URL'] ?? 'http://127.0.0.1:8080';
  const answer = await fetch(base + path, {
    method,
    headers: { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}

/** Signs in as a person does: with a one-time link. */
export async function signIn(page: Page): Promise<void> {
  const { link } = await rest<{ link: string }>('POST', '/api/v1/session/link');
  await page.goto(link);
  await expect(page.getByRole('navigation', { name: 'Pages' })).toBeVisible();
}

/** Requests to other machines, complaints of the browser and errors of scripts fail the test that met them. */
export const test = base.extend<{ expected: RegExp[]; page: Page }>({
  /** Complaints of the browser that a test provokes. */
  expected: async ({}, use) => use([]),
  page: async ({ page, baseURL, expected }, use) => {
    const wrong: string[] = [];
    page.on('request', request => {
      const url = request.url();
      if (!url.startsWith(baseURL!) && !url.startsWith('data:') && !url.startsWith('blob:'))
        wrong.push(`asked ${url}`);
    });
    page.on('pageerror', error => wrong.push(`script: ${error.message}`));
    page.on('console', message => {
      const text = message.text();
      const known = text.includes('Failed to load resource') || expected.some(one => one.test(text));
      if (message.type() === 'error' && !known) wrong.push(`console: ${text}`);
    });
    await use(page);
    expect(wrong).toEqual([]);
  },
});

/** Puts down what a page asks for last values with: nothing, where they come by themselves. */
export function askedForLatest(page: Page): string[] {
  const asked: string[] = [];
  page.on('request', request => {
    const { pathname } = new URL(request.url());
    if (pathname.endsWith('/latest')) asked.push(pathname);
  });
  return asked;
}

/** Three devices that say where they are, and one whose place somebody wrote down. */
export async function boats(): Promise<void> {
  const base = process.env['TRIBUTARY_URL'] ?? 'http://127.0.0.1:8080';
  const places = [
    [52.52, 13.405],
    [53.55, 9.99],
    [-33.87, 151.21],
  ];
  for (const [index, [latitude, longitude]] of places.entries()) {
    const id = `boat-${index + 1}`;
    await rest('POST', '/api/v1/devices', { id, type: 'boat' }).catch(() => undefined);
    const { secret } = await rest<{ secret: string }>('POST', `/api/v1/devices/${id}/credentials`, {
      kind: 'token',
    });
    const answer = await fetch(`${base}/api/v1/telemetry`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${secret}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ latitude, longitude, speed: 4 + index }),
    });
    expect(answer.status).toBe(200);
  }
  await rest('POST', '/api/v1/devices', {
    id: 'boat-4',
    type: 'boat',
    metadata: { latitude: 40.4, longitude: -3.7 },
  }).catch(() => undefined);
}
