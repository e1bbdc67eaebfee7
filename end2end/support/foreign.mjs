//! Somebody with an account at the sign-in provider beside the tests, and what they do there.

import { expect } from '@playwright/test';
import { unique } from './people.mjs';

/** @typedef {import('./hands.mjs').Hands} Hands */

/** Somebody the provider knows. What is in front of the dot is what goes wrong; see support/provider.mjs. */
export class Stranger {
  /** @param {string} [fault] */
  constructor(fault = 'honest') {
    this.account = `${fault}.${unique()}`;
    this.email = `${this.account}@example.com`;
    this.name = `Person ${this.account}`;
  }
}

/** Goes to the provider from a door of ours and says there who it is. @param {Hands} hands @param {Stranger} stranger */
export async function comeBy(hands, stranger) {
  await hands.press(hands.link('Continue with Foreign'));
  await signInThere(hands, stranger);
}

/** Says at the provider who it is. @param {Hands} hands @param {Stranger} stranger */
export async function signInThere(hands, stranger) {
  await expect(hands.page.getByRole('heading', { level: 1 })).toHaveText('Sign in at the provider');
  await hands.type(hands.field('Account'), stranger.account);
  await hands.press(hands.button('Sign in there'));
}

/** Leaves our site, but not the provider: the next way there asks nothing. @param {Hands} hands */
export async function leave(hands) {
  await hands.page.context().clearCookies({ name: '__Host-gate' });
}

/** Is nobody to the provider any more. @param {Hands} hands */
export async function forgetThere(hands) {
  await hands.page.context().clearCookies({ domain: 'localhost' });
}
