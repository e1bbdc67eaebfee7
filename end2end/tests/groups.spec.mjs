//! Groups, roles and the policy of an organization: arranged, given, tried out, explained, and asked of everybody.

import { get, post } from '../support/api.mjs';
import { Person, unique } from '../support/people.mjs';
import { HYDRATED, KEYBOARD, NO_WASM, PHONE, expect, test } from '../support/test.mjs';

/** @typedef {import('../support/hands.mjs').Hands} Hands */

const ALL = { tag: [HYDRATED, NO_WASM, PHONE, KEYBOARD] };
const BOTH = { tag: [HYDRATED, NO_WASM] };

/** An organization of this person alone. @param {Person} owner */
async function organization(owner) {
  const slug = `t-${unique()}`;
  await post('organizations/create', { name: 'Test team', slug }, owner);
  return slug;
}

/** Makes a group by the form, seen where it is at the top. @param {Hands} hands @param {string} name @param {string} [inside] */
async function makeGroup(hands, name, inside) {
  const form = hands.page.locator('form[action$="/organizations/create-group"]');
  await hands.type(form.getByLabel('Name', { exact: true }), name);
  if (inside) await form.getByLabel('Inside of').selectOption({ label: inside });
  await hands.press(hands.button('Make group'));
  if (inside) await expect(hands.page.getByText('1 group', { exact: true })).toBeVisible();
  else await expect(hands.page.getByRole('link', { name, exact: true })).toBeVisible();
}

test('groups are made, moved by the menu, filled and deleted', ALL, async ({ hands, page, member }) => {
  test.setTimeout(120_000);
  const slug = await organization(member);
  await hands.go(`/o/${slug}/groups`);
  await expect(page.getByText('No groups yet')).toBeVisible();
  await makeGroup(hands, 'Company');
  await makeGroup(hands, 'Platform', 'Company');
  await makeGroup(hands, 'Research');

  await hands.press(hands.link('Company'));
  await hands.press(hands.link('Platform'));
  const opened = page.getByRole('region', { name: 'Group Platform' });
  await opened.getByLabel('Inside of').selectOption({ label: 'Research' });
  await hands.press(hands.button('Move'));
  await expect(page.getByText('The group is moved.')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Research', exact: true })).toBeVisible();
  const tree = (await get(`organizations/groups?organization_id=${slug}`, member)).items;
  const named = (/** @type {string} */ name) => tree.find((/** @type {{name: string}} */ it) => it.name === name);
  expect(named('Platform').parent_id).toBe(named('Research').id);

  await hands.type(hands.field('Address of a member'), member.email);
  await hands.press(hands.button('Add to the group'));
  await expect(page.getByRole('cell', { name: member.email })).toBeVisible();
  await hands.press(hands.button(/^Take out of the group/));
  await expect(page.getByText('Nobody is in it')).toBeVisible();
  await hands.press(hands.button('Delete the group'));
  await expect(page.getByRole('link', { name: 'Platform', exact: true })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Research', exact: true })).toBeVisible();
});

test('a group that is dragged onto another one is inside of it', { tag: [HYDRATED] }, async ({ hands, page, member }) => {
  const slug = await organization(member);
  for (const name of ['Here', 'There']) await post('organizations/create-group', { organization_id: slug, name }, member);
  await hands.go(`/o/${slug}/groups`);
  await page.getByRole('link', { name: 'Here', exact: true }).dragTo(page.getByRole('link', { name: 'There', exact: true }));
  await expect(page.getByRole('link', { name: 'Here', exact: true })).toHaveCount(0);
  await hands.press(hands.link('There'));
  await expect(page.getByRole('link', { name: 'Here', exact: true })).toBeVisible();
});

test('a role is built, tried out, saved, given, and explained', ALL, async ({ hands, page, member }) => {
  test.setTimeout(120_000);
  const slug = await organization(member);
  await hands.go(`/o/${slug}/roles`);
  await hands.press(hands.link('Begin from nothing'));
  await hands.type(hands.field('Name'), 'Greeter');
  await hands.tick(page.locator('input[name=permission][value="members:invite"]'));
  await hands.press(hands.button('Try it out'));
  await expect(page.getByText('Nobody gains and nobody loses anything by this.')).toBeVisible();
  await hands.press(hands.button('Make the role'));
  await expect(page.getByRole('heading', { name: 'Greeter' })).toBeVisible();
  await expect(page.getByText('members:invite', { exact: true })).toBeVisible();
  await hands.type(hands.field('Address of a member'), member.email);
  await hands.press(hands.button('Give the role'));
  await expect(page.getByText('The role is given.')).toBeVisible();

  await hands.go(`/o/${slug}/access`);
  await hands.field('What').last().selectOption('members:invite');
  await hands.press(hands.button('Show who can'));
  await expect(page.getByText('The role Greeter of their own')).toBeVisible();
  await expect(page.getByText('The role Owner of their own')).toBeVisible();
  await hands.field('What').first().selectOption('organization:delete');
  await hands.press(hands.button('Explain'));
  await expect(page.getByText(/may do this: organization:delete/)).toBeVisible();
  const matrix = page.getByRole('region', { name: 'Members and what they may do, to scroll' });
  expect((await matrix.getByRole('cell').first().boundingBox())?.width, 'room for an address').toBeGreaterThan(200);
  const isWithin = await page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);
  expect(isWithin, 'it scrolls by itself, and not the page').toBe(true);
});

test('a policy that would shut out its author is refused, and what is saved is asked', BOTH, async ({
  hands, page, watch, member,
}) => {
  watch.expect(409, 'organizations/set-policy');
  const slug = await organization(member);
  await hands.go(`/o/${slug}/policy`);
  await hands.field('A second factor is').selectOption('required');
  await hands.press(hands.button('Save the policy'));
  await expect(hands.refusal).toContainText('You could not come in any more by this.');
  await hands.field('A second factor is').selectOption('optional');
  await hands.type(hands.field('Domains whose addresses may be invited'), 'example.org');
  await hands.press(hands.button('Save the policy'));
  await expect(page.getByText('The policy is saved.')).toBeVisible();
  expect((await get(`organizations/policy?organization_id=${slug}`, member)).domains).toEqual(['example.org']);
});

test('strangers find nothing there', BOTH, async ({ hands, page, watch, member: _ }) => {
  const owner = await (await new Person().join()).signIn();
  const slug = await organization(owner);
  watch.expect(404, `/o/${slug}/`);
  watch.expect(404, 'organizations/');
  for (const below of ['groups', 'roles', 'policy']) {
    const response = await page.goto(`/o/${slug}/${below}`);
    expect(response?.status(), below).toBe(404);
    await hands.alive();
  }
});
