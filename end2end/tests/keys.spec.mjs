//! With nothing but the keys: every stop is seen, nothing traps, and a screen reader is told where it is.

import { ADMINISTRATOR } from '../support/administrator.mjs';
import { get } from '../support/api.mjs';
import { HYDRATED, KEYBOARD, NO_WASM, expect, test } from '../support/test.mjs';

/** @typedef {import('@playwright/test').Page} Page */

/** More stops than any of these pages has. */
const MOST_STOPS = 150;

test('a tour by Tab shows every stop and ends where it began', { tag: KEYBOARD }, async ({ hands, page }) => {
  for (const path of ['/', '/login', '/register', '/forgot-password', '/dev/ui']) {
    await hands.go(path);
    expect.soft(await tour(page), path).toEqual([]);
  }
});

test('a tour by Tab through the pages of a member', { tag: KEYBOARD }, async ({ hands, page, member: _ }) => {
  for (const path of ['/', '/account/security', '/account/passkeys', '/account/tokens', '/account/profile', '/settings', '/2fa/setup']) {
    await hands.go(path);
    expect.soft(await tour(page), path).toEqual([]);
  }
});

// The other pages of an organization are used with the keys by journeys of their own.
test('a tour by Tab through the pages of an organization', { tag: KEYBOARD }, async ({ hands, page, member }) => {
  const { organizations } = await get('identity/me', member);
  for (const below of ['policy', 'settings', 'usage']) {
    const path = `/o/${organizations[0].slug}/${below}`;
    await hands.go(path);
    expect.soft(await tour(page), path).toEqual([]);
  }
});

test.describe('as an administrator', () => {
  test.use({ storageState: ADMINISTRATOR });

  test('a tour by Tab through administration', { tag: KEYBOARD }, async ({ hands, page }) => {
    await hands.go('/admin/users');
    const person = await page.locator('tbody a[href^="/admin/users/"]').first().getAttribute('href') ?? '';
    const trail = ['/admin/audit-logs?action=admin.', '/admin/audit-logs?entry=1'];
    for (const path of ['/admin/users', person, ...trail, '/admin/settings', '/admin/webhooks', '/admin/billing']) {
      await hands.go(path);
      expect.soft(await tour(page), path).toEqual([]);
    }
  });
});

test('the skip link leads past the navigation', { tag: [KEYBOARD, NO_WASM] }, async ({ hands, page, member: _ }) => {
  await hands.go('/settings');
  await page.keyboard.press('Tab');
  await expect(hands.link('Skip to content')).toBeFocused();
  await expect(hands.link('Skip to content')).toBeInViewport();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  const isPast = await page.evaluate(() => document.activeElement?.closest('main') !== null);
  expect(isPast, 'the next stop is in the content').toBe(true);
});

test('a dialog keeps the focus, closes by Escape and gives the focus back', { tag: KEYBOARD }, async ({ hands, page }) => {
  await hands.go('/dev/ui');
  const opener = page.getByRole('link', { name: 'Open a dialog' });
  await hands.press(opener);
  const dialog = page.getByRole('dialog');
  await expect(dialog).toBeVisible();
  for (let stop = 0; stop < 6; stop += 1) {
    await page.keyboard.press('Tab');
    const isBehind = await page.evaluate(() => document.activeElement?.closest('main, header, aside')
      !== null && document.activeElement?.closest('dialog') === null);
    expect(isBehind, 'the page behind is out of reach').toBe(false);
  }
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(opener).toBeFocused();
});

test('the menu closes by Escape and gives the focus back', { tag: KEYBOARD }, async ({ hands, page, member: _ }) => {
  await hands.go('/settings');
  const button = page.locator('.sidebar summary.menu-button');
  await hands.press(button);
  await expect(hands.button('Sign out')).toBeVisible();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Escape');
  await expect(hands.button('Sign out')).toBeHidden();
  await expect(button).toBeFocused();
});

test('after a navigation in the living page its title is spoken and its heading has the focus', {
  tag: [HYDRATED, KEYBOARD],
}, async ({ hands, page, member: _ }) => {
  await hands.go('/account/security');
  const announcer = page.locator('[data-announcer]');
  await expect(announcer, 'the browser itself announces the first page').toBeEmpty();
  await page.evaluate(() => Object.assign(window, { isSameDocument: true }));
  await hands.press(page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name: 'Profile' }));
  await hands.see('Profile');
  await expect(announcer).toHaveText('Profile · Gatehouse');
  await expect(page.getByRole('heading', { level: 1 })).toBeFocused();
  await expect(announcer).toHaveAttribute('aria-live', 'polite');
  expect(await page.evaluate(() => 'isSameDocument' in window), 'nothing was loaded anew').toBe(true);

  await page.goBack();
  await hands.see('Security');
  await expect(announcer).toHaveText('Security · Gatehouse');
});

test('who wants less motion gets none', { tag: HYDRATED }, async ({ hands, page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await hands.go('/dev/ui');
  const moving = () => page.evaluate(() => document.getAnimations()
    .filter((animation) => animation.playState === 'running').map((animation) => String(animation.effect?.getTiming().duration)));
  await expect.poll(moving).toEqual([]);
  const slowest = await page.evaluate(() => Math.max(...[...document.querySelectorAll('*')]
    .flatMap((element) => getComputedStyle(element).transitionDuration.split(',')).map(parseFloat)));
  expect(slowest, 'seconds of the slowest transition').toBeLessThan(0.001);
});

/**
 * Walks through the page by Tab and tells which stops are not seen.
 * @param {Page} page
 * @returns {Promise<string[]>}
 */
async function tour(page) {
  const found = [];
  const seen = new Set();
  for (let stop = 0; stop < MOST_STOPS; stop += 1) {
    await page.keyboard.press('Tab');
    const { key, trouble } = await page.evaluate(stopHere);
    if (key === '' || seen.has(key)) return seen.size > 1 ? found : ['nothing can be reached'];
    seen.add(key);
    if (trouble) found.push(trouble);
  }
  return [...found, `more than ${MOST_STOPS} stops: a trap?`];
}

/** Runs in the page: what has the focus, and whether a person can see that. */
function stopHere() {
  const element = document.activeElement;
  if (!element || element === document.body) return { key: '', trouble: '' };
  const all = [...document.querySelectorAll('*')];
  const name = element.outerHTML.slice(0, 100);
  const style = getComputedStyle(element);
  const { left, right, top, bottom } = element.getBoundingClientRect();
  const isOn = bottom > 0 && top < innerHeight && right > 0 && left < innerWidth && right > left && bottom > top;
  const [x, y] = [(Math.max(left, 0) + Math.min(right, innerWidth)) / 2, (Math.max(top, 0) + Math.min(bottom, innerHeight)) / 2];
  const above = document.elementFromPoint(x, y);
  const isCovered = above !== null && !element.contains(above) && !above.contains(element);
  const isMarked = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
  const trouble = [
    isMarked ? '' : 'no outline', isOn ? '' : 'outside of the window', isOn && isCovered ? 'covered' : '',
  ].filter(Boolean).join(', ');
  return { key: String(all.indexOf(element)), trouble: trouble && `${trouble}: ${name}` };
}
