//! The life of an account: another address and the way back, a copy of the data, and the end that can be taken back.

import { readFile } from 'node:fs/promises';
import { Person, unique } from '../support/people.mjs';
import { letterTo } from '../support/letters.mjs';
import { giveCredentials, signIn } from '../support/steps.mjs';
import { HYDRATED, KEYBOARD, NO_WASM, PHONE, expect, test } from '../support/test.mjs';

/** @typedef {import('../support/hands.mjs').Hands} Hands */

const ALL = { tag: [HYDRATED, NO_WASM, PHONE, KEYBOARD] };
const BOTH = { tag: [HYDRATED, NO_WASM] };

/** Asks for another address on the profile page. @param {Hands} hands signed in @param {string} address */
async function askFor(hands, address) {
  await hands.go('/account/profile');
  await hands.type(hands.field('New address'), address);
  await hands.press(hands.button('Change the address'));
  await expect(hands.page.getByText('We sent a letter to the new address.')).toBeVisible();
  await expect(hands.page.getByText('Waits for its letter')).toBeVisible();
}

/** Opens the disclosure and types the address. @param {Hands} hands signed in @param {Person} person */
async function leave(hands, person) {
  await hands.go('/account/profile');
  await hands.press(hands.page.getByText('Delete my account', { exact: true }));
  await hands.type(hands.field(`Type “${person.email}” to confirm`), person.email);
  await hands.press(hands.button('Yes, delete it'));
  await hands.see('Sign in');
  await expect(hands.page.getByText('Your account is closed, and deleted in 14 days.')).toBeVisible();
}

test('a person moves to another address and stays signed in', BOTH, async ({ hands }) => {
  const person = await new Person().join();
  await signIn(hands, person);
  const address = `${unique()}@example.com`;
  await askFor(hands, address);
  const { path } = await letterTo(address, 'confirm-email');
  await hands.go(path);
  await hands.see('Confirm your new address');
  await hands.go(path);
  await hands.press(hands.button('Use this address'));
  await hands.see('Profile');
  await expect(hands.page.getByText('Your new address is confirmed.')).toBeVisible();
  await expect(hands.page.getByText(address)).not.toHaveCount(0);
  await letterTo(person.email, 'email-changed');
});

test('the old address undoes a change, and its reader chooses a new password', {
  tag: [HYDRATED, NO_WASM],
}, async ({ hands, another, watch }) => {
  watch.expect(401, 'identity/sign-in');
  watch.expect(400, 'identity/undo-email');
  const person = await new Person().join();
  const stranger = await another();
  await signIn(stranger, person);
  const address = `${unique()}@example.com`;
  await askFor(stranger, address);
  const { path: undo } = await letterTo(person.email, 'email-change-asked');
  const { path } = await letterTo(address, 'confirm-email');
  await stranger.go(path);
  await stranger.press(stranger.button('Use this address'));
  await stranger.see('Profile');

  await hands.go(undo);
  await hands.see('Keep your address');
  await hands.press(hands.button('This was not me: undo it'));
  await hands.see('Set a new password');
  const before = person.password;
  person.password = `another one, ${before}`;
  await hands.type(hands.field('New password'), person.password);
  await hands.press(hands.button('Set the password'));
  await hands.see('Sign in');
  await giveCredentials(hands, { email: address, password: before });
  await expect(hands.refusal).toContainText('Address or password is wrong');
  await signIn(hands, person);
  await stranger.page.goto('/account/profile');
  await stranger.see('Sign in');
  await hands.go(undo);
  await hands.press(hands.button('This was not me: undo it'));
  await expect(hands.refusal, 'a link works once').toContainText('does not work any more');
});

test('a change that waits is stopped by the letter to the old address', {
  tag: [HYDRATED, NO_WASM],
}, async ({ hands, watch }) => {
  watch.expect(400, 'identity/confirm-email');
  const person = await new Person().join();
  await signIn(hands, person);
  const address = `${unique()}@example.com`;
  await askFor(hands, address);
  await hands.go((await letterTo(person.email, 'email-change-asked')).path);
  await hands.press(hands.button('This was not me: undo it'));
  await expect(hands.page.getByText('The change is stopped')).toBeVisible();
  await hands.go((await letterTo(address, 'confirm-email')).path);
  await hands.press(hands.button('Use this address'));
  await expect(hands.refusal).toContainText('does not work any more');
  await hands.go('/account/profile');
  await expect(hands.page.getByText('Waits for its letter')).toHaveCount(0);
});

test('a person reads times as the clocks around them show them', {
  tag: [HYDRATED, NO_WASM],
}, async ({ hands }) => {
  const person = await new Person().join();
  await signIn(hands, person);
  await hands.go('/account/profile');
  await hands.field('Time zone').selectOption('Asia/Kolkata');
  await hands.press(hands.button('Save profile'));
  await expect(hands.page.getByText('Your profile is saved.')).toBeVisible();
  await hands.go('/account/security');
  await expect(hands.page.locator('time').first()).toHaveText(/ UTC\+5:30$/);
});

/** Takes the copy away by its link. @param {Hands} hands on the profile page */
async function takeCopy(hands) {
  const arrives = hands.page.waitForEvent('download');
  await hands.press(hands.link('Download the copy'));
  const file = await arrives;
  expect(file.suggestedFilename()).toMatch(/^gatehouse-account-\d{4}-\d\d-\d\d\.json$/);
  return JSON.parse(await readFile(await file.path(), 'utf8'));
}

test('a person asks for a copy of their data and takes it away', BOTH, async ({ hands }) => {
  const person = await new Person().join();
  await signIn(hands, person);
  await hands.go('/account/profile');
  await hands.press(hands.button('Make a copy'));
  const { path } = await letterTo(person.email, 'data-ready');
  await hands.go(path);
  await expect(hands.page.getByText('Kept until')).toBeVisible();
  const copy = await takeCopy(hands);
  expect(copy.account.email).toBe(person.email);
  expect(copy.account.display_name).toBe(person.name);
  expect(copy.audit_entries_whole).toBe(true);
  await expect(hands.button('Make a new copy')).toBeVisible();
});

test('a page that stays open sees the copy become ready', { tag: [HYDRATED] }, async ({ hands }) => {
  const person = await new Person().join();
  await signIn(hands, person);
  await hands.go('/account/profile');
  await hands.press(hands.button('Make a copy'));
  await expect(hands.link('Download the copy')).toBeVisible({ timeout: 15_000 });
});

test('a person leaves, comes back within two weeks and keeps the account', ALL, async ({ hands, watch }) => {
  // The start page asks for everything at once, and each answer says that the account is about to be deleted.
  watch.expect(403, '/api/v1/');
  const person = await new Person().join();
  await signIn(hands, person);
  await leave(hands, person);
  const { text } = await letterTo(person.email, 'deletion-asked');
  expect(text).toContain('there will be no further letter');
  await hands.go('/login');
  await giveCredentials(hands, person);
  await hands.see('Your account is closed');
  await hands.press(hands.button('Keep my account'));
  await hands.see(`Welcome, ${person.name}`);
  await letterTo(person.email, 'account-kept');
});

test('who comes back may also let it go', { tag: [HYDRATED, NO_WASM] }, async ({ hands, watch }) => {
  // The start page asks for everything at once, and each answer says that the account is about to be deleted.
  watch.expect(403, '/api/v1/');
  const person = await new Person().join();
  await signIn(hands, person);
  await leave(hands, person);
  await hands.go('/login');
  await giveCredentials(hands, person);
  await hands.see('Your account is closed');
  await hands.press(hands.button('Sign out and let it go'));
  await hands.see('Sign in');
});

test('a password that was seen in a breach is refused in a sentence', {
  tag: [HYDRATED, NO_WASM],
}, async ({ hands, watch }) => {
  watch.expect(422, 'identity/register');
  await hands.go('/register');
  await hands.type(hands.field('E-mail'), new Person().email);
  await hands.type(hands.field('Password'), 'Liverpool2025');
  await hands.press(hands.button('Create account'));
  await expect(hands.refusal).toContainText('seen in a data breach');
});
