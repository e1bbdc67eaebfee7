//! From the first visit to the day the phone is gone: the whole way of one person, once for each way to use the house.

import { Person } from '../support/people.mjs';
import { letterTo } from '../support/letters.mjs';
import {
  comeHalfWay, confirmAddress, giveCode, giveCredentials, giveRecoveryCode, register, setUpSecondFactor, signIn,
  signInWithCode, signOut,
} from '../support/steps.mjs';
import { HYDRATED, KEYBOARD, NO_WASM, PHONE, expect, test } from '../support/test.mjs';

/** @typedef {import('../support/hands.mjs').Hands} Hands */

test('a person opens an account, sets up a second factor and signs in with it', {
  tag: [PHONE, KEYBOARD],
}, async ({ hands }) => {
  test.setTimeout(120_000);
  const person = new Person();
  await register(hands, person);
  await confirmAddress(hands, person);
  await signIn(hands, person);
  await setUpSecondFactor(hands, person);
  await signOut(hands);
  await signInWithCode(hands, person);
});

test('a person keeps their account through devices, a lost password and a lost phone', {
  tag: [HYDRATED, NO_WASM],
}, async ({ hands, another, watch }) => {
  test.setTimeout(180_000);
  for (const endpoint of ['verify-email', 'reset-password']) watch.expect(400, `identity/${endpoint}`);
  watch.expect(401, 'identity/sign-in');
  for (const endpoint of ['verify', 'recover']) watch.expect(401, `second-factor/${endpoint}`);
  const person = new Person();
  const other = await another();

  await test.step('opens the account', () => openAccount(hands, person));
  await test.step('sets up the second factor', () => guardAccount(hands, person));
  await test.step('signs in on two devices and ends one', () => useTwoDevices(hands, other, person));
  await test.step('sets a new password by letter', () => resetPassword(other, person));
  await test.step('signs in without the phone', () => signInWithoutPhone(other, person));
});

/** @param {Hands} hands @param {Person} person */
async function openAccount(hands, person) {
  await register(hands, person);
  const path = await confirmAddress(hands, person);
  await hands.go(path);
  await hands.press(hands.button('Confirm address'));
  await expect(hands.refusal, 'a link works once').toContainText('does not work any more');
  await signIn(hands, person);
}

/** @param {Hands} hands @param {Person} person */
async function guardAccount(hands, person) {
  await setUpSecondFactor(hands, person);
  await hands.go('/2fa/setup');
  await expect(hands.page.getByText('10 recovery codes are left.')).toBeVisible();
  await expect(hands.page.getByText(person.recoveryCodes[0]), 'the codes are shown once').toHaveCount(0);
  await signOut(hands);
}

/** @param {Hands} hands @param {Hands} other @param {Person} person */
async function useTwoDevices(hands, other, person) {
  const code = await signInWithCode(hands, person);
  await comeHalfWay(other, person);
  await giveCode(other, code);
  await expect(other.refusal, 'a code works once').toContainText('This code was refused');
  await giveCode(other, await person.phone.next());
  await other.see(`Welcome, ${person.name}`);

  await other.go('/account/security');
  const rows = other.page.getByRole('table').getByRole('row');
  await expect(rows, 'a head and two devices').toHaveCount(3);
  await other.press(rows.filter({ hasNotText: 'This device' }).getByRole('button', { name: /^End/ }));
  await expect(other.page.getByText('That device is signed out.')).toBeVisible();
  await expect(rows).toHaveCount(2);
  await hands.page.goto('/account/security');
  await hands.see('Sign in');
}

/** @param {Hands} hands signed in @param {Person} person */
async function resetPassword(hands, person) {
  const before = person.password;
  await hands.go('/forgot-password');
  await hands.type(hands.field('E-mail'), person.email);
  await hands.press(hands.button('Send the link'));
  await expect(hands.page.getByText('a letter with a link is on its way')).toBeVisible();
  const { path } = await letterTo(person.email, 'reset-password');
  await hands.go(path);
  await hands.see('Set a new password');
  person.password = `another one, ${before}`;
  await hands.type(hands.field('New password'), person.password);
  await hands.press(hands.button('Set the password'));
  await hands.see('Sign in');
  await expect(hands.page.getByText('Your password is set.')).toBeVisible();
  await letterTo(person.email, 'password-changed');

  await giveCredentials(hands, { email: person.email, password: before });
  await expect(hands.refusal).toContainText('Address or password is wrong');
  await hands.go('/account/security');
  await hands.see('Sign in');
}

/** @param {Hands} hands signed out @param {Person} person */
async function signInWithoutPhone(hands, person) {
  const [first = '', second = ''] = person.recoveryCodes;
  await comeHalfWay(hands, person);
  await giveRecoveryCode(hands, first);
  await hands.see(`Welcome, ${person.name}`);
  await signOut(hands);
  await comeHalfWay(hands, person);
  await giveRecoveryCode(hands, first);
  const refusal = hands.page.getByText('This code was refused');
  await expect(refusal, 'a recovery code works once').toBeVisible();
  await giveRecoveryCode(hands, second);
  await hands.see(`Welcome, ${person.name}`);
}
