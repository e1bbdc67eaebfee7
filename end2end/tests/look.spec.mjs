//! Pictures of every page in both themes, narrow and wide, for people to look at. Only when asked: LOOK=1.

import { fileURLToPath } from 'node:url';
import { ADMINISTRATOR } from '../support/administrator.mjs';
import { show } from '../support/inspect.mjs';
import * as pages from '../support/pages.mjs';
import { HYDRATED, PHONE, test } from '../support/test.mjs';

const FOLDER = fileURLToPath(new URL('../look/', import.meta.url));

/**
 * @param {import('../support/hands.mjs').Hands} hands
 * @param {import('../support/watch.mjs').Watch} watch
 * @param {pages.Scene[]} scenes
 * @param {string} [home] where the pages of one's own organization are
 */
async function paint(hands, watch, scenes, home) {
  test.setTimeout(180_000);
  watch.expectWords(/status of 40\d/);
  for (const { name, path: anywhere, below, then } of scenes) {
    const path = below === undefined ? anywhere : `${home}${below}`;
    await hands.page.goto(path);
    if (!/^\/(api|problems)/.test(path)) await hands.alive();
    if (then) await then(hands, watch);
    for (const theme of /** @type {const} */ (['light', 'dark'])) {
      await show(hands.page, theme, null);
      const width = hands.page.viewportSize()?.width;
      const file = `${name.replaceAll(/[^a-z]+/gi, '-')}.${theme}.${width}.png`;
      await hands.page.screenshot({ path: FOLDER + file, fullPage: true });
    }
  }
}

if (process.env.LOOK) {
  const both = { tag: [HYDRATED, PHONE] };
  test('pictures for visitors', both, ({ hands, watch }) => paint(hands, watch, pages.VISITOR));
  test('pictures for members', both, async ({ hands, watch, member }) => {
    await paint(hands, watch, pages.MEMBER, await pages.home(member));
  });
  test('pictures of billing', both, async ({ hands, watch, member }) => {
    await paint(hands, watch, pages.BILLING, await pages.home(member));
  });
  test.describe('as an administrator', () => {
    test.use({ storageState: ADMINISTRATOR });
    test('pictures for administrators', both, ({ hands, watch }) => paint(hands, watch, pages.ADMINISTRATOR));
  });
}
