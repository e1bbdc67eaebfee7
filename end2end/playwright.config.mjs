//! Four ways through the same house: the living page, the page without wasm, a telephone, and the keyboard alone.
//!
//! A test names the ways it holds for by its tags. What the run needs to know comes from the environment, which
//! `cargo xtask test` sets; see support/environment.mjs.

import { defineConfig } from '@playwright/test';
import { ADDRESS, CHROMIUM, PROVIDER, USER_AGENT, WIDGET } from './support/environment.mjs';

const DESKTOP = { width: 1280, height: 800 };
/** The smallest screen that is promised to be comfortable; 320 px is promised not to break. */
const PHONE = { width: 360, height: 740 };

/**
 * @param {string} way the name, which is also the tag
 * @param {object} use what the browser does differently
 */
const project = (way, use) => ({
  name: way,
  grep: new RegExp(`@${way}\\b`),
  dependencies: ['first-administrator'],
  use: { way, viewport: DESKTOP, ...use },
});

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  fullyParallel: true,
  forbidOnly: true,
  retries: 0,
  // Each browser beside the server and its password hashes: more than two on two cores only wait for each other.
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: {
    baseURL: ADDRESS,
    browserName: 'chromium',
    userAgent: USER_AGENT,
    actionTimeout: 10_000,
    navigationTimeout: 20_000,
    locale: 'en-GB',
    timezoneId: 'UTC',
    screenshot: 'only-on-failure',
    // A trace copies the page at every step, which is slow. Where nobody will open it, the picture and the tree of the page at
    // the failure have to do.
    trace: process.env.CI ? 'off' : { mode: 'retain-on-failure', screenshots: false, sources: false },
    launchOptions: {
      executablePath: CHROMIUM,
      // Only loopback traffic: the browser must not look for updates or lists of its own. No page lives long enough to be worth
      // a second, better compilation.
      args: ['--in-process-gpu', '--js-flags=--no-wasm-tier-up', '--disable-gpu', '--disable-quic', '--no-first-run',
        '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    },
  },
  // A sign-in provider of other people and a captcha of another site, where a server was told of them.
  webServer: [
    ...process.env.GATEHOUSE_PROVIDER_URL
      ? [{ command: 'node support/provider.mjs', url: `${PROVIDER}/.well-known/openid-configuration`, stdout: /** @type {const} */ ('ignore') }]
      : [],
    ...WIDGET.server
      ? [{ command: 'node support/widget.mjs', url: `${WIDGET.url}/api.js`, stdout: /** @type {const} */ ('ignore') }]
      : [],
  ],
  projects: [
    { name: 'log', testMatch: 'log.teardown.mjs', use: { way: 'hydrated' } },
    { name: 'first-administrator', teardown: 'log', testMatch: 'administrator.setup.mjs', use: { way: 'hydrated', viewport: DESKTOP } },
    project('hydrated', {}),
    project('no-wasm', { javaScriptEnabled: false }),
    project('phone', { viewport: PHONE, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }),
    project('keyboard', {}),
  ],
});
