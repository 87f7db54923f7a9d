// What a page costs to load; that it stays small is part of what it promises.
import { expect, signIn, test } from './world.ts';

const FIRST_LOAD_MAX = 60_000;

test('the first page needs at most 60 KB of compressed JavaScript', async ({ page }) => {
  await signIn(page);
  // A page of its own: the first one may still be reading what its chart needs.
  const fresh = await page.context().newPage();
  const sizes = new Map<string, number>();
  const plain: string[] = [];
  fresh.on('response', answer => {
    const { pathname } = new URL(answer.url());
    if (!pathname.endsWith('.js')) return;
    const { 'content-encoding': encoding, 'content-length': length } = answer.headers();
    if (Number(length) > 1024 && encoding !== 'gzip') plain.push(pathname);
    sizes.set(pathname, Number(length));
  });
  // A first visit knows nothing of an earlier one.
  await fresh
    .context()
    .newCDPSession(fresh)
    .then(session => session.send('Network.setCacheDisabled', { cacheDisabled: true }));
  // Other tests leave devices before it in the list, which draws only what is seen of it.
  await fresh.goto('/devices?q=pump-3');
  await expect(fresh.getByText('pump-3', { exact: true })).toBeVisible();
  expect(plain, 'not compressed').toEqual([]);
  expect(sizes.size).toBeGreaterThan(0);
  const sum = [...sizes.values()].reduce((all, one) => all + one, 0);
  expect(sum, [...sizes].join(' ')).toBeGreaterThan(1000);
  expect(sum, [...sizes].join(' ')).toBeLessThanOrEqual(FIRST_LOAD_MAX);
  // The editor, charts and the map are read where they are shown.
  expect([...sizes.keys()].filter(name => /editor|uPlot|map/.test(name))).toEqual([]);
});
