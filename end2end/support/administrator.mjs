//! Those who look after the site: what the set-up keeps of them for the tests.

import { readFile } from 'node:fs/promises';
import { forBrowser, get, post } from './api.mjs';
import { STATE_FOLDER } from './environment.mjs';
import { Person } from './people.mjs';

/** @typedef {import('./hands.mjs').Hands} Hands */

/** Cookies of a signed-in administrator with a second factor. It is one session for all tests, so its proof grows old. */
export const ADMINISTRATOR = `${STATE_FOLDER}administrator.json`;

/** Address and password of a colleague, who can sign in as often as tests need somebody who has just done so. */
export const COLLEAGUE = `${STATE_FOLDER}colleague.json`;

/** An administrator who has proved who they are just now. */
export async function freshAdministrator() {
  const colleague = Object.assign(new Person(), JSON.parse(await readFile(COLLEAGUE, 'utf8')));
  return colleague.signIn();
}

/** The hands of such a one. @param {(options?: object) => Promise<Hands>} another */
export async function freshHands(another) {
  const { cookie } = await freshAdministrator();
  const hands = await another({ storageState: undefined });
  await hands.page.context().addCookies([forBrowser(cookie ?? '')]);
  return hands;
}

/** Gives a role to somebody who is signed in. @param {Person} person @param {string} role @param {{cookie?: string}} [by] */
export async function promote(person, role, by) {
  const { id } = await get('identity/me', person);
  const reason = 'Looks after the site';
  await post('admin/set-roles', { user_id: id, roles: [role], reason }, by ?? await freshAdministrator());
  return person;
}
