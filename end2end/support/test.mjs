//! What every test has: hands that fit the way it runs, a watch over the console, and browsers of other people.

import { test as base, expect } from '@playwright/test';
import { forBrowser } from './api.mjs';
import { Hands } from './hands.mjs';
import { Person } from './people.mjs';
import { Watch } from './watch.mjs';

/** The tags of the ways a test runs in. */
export const HYDRATED = '@hydrated';
export const NO_WASM = '@no-wasm';
export const PHONE = '@phone';
export const KEYBOARD = '@keyboard';

export const test = base.extend({
  way: ['hydrated', { option: true }],

  /** Fails the test for what nobody expected. */
  watch: [async ({}, use) => {
    const watch = new Watch();
    await use(watch);
    expect(watch.unexpected(), 'nothing complains').toEqual([]);
  }, { auto: true }],

  context: async ({ context, watch }, use) => {
    await watch.over(context);
    await use(context);
  },

  hands: async ({ page, way }, use) => use(new Hands(page, way)),

  /** Another browser, of the same person or somebody else. `state` is a stored state to begin with. */
  another: async ({ browser, way, watch }, use) => {
    /** @type {import('@playwright/test').BrowserContext[]} */
    const contexts = [];
    await use(async (/** @type {object} */ options = {}) => {
      const context = await browser.newContext(options);
      contexts.push(context);
      await watch.over(context);
      return new Hands(await context.newPage(), way);
    });
    for (const context of contexts) await context.close();
  },

  /** Somebody with a confirmed account, signed in in this test's browser. */
  member: async ({ context }, use) => {
    const person = await (await new Person().join()).signIn();
    await context.addCookies([forBrowser(person.cookie ?? '')]);
    await use(person);
  },
});

export { expect };
