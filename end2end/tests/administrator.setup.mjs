//! The first administrator comes in by the one-time link, once; later tests begin with the state kept here.

import { readFile, writeFile } from 'node:fs/promises';
import { FIRST_ADMIN_FILE, STATE_FOLDER } from '../support/environment.mjs';
import { ADMINISTRATOR, COLLEAGUE, promote } from '../support/administrator.mjs';
import * as canaries from '../support/canaries.mjs';
import { Person } from '../support/people.mjs';
import { setUpSecondFactor } from '../support/steps.mjs';
import { expect, test } from '../support/test.mjs';

test('the first administrator comes in by the link in the file', async ({ hands, page }) => {
  await canaries.begin();
  test.skip(await isIn(page), 'the administrator of an earlier run against this server is still signed in');
  const link = new URL((await readFile(FIRST_ADMIN_FILE, 'utf8')).trim());
  const person = new Person();
  await hands.go(link.pathname + link.search);
  await hands.see('Welcome to your Gatehouse');
  await hands.type(hands.field('E-mail'), person.email);
  await hands.type(hands.field('Password'), person.password);
  await hands.press(hands.button('Become the first administrator'));
  await hands.see(`Welcome, ${person.email}`);

  // The development profile does not ask it of staff; production does, and so every page of theirs is seen with it.
  await setUpSecondFactor(hands, person);
  await hands.go('/admin/users');
  await hands.see('People');
  await expect(page.getByRole('table')).toContainText(person.email);

  await page.context().storageState({ path: ADMINISTRATOR });
  await writeFile(`${STATE_FOLDER}administrator.email`, person.email);
  const colleague = await (await new Person().join()).signIn();
  const session = (await page.context().cookies()).find(({ name }) => name === '__Host-gate');
  await promote(colleague, 'ADMIN', { cookie: `${session?.name}=${session?.value}` });
  await writeFile(COLLEAGUE, JSON.stringify({ email: colleague.email, password: colleague.password }));
});

/** @param {import('@playwright/test').Page} page */
async function isIn(page) {
  const state = await readFile(ADMINISTRATOR, 'utf8').then(JSON.parse, () => null);
  if (!state) return false;
  await page.context().addCookies(state.cookies);
  await page.goto('/admin/users');
  const is = await page.getByRole('table').isVisible();
  if (!is) await page.context().clearCookies();
  return is;
}
