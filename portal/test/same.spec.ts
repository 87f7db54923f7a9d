// The same filter finds the same devices, whoever is asked: the page, its download, REST and the command line.
import { execFileSync } from 'node:child_process';
import { expect, KEY, rest, signIn, test } from './world.ts';

const BASE = process.env['TRIBUTARY_URL'] ?? 'http://127.0.0.1:8080';

/** Few enough that the page draws all of them; what would be a sign of a pattern somewhere stands in their names. */
const IDS = ['Same-a_1', 'same-a-1', 'same-ab1', 'same.B_2', 'same:b.2', 'SAME-AB', 'same-100', 'same_1_00'];

/** A text and a type. */
const FILTERS: [string, string][] = [
  ['same', ''],
  ['a_1', ''],
  ['AB', ''],
  ['b_', 'same kind'],
  ['e:B', ''],
  ['same', "same' --"],
  ['', 'same kind'],
  ['1%0', ''],
  ["s'ame", ''],
  ['!_', ''],
  ['same-a', 'another'],
];

test.setTimeout(180_000);

test('a filter finds the same devices in the page, its download, over REST and in a terminal', async ({
  page,
}) => {
  for (const [index, id] of IDS.entries()) {
    const type = index % 2 ? 'same kind' : "same' --";
    await rest('POST', '/api/v1/devices', { id, type }).catch(() => undefined);
  }
  await signIn(page);
  let found = 0;
  for (const [q, type] of FILTERS) {
    const filter = `${new URLSearchParams({ q, type })}`;
    const { devices } = await rest<{ devices: { id: string }[] }>(
      'GET',
      `/api/v1/devices?${filter}&limit=500`,
    );
    const ids = devices.map(device => device.id).sort();
    found += ids.length;

    await page.goto(`/devices?${filter}`);
    const links = page.getByRole('row').getByRole('link');
    if (ids.length === 0) await expect(page.getByText('No device fits')).toBeVisible();
    await expect.poll(async () => (await links.allInnerTexts()).sort(), { message: filter }).toEqual(ids);

    const address = await page.locator('.export a', { hasText: 'JSON' }).getAttribute('href');
    const { rows } = (await (await page.request.get(address!)).json()) as { rows: [string][] };
    expect(rows.map(([id]) => id).sort(), filter).toEqual(ids);

    const asked = ['device', 'ls', q, '--type', type, '-q', '--server', BASE, '--key', KEY];
    const said = execFileSync('../tributary', asked, { encoding: 'utf8' });
    expect(said.split('\n').filter(Boolean).sort(), filter).toEqual(ids);
  }
  expect(found).toBeGreaterThan(2 * IDS.length);
});
