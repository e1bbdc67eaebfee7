//! Every page in every state that can be reached without harm, for the tests that look at all of them.

import { expect } from '@playwright/test';
import { get } from './api.mjs';
import { closedTo, invoiced } from './billing.mjs';

/** @typedef {import('./hands.mjs').Hands} Hands */
/** @typedef {import('./watch.mjs').Watch} Watch */

/**
 * @typedef {object} Scene
 * @property {string} name what is seen
 * @property {string} path where
 * @property {string} [below] where in an organization of one's own, instead of that
 * @property {number} [status] of the document, where it is not 200
 * @property {(hands: Hands, watch: Watch) => Promise<void>} [then] what brings the state about
 */

/** As long as a real token, and nobody's. */
const NO_TOKEN = 'A'.repeat(43);

/** An id that nothing has. */
const NOBODY = '00000000-0000-0000-0000-000000000000';

/** Opens every disclosure and menu that is on the page. @param {Hands} hands */
async function openAll({ page }) {
  await page.evaluate(() => document.querySelectorAll('details').forEach((details) => { details.open = true; }));
}

/** Opens the page of the first person of the list. @param {Hands} hands */
async function openPerson(hands) {
  await hands.press(hands.page.locator('tbody a[href^="/admin/users/"]').first());
  await hands.see(/^Account of /);
}

/** Opens an address that may be refused. @param {Hands} hands @param {Watch} watch @param {string} path @param {number} [status] */
async function open(hands, watch, path, status = 200) {
  if (status >= 400) watch.expect(status, path);
  const response = await hands.go(path);
  expect.soft(response?.status(), path).toBe(status);
}

/** A page of the organization that is one's own. @param {string} below @param {number} [status] */
const ownOrganization = (below, status) => ({ path: '/orgs', below, status, then: openAll });

/** Where the pages of somebody's own organization are. @param {{cookie?: string}} person */
export async function home(person) {
  const { organizations } = await get('identity/me', person);
  return `/o/${organizations[0].slug}`;
}

/** The session of whoever sits in front of the page. @param {Hands} hands */
async function session({ page }) {
  const found = (await page.context().cookies()).find(({ name }) => name === '__Host-gate');
  return { cookie: `${found?.name}=${found?.value}` };
}

/** Opens an invoice above the list of all. @param {Hands} hands */
async function openInvoice(hands) {
  const { number } = await invoiced(await session(hands));
  await hands.go(`/admin/billing?q=${number}`);
  await hands.press(hands.link(number));
  await hands.page.getByRole('region', { name: `Invoice ${number}` }).waitFor();
}

/** @type {Scene[]} */
export const VISITOR = [
  { name: 'start for visitors', path: '/' },
  { name: 'sign in', path: '/login' },
  { name: 'sign in after confirming', path: '/login?verified=1' },
  { name: 'sign in after a reset', path: '/login?reset=1' },
  { name: 'sign in with a new address', path: '/login?moved=1' },
  { name: 'sign in after leaving', path: '/login?leaving=1' },
  { name: 'sign in to an account that a provider knows', path: '/login?known=1' },
  { name: 'confirm a new address', path: `/confirm-email?token=${NO_TOKEN}` },
  { name: 'confirm a new address without a link', path: '/confirm-email' },
  { name: 'undo a change of address', path: `/undo-email?token=${NO_TOKEN}` },
  { name: 'undo a change of address without a link', path: '/undo-email' },
  { name: 'this was not me', path: `/not-me?token=${NO_TOKEN}` },
  { name: 'this was not me, without a link', path: '/not-me' },
  { name: 'register', path: '/register' },
  { name: 'register with an invitation', path: `/register?invitation=${NO_TOKEN}` },
  { name: 'confirm an address', path: `/verify-email?token=${NO_TOKEN}` },
  { name: 'ask for the letter', path: '/verify-email' },
  { name: 'forgotten password', path: '/forgot-password' },
  { name: 'set a password', path: `/reset-password?token=${NO_TOKEN}` },
  { name: 'set a password without a link', path: '/reset-password' },
  { name: 'first administrator', path: `/welcome?token=${NO_TOKEN}` },
  { name: 'first administrator without a link', path: '/welcome' },
  { name: 'an invitation that works no more', path: `/invitations/${NO_TOKEN}` },
  { name: 'not found', path: '/nothing/here', status: 404 },
  { name: 'interface for scripts', path: '/api' },
  { name: 'problems', path: '/problems' },
  { name: 'one problem', path: '/problems/wrong-credentials' },
];

/** @type {Scene[]} */
export const MEMBER = [
  { name: 'dashboard', path: '/' },
  { name: 'profile', path: '/account/profile' },
  { name: 'profile, all details open', path: '/account/profile', then: openAll },
  { name: 'security', path: '/account/security' },
  { name: 'passkeys', path: '/account/passkeys' },
  { name: 'API tokens', path: '/account/tokens' },
  { name: 'budgets of the current organization', path: '/account/limits', then: openAll },
  { name: 'budgets of nobody one knows', path: '/o/nobody-knows-this/limits', status: 404 },
  { name: 'billing of the current organization', path: '/account/billing', then: openAll },
  { name: 'billing of nobody one knows', path: '/o/nobody-knows-this/billing', status: 404 },
  { name: 'settings', path: '/settings' },
  { name: 'second factor, off', path: '/2fa/setup' },
  { name: 'organizations', path: '/orgs' },
  { name: 'one organization', ...ownOrganization('') },
  { name: 'members of an organization', ...ownOrganization('/members') },
  { name: 'groups of an organization', ...ownOrganization('/groups') },
  { name: 'roles of an organization', ...ownOrganization('/roles') },
  { name: 'one role', ...ownOrganization('/roles?role=OWNER') },
  { name: 'a role that is built', ...ownOrganization('/roles?mode=new&template=Auditor') },
  { name: 'access in an organization', ...ownOrganization('/access?permission=members:read&may=members:read') },
  { name: 'policy of an organization', ...ownOrganization('/policy') },
  { name: 'usage of an organization', ...ownOrganization('/usage') },
  { name: 'trail of an organization', ...ownOrganization('/audit') },
  { name: 'settings of an organization', ...ownOrganization('/settings') },
  { name: 'an organization of others', path: '/o/nothing-there', status: 404 },
  { name: 'administration, refused', path: '/admin/users', status: 403 },
];

/** Billing for members: most of its states need an organization of their own. @type {Scene[]} */
export const BILLING = [
  { name: 'a plan that is thought about', ...ownOrganization('/billing?plan=TEAM') },
  { name: 'a plan with seats that it cannot have', ...ownOrganization('/billing?plan=TEAM&extra_seats=-1') },
  { name: 'a plan that nobody offers', ...ownOrganization('/billing?plan=GOLD', 422) },
  { name: 'an invoice that is not there', ...ownOrganization('/billing/invoices/2000-000001', 404) },
  {
    name: 'billing without the right',
    path: '/orgs',
    then: async (hands, watch) => {
      const { path, number } = await closedTo(await session(hands));
      await open(hands, watch, `${path}/invoices/${number}`, 403);
      await open(hands, watch, path, 403);
    },
  },
  {
    name: 'a plan that costs something',
    path: '/orgs',
    then: async (hands, watch) => open(hands, watch, (await invoiced(await session(hands))).path),
  },
  {
    name: 'an invoice',
    path: '/orgs',
    then: async (hands, watch) => {
      const { path, number } = await invoiced(await session(hands));
      await open(hands, watch, `${path}/invoices/${number}`);
    },
  },
];

/** @type {Scene[]} */
export const ADMINISTRATOR = [
  { name: 'dashboard of an administrator', path: '/' },
  { name: 'people', path: '/admin/users' },
  { name: 'people, nobody found', path: '/admin/users?q=nobody-has-this' },
  { name: 'one person', path: '/admin/users', then: openPerson },
  { name: 'audit trail', path: '/admin/audit-logs' },
  { name: 'audit trail, one entry', path: '/admin/audit-logs?entry=1' },
  { name: 'site settings', path: '/admin/settings' },
  { name: 'webhooks', path: '/admin/webhooks', then: openAll },
  { name: 'invoices and taxes', path: '/admin/billing' },
  { name: 'invoices, none found', path: '/admin/billing?q=nobody-has-this' },
  { name: 'an invoice above the list', path: '/admin/billing', then: openInvoice },
  { name: 'an invoice that is gone', path: `/admin/billing?invoice=${NOBODY}`, status: 404 },
  { name: 'a webhook that is gone', path: `/admin/webhooks/${NOBODY}`, status: 404 },
  { name: 'every organization', path: '/admin/organizations' },
  { name: 'second factor, on', path: '/2fa/setup', then: openAll },
  { name: 'parts', path: '/dev/ui' },
  {
    name: 'parts with an open dialog',
    path: '/dev/ui',
    then: async (hands) => {
      await hands.press(hands.page.getByRole('link', { name: 'Open a dialog' }));
      await hands.page.getByRole('dialog').waitFor();
    },
  },
];
