//! How a person acts: with a mouse, a finger, or nothing but the keys. A journey is written once for all of them.

import { expect } from '@playwright/test';

/** More stops than any page has; after so many the target cannot be reached. */
const MOST_STOPS = 120;

/** @typedef {import('@playwright/test').Locator} Locator */

/** A person in front of a page. */
export class Hands {
  /**
   * @param {import('@playwright/test').Page} page
   * @param {'hydrated' | 'no-wasm' | 'phone' | 'keyboard'} way
   */
  constructor(page, way) {
    this.page = page;
    this.way = way;
  }

  /** Opens an address and waits until the page is alive. @param {string} path */
  async go(path) {
    const response = await this.page.goto(path);
    await this.alive();
    return response;
  }

  /** Waits until the browser half has taken over, where there is one. */
  async alive() {
    if (this.way !== 'no-wasm') await this.page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
  }

  /** Waits for the page with this heading. @param {string | RegExp} heading */
  async see(heading) {
    await expect(this.page.getByRole('heading', { level: 1 })).toHaveText(heading);
    await this.alive();
  }

  /** A button by its words. @param {string | RegExp} name */
  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  /** A link by its words. @param {string | RegExp} name */
  link(name) {
    return this.page.getByRole('link', { name, exact: true });
  }

  /** An input by its label. @param {string} label */
  field(label) {
    return this.page.getByLabel(label, { exact: true });
  }

  /** Why the last form was refused. Each form has an empty place for it, so that screen readers know it. */
  get refusal() {
    return this.page.getByRole('alert').filter({ hasText: /\S/ });
  }

  /** Presses a button, a link, or the head of a disclosure. @param {Locator} target */
  async press(target) {
    if (this.way === 'keyboard') {
      await this.reach(target);
      await this.page.keyboard.press('Enter');
    } else if (this.way === 'phone') {
      await target.tap();
    } else {
      await target.click();
    }
  }

  /** Turns a checkbox on. @param {Locator} target */
  async tick(target) {
    if (this.way === 'keyboard') {
      await this.reach(target);
      await this.page.keyboard.press('Space');
    } else {
      await target.check();
    }
    await expect(target).toBeChecked();
  }

  /** Types into a field, in place of what is there. @param {Locator} target @param {string} text */
  async type(target, text) {
    if (this.way === 'keyboard') {
      await this.reach(target);
      await this.page.keyboard.press('ControlOrMeta+A');
      await this.page.keyboard.type(text);
    } else {
      await target.fill(text);
    }
    await expect(target).toHaveValue(text);
  }

  /** Goes to an element by Tab alone. @param {Locator} target */
  async reach(target) {
    await expect(target).toBeVisible();
    for (let stop = 0; stop < MOST_STOPS; stop += 1) {
      if (await target.evaluate((element) => element === document.activeElement)) return;
      await this.page.keyboard.press('Tab');
    }
    throw new Error(`not reached by Tab in ${MOST_STOPS} stops: ${target}`);
  }
}
