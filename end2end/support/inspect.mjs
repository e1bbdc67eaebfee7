//! What has to be true of every page: for axe in every theme, and for what axe does not look at.

import { expect } from '@playwright/test';
import { violations } from './axe.mjs';

/** @typedef {import('@playwright/test').Page} Page */

/**
 * The device's wish and the person's choice. What is not about colour was seen in the first.
 * @type {{wish: 'light' | 'dark', choice: string | null}[]}
 */
const OTHER_THEMES = [
  { wish: 'dark', choice: null },
  { wish: 'light', choice: 'dark' },
  { wish: 'dark', choice: 'light' },
];

/** The narrowest screens: a small telephone, and 1280 px at a zoom of 400 % (WCAG 1.4.10). */
const NARROW = [360, 320];

/**
 * Looks at the page as it is now. Collects instead of stopping, so that one run tells all there is to correct.
 * @param {Page} page
 * @param {string} name of the page and its state, for the message
 * @param {'desktop' | 'phone'} screen
 */
export async function inspect(page, name, screen) {
  // What the bar at the top covers is a matter of scrolling, and no mistake of the page.
  await page.evaluate(() => scrollTo({ top: 0, behavior: 'instant' }));
  const found = [...await frame(page), ...await violations(page)];
  for (const theme of OTHER_THEMES) {
    await show(page, theme.wish, theme.choice);
    const inTheme = await violations(page, { only: ['color-contrast'] });
    found.push(...inTheme.map((line) => `device ${theme.wish}, choice ${theme.choice}: ${line}`));
  }
  await show(page, 'light', null);
  if (screen === 'phone') found.push(...await overflow(page));
  expect.soft(found, `${name} on a ${screen}`).toEqual([]);
}

/** @param {Page} page @param {'light' | 'dark'} wish @param {string | null} choice */
export async function show(page, wish, choice) {
  await page.emulateMedia({ colorScheme: wish, reducedMotion: 'reduce' });
  await page.evaluate(async (theme) => {
    const root = document.documentElement;
    if (theme) root.dataset.theme = theme;
    else delete root.dataset.theme;
    // Colours change by transitions, however short: a look in between would see the text of one theme on the
    // ground of the other.
    const frame = () => new Promise((done) => { requestAnimationFrame(done); });
    await frame();
    // The end of one may begin the next, where a colour is inherited. One that is taken away meanwhile never ends.
    for (let looks = 0; looks < 30 && document.getAnimations().length > 0; looks += 1) await frame();
    await frame();
  }, choice);
}

/** Language, title, one heading of the first level, one main part. @param {Page} page */
async function frame(page) {
  return page.evaluate(() => {
    const wrong = [];
    const count = (/** @type {string} */ query) => [...document.querySelectorAll(query)]
      .filter((element) => element.checkVisibility()).length;
    if (document.documentElement.lang !== 'en') wrong.push(`lang is ${document.documentElement.lang}`);
    if (!/ · Gatehouse$/.test(document.title)) wrong.push(`the title is "${document.title}"`);
    if (count('h1') !== 1) wrong.push(`${count('h1')} h1`);
    if (count('main') !== 1) wrong.push(`${count('main')} main`);
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
    const twice = ids.filter((id, index) => ids.indexOf(id) !== index);
    if (twice.length) wrong.push(`ids used twice: ${twice.join(', ')}`);
    return wrong;
  });
}

/** Nothing may need scrolling sideways. @param {Page} page */
async function overflow(page) {
  const before = page.viewportSize();
  const found = [];
  for (const width of NARROW) {
    await page.setViewportSize({ width, height: before?.height ?? 740 });
    const wide = await page.evaluate(() => {
      const room = document.documentElement.clientWidth;
      const beyond = [...document.querySelectorAll('body *')].filter((element) =>
        element.checkVisibility() && element.getBoundingClientRect().right > room + 1
        && !element.closest('.sr-only, [role="region"], .table-frame, .code'));
      const is = document.documentElement.scrollWidth;
      return is > room ? `${is} px wide in ${room} px: ${beyond.slice(-3).map((it) => it.outerHTML.slice(0, 90)).join(' | ')}` : '';
    });
    if (wide) found.push(wide);
  }
  if (before) await page.setViewportSize(before);
  return found;
}
