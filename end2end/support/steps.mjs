//! The steps of a journey, as a person would tell them. Each begins on the page it names and ends on the next.

import { expect } from '@playwright/test';
import { Authenticator } from './authenticator.mjs';
import { letterTo } from './letters.mjs';

/** @typedef {import('./hands.mjs').Hands} Hands */
/** @typedef {import('./people.mjs').Person} Person */

/** Opens an account. @param {Hands} hands @param {Person} person */
export async function register(hands, person) {
  await hands.go('/login');
  await hands.press(hands.link('Create an account'));
  await hands.see('Create an account');
  await hands.type(hands.field('Display name (optional)'), person.name);
  await hands.type(hands.field('E-mail'), person.email);
  await hands.type(hands.field('Password'), person.password);
  await hands.press(hands.button('Create account'));
  await hands.see('Check your mail');
}

/**
 * Confirms the address by the letter; opening its link twice uses nothing up.
 * @param {Hands} hands
 * @param {Person} person
 * @returns the path of the link
 */
export async function confirmAddress(hands, person) {
  const { path } = await letterTo(person.email, 'verify-email');
  await hands.go(path);
  await hands.see('Confirm your address');
  await hands.go(path);
  await hands.press(hands.button('Confirm address'));
  await hands.see('Sign in');
  await expect(hands.page.getByText('Your address is confirmed.')).toBeVisible();
  return path;
}

/** Types address and password on the sign-in page. @param {Hands} hands @param {Person} person */
export async function giveCredentials(hands, { email, password }) {
  await hands.type(hands.field('E-mail'), email);
  await hands.type(hands.field('Password'), password);
  await hands.press(hands.button('Sign in'));
}

/** Signs in with the password alone. @param {Hands} hands @param {Person} person */
export async function signIn(hands, person) {
  await hands.go('/login');
  await giveCredentials(hands, person);
  await hands.see(`Welcome, ${person.name}`);
}

/** Comes as far as the second factor. @param {Hands} hands @param {Person} person */
export async function comeHalfWay(hands, person) {
  await hands.go('/login');
  await giveCredentials(hands, person);
  await hands.see('Enter your code');
}

/** Types a code on the page of the second factor. @param {Hands} hands @param {string} code */
export async function giveCode(hands, code) {
  await hands.type(hands.field('Code'), code);
  await hands.press(hands.button('Continue'));
}

/** Signs in with password and code. @param {Hands} hands @param {Person} person @returns the code */
export async function signInWithCode(hands, person) {
  await comeHalfWay(hands, person);
  const code = await person.phone.next();
  await giveCode(hands, code);
  await hands.see(`Welcome, ${person.name}`);
  return code;
}

/** Types a recovery code on the page of the second factor. @param {Hands} hands @param {string} code */
export async function giveRecoveryCode(hands, code) {
  const field = hands.field('Recovery code');
  if (!(await field.isVisible())) await hands.press(hands.page.getByText('Use a recovery code', { exact: true }));
  await hands.type(field, code);
  await hands.press(hands.button('Sign in with the recovery code'));
}

/**
 * Turns the second factor on, and keeps what a person would write down.
 * @param {Hands} hands
 * @param {Person} person
 * @param {{shown?: () => Promise<void>}} [on] runs while the recovery codes are on the page
 */
export async function setUpSecondFactor(hands, person, { shown } = {}) {
  await hands.go('/2fa/setup');
  await hands.see('Second factor');
  // Begun before and left: the secret is still there.
  const isBegun = await hands.button('Turn on the second factor').isVisible();
  if (!isBegun) await hands.press(hands.button('Begin'));
  await expect(hands.page.getByRole('img', { name: 'QR code for your authenticator' })).toBeVisible();
  const secret = await hands.page.getByText(/^[A-Z2-7]{4}( [A-Z2-7]{1,4})+$/).innerText();
  person.phone = new Authenticator(secret);
  await hands.type(hands.field('Code'), await person.phone.next());
  await hands.press(hands.button('Turn on the second factor'));
  const codes = hands.page.getByRole('region', { name: 'recovery codes', exact: true });
  person.recoveryCodes = (await codes.innerText()).trim().split(/\s+/);
  expect(person.recoveryCodes).toHaveLength(10);
  expect(new Set(person.recoveryCodes).size, 'distinct codes').toBe(10);
  await shown?.();
  await hands.press(hands.link('I saved them'));
  await hands.see('Security');
}

/** Signs out by the person's menu. @param {Hands} hands */
export async function signOut(hands) {
  const { page } = hands;
  if (hands.way === 'phone') await hands.press(page.locator('summary[aria-label="Navigation"]'));
  await hands.press(page.locator('summary.menu-button:visible').last());
  await hands.press(hands.button('Sign out'));
  await hands.see('Sign in');
}
