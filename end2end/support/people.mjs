//! People of a test: each has an address of their own, so that tests can run beside each other.

import { randomBytes } from 'node:crypto';
import { Authenticator } from './authenticator.mjs';
import { post } from './api.mjs';
import { keep } from './canaries.mjs';
import { letterTo } from './letters.mjs';

/** Letters and digits that no other test has. */
export const unique = () => randomBytes(6).toString('hex');

/** Somebody who has no account yet. */
export class Person {
  email = `${unique()}@example.com`;
  password = `kept by ${unique()} alone`;
  name = `Person ${unique()}`;
  /** Known once the second factor was set up. @type {Authenticator} */
  phone = new Authenticator('');
  /** @type {string[]} */
  recoveryCodes = [];
  /** The cookie of the last session that was begun by a call. @type {string | undefined} */
  cookie;

  /** Opens the account and leaves the letter unread. */
  async register() {
    await keep(this.password);
    await post('identity/register', { email: this.email, password: this.password, display_name: this.name });
    return this;
  }

  /** Opens the account and confirms the address. */
  async join() {
    await this.register();
    const { token } = await letterTo(this.email, 'verify-email');
    await post('identity/verify-email', { token });
    return this;
  }

  /** Signs in by a call; the cookie is for a browser. @param {string} [userAgent] of another browser than the tests' */
  async signIn(userAgent) {
    const typed = { email: this.email, password: this.password };
    this.cookie = (await post('identity/sign-in', typed, {}, userAgent)).cookie;
    await keep(this.cookie?.split('=')[1] ?? '');
    return this;
  }

  /** Turns the second factor on, in the session that is there. */
  async guard() {
    const { answer: setup } = await post('second-factor/start', {}, this);
    this.phone = new Authenticator(setup.secret);
    const { answer, cookie } = await post('second-factor/confirm', { code: await this.phone.next() }, this);
    this.recoveryCodes = answer.recovery_codes;
    await keep(setup.secret, ...this.recoveryCodes);
    this.cookie = cookie;
    return this;
  }
}
