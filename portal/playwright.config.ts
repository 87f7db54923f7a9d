import { defineConfig } from '@playwright/test';

// Debian's own headless Chromium; Playwright's download is not used. The server's address and a key come from outside:
// PortalIT starts a real server and sets them.
export default defineConfig({
  testDir: 'test',
  outputDir: 'target/test-results',
  workers: 1,
  // Long, for a machine that is busy: a test waits for what it says and no longer.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: [['list'], ['json', { outputFile: 'target/playwright.json' }]],
  use: {
    baseURL: process.env['TRIBUTARY_URL'] ?? 'http://127.0.0.1:8080',
    browserName: 'chromium',
    launchOptions: {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium-headless-shell',
      args: ['--no-sandbox'],
    },
    viewport: { width: 1280, height: 900 },
    trace: 'retain-on-failure',
  },
});
