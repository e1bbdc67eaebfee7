//! Organizations with and without invoices, made by calls.

import { get, post } from './api.mjs';
import { letterTo } from './letters.mjs';
import { Person, unique } from './people.mjs';

/** @typedef {{cookie?: string}} Session */

/** An organization. @param {Session} owner */
export async function made(owner) {
  const name = `Team ${unique()}`;
  const { answer } = await post('organizations/create', { name }, owner);
  return { name, id: /** @type {string} */ (answer.id), path: `/o/${answer.slug}/billing` };
}

/** An organization that has taken a plan, and the number of its invoice. @param {Session} owner */
export async function invoiced(owner) {
  const organization = await made(owner);
  const { answer } = await post('billing/change-plan', { organization_id: organization.id, plan: 'PRO' }, owner);
  return { ...organization, number: /** @type {string} */ (answer.invoice) };
}

/** An organization of somebody else, with an invoice, whose billing somebody who belongs to it may not read. @param {Session} viewer */
export async function closedTo(viewer) {
  const owner = await (await new Person().join()).signIn();
  const organization = await invoiced(owner);
  const { email } = await get('identity/me', viewer);
  await post('organizations/invite', { organization_id: organization.id, email, role: 'VIEWER' }, owner);
  const { path } = await letterTo(email, 'organization-invitation');
  await post('organizations/accept-invitation', { token: path.split('/').at(-1) }, viewer);
  return organization;
}
