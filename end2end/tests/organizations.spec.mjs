//! Organizations: made, shared with somebody who is invited, given away in parts, and ended.

import { forBrowser, get, post } from '../support/api.mjs';
import { letterTo } from '../support/letters.mjs';
import { Person, unique } from '../support/people.mjs';
import { giveCredentials } from '../support/steps.mjs';
import { HYDRATED, KEYBOARD, NO_WASM, PHONE, expect, test } from '../support/test.mjs';

/** @typedef {import('../support/hands.mjs').Hands} Hands */

const ALL = { tag: [HYDRATED, NO_WASM, PHONE, KEYBOARD] };
const BOTH = { tag: [HYDRATED, NO_WASM] };

/** Makes an organization on its page. @param {Hands} hands @param {string} name */
async function make(hands, name) {
  await hands.go('/orgs');
  await hands.type(hands.field('Name'), name);
  await hands.press(hands.button('Make organization'));
  await hands.see(name);
}

/** Opens one of the pages of the organization that is open. @param {Hands} hands @param {string} page @param {string} name */
async function open(hands, page, name) {
  const pages = hands.page.getByRole('navigation', { name: 'Organization', exact: true });
  await hands.press(pages.getByRole('link', { name: page, exact: true }));
  await hands.see(`${page} · ${name}`);
}

/** An organization that was made by a call. @param {Person} owner */
async function made(owner) {
  const name = `Team ${unique()}`;
  const { answer } = await post('organizations/create', { name }, owner);
  return { name, id: answer.id, path: `/o/${answer.slug}` };
}

test('somebody is invited, comes in, gets another role, and is removed', ALL, async ({ hands, page, another, watch, member }) => {
  test.setTimeout(120_000);
  const name = `Team ${unique()}`;
  await make(hands, name);
  const home = new URL(page.url()).pathname;
  await open(hands, 'Members', name);
  const guest = await new Person().join();
  await hands.type(hands.field('E-mail'), guest.email);
  await hands.press(hands.button('Invite'));
  await expect(page.getByText('The invitation is on its way.')).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: guest.email })).toContainText('Viewer');

  const { path } = await letterTo(guest.email, 'organization-invitation');
  const theirs = await another();
  await theirs.go(path);
  await theirs.see(`Come into ${name}`);
  await expect(theirs.page.getByText(`${member.email} invites`)).toBeVisible();
  await theirs.press(theirs.link('Sign in'));
  await theirs.see('Sign in');
  await giveCredentials(theirs, guest);
  await theirs.see(`Come into ${name}`);
  await theirs.press(theirs.button('Accept the invitation'));
  await theirs.see(name);
  await expect(theirs.page.getByText('You belong to this organization now.')).toBeVisible();

  await hands.go(`${home}/members`);
  await hands.press(hands.link(`Change ${guest.email}`));
  const panel = page.getByRole('region', { name: `Member ${guest.email}` });
  await hands.tick(panel.getByLabel('Developer', { exact: true }));
  await hands.press(panel.getByRole('button', { name: 'Save roles' }));
  await expect(page.getByText('The member has other roles now.')).toBeVisible();
  await theirs.go(home);
  await expect(theirs.page.getByText('Developer', { exact: true })).toBeVisible();

  await hands.press(panel.getByRole('button', { name: 'Remove from the organization' }));
  await expect(page.getByText('The member is removed.')).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: guest.email })).toHaveCount(0);
  watch.expect(404, home);
  watch.expect(404, 'organizations/');
  expect((await theirs.page.goto(home))?.status(), 'as if there were none').toBe(404);
});

test('the letter of an invitation is worth nothing to somebody else', BOTH, async ({ hands, page, member: _ }) => {
  const owner = await (await new Person().join()).signIn();
  const { id, name } = await made(owner);
  const guest = new Person();
  await post('organizations/invite', { organization_id: id, email: guest.email, role: 'ADMIN' }, owner);
  const { path } = await letterTo(guest.email, 'organization-invitation');
  await hands.go(path);
  await hands.see('This invitation is not yours');
  await expect(hands.button('Accept the invitation')).toHaveCount(0);
  await expect(page.getByText(name)).toHaveCount(0);
});

test('a pasted list is done wholly or not at all, and says why not', BOTH, async ({ hands, page, member }) => {
  const { id, path } = await made(member);
  const [one, two] = [new Person(), new Person()];
  await hands.go(`${path}/members`);
  await hands.press(page.getByText('Paste a list', { exact: true }));
  await hands.type(hands.field('Addresses'), `${one.email}\nnobody\n${two.email}`);
  await hands.press(hands.button('Do it'));
  await expect(page.getByText('Nothing was done: 1 line was refused.')).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: 'nobody' })).toContainText('Enter an e-mail address');
  const waiting = () => get(`organizations/invitations?organization_id=${id}`, member);
  expect((await waiting()).items).toHaveLength(0);

  await hands.go(`${path}/members`);
  await hands.press(page.getByText('Paste a list', { exact: true }));
  await hands.type(hands.field('Addresses'), `${one.email}\n${two.email}`);
  await hands.press(hands.button('Do it'));
  await expect(page.getByText('All of it is done: 2 lines.')).toBeVisible();
  expect((await waiting()).items).toHaveLength(2);
});

test('an organization is renamed, deleted by typing its slug, kept, and not left by its last owner', BOTH, async ({
  hands, page, watch, member,
}) => {
  watch.expect(409, 'organizations/leave');
  const { path } = await made(member);
  const slug = path.slice('/o/'.length);
  const [renamed, name] = [`${slug}-2`, `Company ${unique()}`];
  await hands.go(`${path}/settings`);
  await hands.type(hands.field('Name'), name);
  await hands.type(hands.field('Slug'), renamed);
  await hands.press(hands.button('Save'));
  await hands.see(`Settings · ${name}`);
  await expect(page.getByText('The organization is changed.')).toBeVisible();
  await expect(page).toHaveURL(new RegExp(`/o/${renamed}/settings`));
  expect((await hands.go(path))?.status(), 'the former address leads there').toBe(200);

  await hands.go(`/o/${renamed}/settings`);
  await hands.press(hands.button('Leave the organization'));
  await expect(hands.refusal).toContainText('This is the last owner who can act.');

  await hands.press(page.getByText('Delete this organization', { exact: true }));
  await hands.type(hands.field(`Type “${renamed}” to confirm`), renamed);
  await hands.press(hands.button('Yes, delete it'));
  await expect(page.getByText('This organization is about to be deleted.')).toBeVisible();
  const { text } = await letterTo(member.email, 'organization-deletion-asked');
  expect(text).toContain(name);
  await hands.press(hands.button('Keep the organization'));
  await expect(page.getByText('The organization stays.')).toBeVisible();
  await expect(page.getByText('This organization is about to be deleted.')).toHaveCount(0);
});

test('one leads to the other by the menu, and the trail tells what was done', ALL, async ({ hands, page, member }) => {
  const [one, two] = [await made(member), await made(member)];
  await hands.go(one.path);
  await hands.press(page.locator('summary[aria-label="Switch to another organization"]'));
  await hands.press(hands.link(two.name));
  await hands.see(two.name);
  await open(hands, 'Audit trail', two.name);
  await expect(page.getByRole('row').filter({ hasText: 'organizations.created' })).toContainText(member.email);
});

test('the tab that is open is in sight on a telephone, with wasm and without', { tag: PHONE }, async ({
  hands, page, another, member,
}) => {
  const { path } = await made(member);
  const plain = await another({ javaScriptEnabled: false });
  await plain.page.context().addCookies([forBrowser(member.cookie ?? '')]);
  for (const below of ['', '/usage', '/settings']) {
    await hands.go(`${path}${below}`);
    await plain.page.goto(`${path}${below}`);
    for (const seen of [page, plain.page]) {
      const tab = seen.getByRole('navigation', { name: 'Organization', exact: true }).locator('[aria-current]');
      await expect(tab, below).toBeInViewport({ ratio: 0.9 });
    }
  }
});

test('somebody signs in elsewhere and finds what is shared with them', { tag: HYDRATED }, async ({ another, member }) => {
  const { id, name } = await made(member);
  const guest = await (await new Person().join()).signIn();
  await post('organizations/invite', { organization_id: id, email: guest.email, role: 'BILLING' }, member);
  const { path } = await letterTo(guest.email, 'organization-invitation');
  const token = path.split('/').at(-1) ?? '';
  await post('organizations/accept-invitation', { token }, guest);
  const hands = await another();
  await hands.page.context().addCookies([forBrowser(guest.cookie ?? '')]);
  await hands.go('/orgs');
  await expect(hands.page.getByRole('row').filter({ hasText: name })).toContainText('Billing');
});
