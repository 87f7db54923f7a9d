// Without a mouse.
import { expect, signIn, test } from './world.ts';

test('Ctrl K finds a device', async ({ page }) => {
  await signIn(page);
  await page.keyboard.press('Control+k');
  await expect(page.getByRole('combobox', { name: 'Page or device' })).toBeFocused();
  await page.keyboard.type('pump-12');
  await expect(page.getByRole('option', { name: /pump-12/ })).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/devices/pump-12');
});

test('g d goes to devices, / to the filter, which is in the address', async ({ page }) => {
  await signIn(page);
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await expect(page).toHaveURL('/devices');
  await expect(page.getByText('pump-3', { exact: true })).toBeVisible();
  await page.keyboard.press('/');
  await page.keyboard.type('pump-7');
  await expect(page.getByText('pump-3', { exact: true })).toHaveCount(0);
  await expect(page).toHaveURL('/devices?q=pump-7');
  await page.reload();
  await expect(page.getByText('pump-7', { exact: true })).toBeVisible();
  await expect(page.getByText('pump-3', { exact: true })).toHaveCount(0);
});

test('? shows the keys', async ({ page }) => {
  await signIn(page);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keys' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});
