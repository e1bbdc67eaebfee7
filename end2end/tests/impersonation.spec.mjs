//! An administrator sees the site with somebody else's eyes, touches nothing, and finds their own again.

import { freshHands } from '../support/administrator.mjs';
import { letterTo } from '../support/letters.mjs';
import { Person } from '../support/people.mjs';
import { signIn } from '../support/steps.mjs';
import { HYDRATED, NO_WASM, PHONE, expect, test } from '../support/test.mjs';

/** @typedef {import('../support/hands.mjs').Hands} Hands */

const BAR = 'You see this site as';

/** Opens the page of a person. @param {Hands} hands @param {Person} person */
async function open(hands, person) {
  await hands.go(`/admin/users?q=${person.email}`);
  await hands.press(hands.page.getByRole('table').getByRole('link', { name: person.name }));
  await hands.see(`Account of ${person.email}`);
}

/** @param {Hands} hands @param {string} name */
const card = ({ page }, name) => page.locator('section.card', { has: page.getByRole('heading', { name, exact: true }) });

test('the pages of a person are seen, nothing is changed, and the owner is told', {
  tag: [HYDRATED, NO_WASM, PHONE],
}, async ({ hands, page, another, watch }) => {
  test.setTimeout(120_000);
  watch.expect(404, 'nothing/here');
  const [helper, person] = [await new Person().join(), await new Person().join()];
  const first = await freshHands(another);
  await open(first, helper);
  await first.tick(first.field('Administrator'));
  await first.type(card(first, 'Roles').getByLabel('Reason'), 'Helps people who call');
  await first.press(first.button('Save the roles'));
  await expect(first.page.getByText('The roles are set.')).toBeVisible();

  await signIn(hands, helper);
  await open(hands, person);
  await hands.type(card(hands, 'See the site as this person').getByLabel('Reason'), 'Cannot find their tokens');
  await hands.press(hands.button('See with their eyes'));
  await hands.see(`Welcome, ${person.name}`);
  const bar = page.getByRole('region', { name: 'Somebody else’s eyes' });
  await expect(bar).toContainText(`${BAR} ${person.email} does, until`);

  await hands.go('/account/profile');
  await expect(bar).toBeVisible();
  await expect(hands.field('Display name')).toBeDisabled();
  await expect(hands.button('Save profile')).toBeDisabled();
  await expect(page.getByText('Sign out')).toHaveCount(0);
  for (const path of ['/account/security', '/account/tokens', '/login', '/nothing/here']) {
    await hands.go(path);
    await expect(bar).toBeVisible();
  }
  const { text } = await letterTo(person.email, 'looked-at');
  expect(text).toContain(helper.email);
  expect(text).toContain('Cannot find their tokens');

  await hands.press(hands.button('Stop looking'));
  await hands.see(`Account of ${person.email}`);
  await expect(bar).toHaveCount(0);
  await expect(card(hands, 'Account')).toContainText(person.name);
  await expect(card(hands, 'Audit trail')).toContainText('admin.impersonation-ended');
});

test('whoever looks after the site is not looked at', { tag: [HYDRATED, NO_WASM] }, async ({ another }) => {
  const staff = await new Person().join();
  const first = await freshHands(another);
  await open(first, staff);
  await expect(card(first, 'See the site as this person')).toBeVisible();
  await first.tick(first.field('Support'));
  await first.type(card(first, 'Roles').getByLabel('Reason'), 'Joins the help desk');
  await first.press(first.button('Save the roles'));
  await expect(first.page.getByText('The roles are set.')).toBeVisible();
  await expect(card(first, 'See the site as this person')).toHaveCount(0);
});
