//! Tabs and histories are told apart by their titles; on the way each page is seen without wasm.

import { ADMINISTRATOR } from '../support/administrator.mjs';
import { forBrowser } from '../support/api.mjs';
import * as pages from '../support/pages.mjs';
import { Person } from '../support/people.mjs';
import { HYDRATED, expect, test } from '../support/test.mjs';

test('no two pages have the same title', { tag: HYDRATED }, async ({ browser }) => {
  /** @type {Map<string, string>} */
  const titles = new Map();
  const member = await (await new Person().join()).signIn();
  const visitors = { scenes: pages.VISITOR, state: undefined };
  const members = { scenes: pages.MEMBER, state: { cookies: [{ ...forBrowser(member.cookie ?? ''), expires: -1 }], origins: [] } };
  const home = await pages.home(member);
  const administrators = { scenes: pages.ADMINISTRATOR, state: ADMINISTRATOR };
  for (const { scenes, state } of [visitors, members, administrators]) {
    const context = await browser.newContext({ storageState: state, javaScriptEnabled: false });
    const page = await context.newPage();
    for (const { path: anywhere, below } of scenes) {
      const path = below === undefined ? anywhere : `${home}${below}`;
      // The same page in another state, or for somebody else, keeps its title.
      const address = path.split('?')[0] ?? path;
      await page.goto(path);
      const title = await page.title();
      const other = titles.get(title);
      expect.soft(other ?? address, `"${title}" is the title of both`).toBe(address);
      titles.set(title, address);
      expect.soft(await page.locator('main h1:visible').count(), `headings of ${path}`).toBe(1);
    }
    await context.close();
  }
});
