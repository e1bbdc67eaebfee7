//! The frame around every page: colours, headers, caching, and what happens when the browser half does not come.

import { Person } from '../support/people.mjs';
import { signIn } from '../support/steps.mjs';
import { HYDRATED, NO_WASM, PHONE, expect, test } from '../support/test.mjs';

/** HOUSE budgets of the sign-in page. */
const MOST_REQUESTS = 7;
const MOST_SHIFT = 0.05;

test('a choice of colours holds over a reload and on other pages', {
  tag: [HYDRATED, NO_WASM, PHONE],
}, async ({ hands, page }) => {
  const root = page.locator('html');
  await page.emulateMedia({ colorScheme: 'light' });
  await hands.go('/login');
  const light = await background(page);
  // The answer has come when the cookie is there: a reload in between would find the old one.
  const choose = async (/** @type {string} */ words) => Promise.all([
    page.waitForResponse((response) => response.url().endsWith('/theme')), hands.press(hands.button(words)),
  ]);
  await choose('Dark');
  await expect(root).toHaveAttribute('data-theme', 'dark');
  await expect(hands.button('Dark')).toHaveAttribute('aria-pressed', 'true');
  expect(await background(page)).not.toBe(light);
  await page.reload();
  await expect(root).toHaveAttribute('data-theme', 'dark');
  await hands.go('/register');
  await expect(root).toHaveAttribute('data-theme', 'dark');
  await choose('Like the device');
  await expect(root).not.toHaveAttribute('data-theme');
  await page.reload();
  expect(await background(page)).toBe(light);
});

test('pages carry the security headers and are never stored', { tag: NO_WASM }, async ({ hands, member: _ }) => {
  for (const path of ['/login', '/', '/account/security']) {
    const headers = (await hands.go(path))?.headers() ?? {};
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toMatch(/script-src 'nonce-[^']{20,}' 'strict-dynamic' 'wasm-unsafe-eval'/);
    expect(policy).not.toContain('unsafe-inline');
    for (const part of ["object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "form-action 'self'"]) {
      expect(policy).toContain(part);
    }
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff', 'referrer-policy': 'same-origin', 'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
    });
    expect(headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  }
});

test('no page carries a style attribute', { tag: NO_WASM }, async ({ hands, page, member: _ }) => {
  for (const path of ['/', '/account/security', '/account/profile', '/settings', '/2fa/setup', '/dev/ui']) {
    await hands.go(path);
    await expect(page.locator('[style]'), path).toHaveCount(0);
  }
});

test('the nonce is another one at every answer', { tag: NO_WASM }, async ({ request }) => {
  const nonce = async () => (await request.get('/login')).headers()['content-security-policy']?.match(/'nonce-([^']+)'/)?.[1];
  expect(await nonce()).not.toBe(await nonce());
});

test('built files are kept for a year and compressed', { tag: HYDRATED }, async ({ hands, page }) => {
  /** @type {import('@playwright/test').Response[]} */
  const answers = [];
  page.on('response', (response) => answers.push(response));
  await hands.go('/login');
  const files = answers.filter((response) => new URL(response.url()).pathname.startsWith('/pkg/'));
  expect(files.map((response) => response.url().split('.').pop()).sort()).toEqual(expect.arrayContaining(['js', 'wasm']));
  for (const file of files) {
    expect(file.headers()['cache-control'], file.url()).toBe('public, max-age=31536000, immutable');
    expect(file.headers()['content-encoding'], file.url()).toBe('br');
  }
});

test('the sign-in page needs few requests', { tag: HYDRATED }, async ({ hands, page }) => {
  const asked = [];
  page.on('request', (request) => asked.push(request.url()));
  await hands.go('/login');
  await page.waitForLoadState('networkidle');
  expect(asked.length, asked.join('\n')).toBeLessThanOrEqual(MOST_REQUESTS);
});

test('the sign-in page does not jump', { tag: [HYDRATED, PHONE] }, async ({ hands, page }) => {
  await page.addInitScript(() => {
    Object.assign(window, { shift: 0 });
    new PerformanceObserver((list) => {
      // @ts-expect-error: layout shifts are not in the types of the language.
      for (const entry of list.getEntries()) window.shift += entry.hadRecentInput ? 0 : entry.value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await hands.go('/login');
  await page.waitForLoadState('networkidle');
  // @ts-expect-error: put there by the script above.
  expect(await page.evaluate(() => window.shift)).toBeLessThanOrEqual(MOST_SHIFT);
});

test('without the browser half the page stays usable', { tag: HYDRATED }, async ({ another, watch, page }) => {
  watch.expectWords(/ERR_FAILED|The page stays as the server sent it/);
  const person = await new Person().join();
  const hands = await another();
  hands.way = 'no-wasm';
  await hands.page.route('**/*.wasm', (route) => route.abort());
  let starts = 0;
  hands.page.on('console', (message) => { starts += message.text().includes('The page stays') ? 1 : 0; });
  await hands.page.goto('/login');
  // One reload looks for a newer build; after that the page is left alone.
  await expect.poll(() => starts).toBe(2);
  await signIn(hands, person);
  await expect(hands.page.locator('html')).not.toHaveAttribute('data-hydrated');
  await page.goto('/login');
  await expect(page.locator('html')).toHaveAttribute('data-hydrated');
});

test('what was typed before the page came alive is kept', { tag: HYDRATED }, async ({ page }) => {
  const release = await holdBrowserHalf(page);
  await page.goto('/login', { waitUntil: 'commit' });
  await page.getByLabel('E-mail').fill('early@example.com');
  release();
  await expect(page.locator('html')).toHaveAttribute('data-hydrated');
  await expect(page.getByLabel('E-mail')).toHaveValue('early@example.com');
});

test('a form sent before the page came alive is answered, and the answer comes alive', {
  tag: [HYDRATED, PHONE],
}, async ({ hands, page }) => {
  const release = await holdBrowserHalf(page);
  await page.goto('/login', { waitUntil: 'commit' });
  await hands.type(hands.field('E-mail'), 'early@example.com');
  await hands.type(hands.field('Password'), 'pressed before anything listened');
  await hands.press(hands.button('Sign in'));
  await expect(hands.refusal).toContainText('Address or password is wrong');
  release();
  await hands.alive();
  await expect(hands.refusal).toContainText('Address or password is wrong');
  await expect(hands.field('E-mail')).toHaveValue('early@example.com');
  await hands.press(hands.button('Show password'));
  await expect(hands.field('Password')).toHaveAttribute('type', 'text');
});

/**
 * Keeps the browser half on its way until the returned function is called.
 * @param {import('@playwright/test').Page} page
 */
async function holdBrowserHalf(page) {
  /** @type {() => void} */
  let release = () => {};
  const held = new Promise((done) => { release = () => done(undefined); });
  await page.route('**/*.wasm', async (route) => {
    await held;
    // The page that asked may be gone by now.
    await route.continue().catch(() => {});
  });
  return release;
}

/** @param {import('@playwright/test').Page} page */
const background = (page) => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
