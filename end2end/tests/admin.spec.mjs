//! An administrator finds people, locks one out and lets them in again, and reads what happened.

import { readFile } from 'node:fs/promises';
import { ADMINISTRATOR, freshAdministrator } from '../support/administrator.mjs';
import { forBrowser } from '../support/api.mjs';
import { FIRST_ADMIN_FILE } from '../support/environment.mjs';
import { Person, unique } from '../support/people.mjs';
import { letterTo } from '../support/letters.mjs';
import { confirmAddress, giveCredentials, signIn } from '../support/steps.mjs';
import { HYDRATED, KEYBOARD, NO_WASM, PHONE, expect, test } from '../support/test.mjs';

/** @typedef {import('../support/hands.mjs').Hands} Hands */

/** One more than a page of 25 and a few. */
const CROWD = 31;

test.describe('as an administrator', () => {
  test.use({ storageState: ADMINISTRATOR });

  test('people are found, filtered, sorted and paged, and the address says how', {
    tag: [HYDRATED, NO_WASM],
  }, async ({ hands, page }) => {
    test.setTimeout(120_000);
    const crowd = await openAccounts(`crowd-${unique()}`);
    const names = page.getByRole('table').getByText(new RegExp(`^${crowd.prefix}-\\d\\d$`));
    const rows = page.getByRole('table').locator('tbody').getByRole('row');
    await hands.go('/admin/users');
    await hands.see('People');
    await hands.type(hands.field('Address or name'), crowd.prefix);
    await hands.field('Order').selectOption('email');
    await hands.press(hands.button('Apply'));
    await expect(page).toHaveURL(new RegExp(`[?&]q=${crowd.prefix}`));
    await expect(names).toHaveText(crowd.names.slice(0, 25));
    await expect(rows, 'nobody else').toHaveCount(25);
    await expect(page.getByRole('columnheader', { name: 'Person' })).toHaveAttribute('aria-sort', 'ascending');

    await hands.press(hands.link('Next page'));
    await expect(page).toHaveURL(/[?&]cursor=/);
    await expect(names).toHaveText(crowd.names.slice(25));
    await page.reload();
    await expect(names, 'the address is the whole view').toHaveText(crowd.names.slice(25));
    await expect(hands.field('Address or name')).toHaveValue(crowd.prefix);
    await hands.alive();
    await hands.press(hands.link('First page'));
    await expect(names).toHaveText(crowd.names.slice(0, 25));

    await hands.press(hands.link('Opened'));
    await expect(page).toHaveURL(/[?&]sort=newest/);
    await expect(names).toHaveText(crowd.names.toReversed().slice(0, 25));
    await hands.field('Status').selectOption('active');
    await hands.press(hands.button('Apply'));
    await expect(page.getByText('Nobody found')).toBeVisible();
    await hands.press(hands.link('Clear'));
    await expect(page).toHaveURL(/\/admin\/users$/);
    await expect(hands.field('Address or name')).toHaveValue('');
  });

  test('who is locked is signed out and stays out until unlocked, and the trail tells it', {
    tag: [HYDRATED, NO_WASM],
  }, async ({ hands, page, context, another, watch }) => {
    test.setTimeout(120_000);
    await context.addCookies([forBrowser((await freshAdministrator()).cookie ?? '')]);
    watch.expect(401, 'identity/sign-in');
    watch.expect(422, 'admin/lock-user');
    const person = await new Person().join();
    const theirs = await another({ storageState: undefined });
    await signIn(theirs, person);

    const id = await lock(hands, person);
    await theirs.page.goto('/account/security');
    await theirs.see('Sign in');
    await giveCredentials(theirs, person);
    await expect(theirs.refusal).toContainText('Address or password is wrong');

    await hands.press(hands.link(`Unlock ${person.email}`));
    await hands.type(hands.field('Reason'), 'It was their sister after all');
    await hands.press(hands.button('Unlock the account'));
    await expect(page.getByText('The account is unlocked.')).toBeVisible();
    await signIn(theirs, person);

    await readTrail(hands, id);
  });

  test('several people are locked at once, and a line tells what came of each', {
    tag: [HYDRATED, NO_WASM],
  }, async ({ hands, page }) => {
    const prefix = `leaver-${unique()}`;
    const people = [0, 1].map((number) => Object.assign(new Person(), { email: `${prefix}-${number}@example.com` }));
    for (const person of people) await person.join();
    await hands.go(`/admin/users?q=${prefix}`);
    for (const { email } of people) await hands.tick(hands.field(`Select ${email}`));
    await hands.type(hands.field('Reason for all'), 'The project has ended');
    await hands.press(hands.button('Lock the selected people'));
    await expect(page.getByText('Locked: 2 of 2.')).toBeVisible();
    for (const { email } of people) {
      await expect(page.getByText(`${email}: locked, and every session has ended.`)).toBeVisible();
      await expect(page.getByRole('row').filter({ hasText: email })).toContainText('Locked');
    }
  });

  test('a person is given a role and helped with a lost second factor, each for a reason', {
    tag: [HYDRATED, NO_WASM, PHONE, KEYBOARD],
  }, async ({ hands, page, context }) => {
    test.setTimeout(120_000);
    await context.addCookies([forBrowser((await freshAdministrator()).cookie ?? '')]);
    const person = await (await (await new Person().join()).signIn()).guard();
    await hands.go(`/admin/users?q=${person.email}&second_factor=on`);
    await hands.press(page.getByRole('table').getByRole('link', { name: person.name }));
    await hands.see(`Account of ${person.email}`);
    const card = (/** @type {string} */ name) => page.locator('section.card', { has: page.getByRole('heading', { name, exact: true }) });
    await hands.tick(hands.field('Support'));
    await hands.type(card('Roles').getByLabel('Reason'), 'Joins the help desk');
    await hands.press(hands.button('Save the roles'));
    await expect(page.getByText('The roles are set.')).toBeVisible();
    await expect(card('Account')).toContainText('Support');
    await hands.type(card('Take the second factor away').getByLabel('Reason'), 'Lost phone, seen in person');
    await hands.press(hands.button('Take the second factor away'));
    await expect(page.getByText('The second factor is off, every session has ended')).toBeVisible();
    await expect(card('Take the second factor away')).toHaveCount(0);
    await expect(card('Audit trail')).toContainText('admin.second-factor-reset');
    await expect(card('Audit trail')).toContainText('admin.roles-set');
  });

  test('whoever gives roles long after they have signed in is asked for a proof, and goes on', {
    tag: [HYDRATED, KEYBOARD],
  }, async ({ hands, page, context, watch }) => {
    watch.expect(403, 'admin/set-roles');
    const administrator = await freshAdministrator();
    await context.addCookies([forBrowser(administrator.cookie ?? '')]);
    const person = await new Person().join();
    await hands.go(`/admin/users?q=${person.email}`);
    await hands.press(page.getByRole('table').getByRole('link', { name: person.name }));
    await hands.see(`Account of ${person.email}`);
    await hands.alive();
    // What a session answers whose proof is older than five minutes.
    const stale = { type: '/problems/step-up-required', title: 'Confirm that it is you', status: 403, max_age_s: 300 };
    const answer = { status: 403, contentType: 'application/problem+json', body: JSON.stringify(stale) };
    await page.route('**/api/v1/admin/set-roles', (route) => route.fulfill(answer), { times: 1 });
    const card = page.locator('section.card', { has: page.getByRole('heading', { name: 'Roles', exact: true }) });
    await hands.tick(hands.field('Support'));
    await hands.type(card.getByLabel('Reason'), 'Joins the help desk');
    await hands.press(hands.button('Save the roles'));
    const question = page.getByRole('heading', { name: 'Confirm that it is you' });
    await expect(question).toBeVisible();
    await expect(hands.field('Password')).toBeFocused();
    await hands.type(hands.field('Password'), administrator.password);
    await hands.press(hands.button('Confirm'));
    await expect(question).toHaveCount(0);
    await expect(card.getByLabel('Reason'), 'nothing has to be typed again').toHaveValue('Joins the help desk');
    await hands.press(hands.button('Save the roles'));
    await expect(page.getByText('The roles are set.')).toBeVisible();
  });

  test('whoever changes the settings long after they have signed in is asked for a proof, and goes on', {
    tag: [HYDRATED, PHONE, KEYBOARD],
  }, async ({ hands, page, context, watch }) => {
    watch.expect(403, 'admin/update-settings');
    watch.expect(422, 'admin/update-settings');
    const administrator = await freshAdministrator();
    await context.addCookies([forBrowser(administrator.cookie ?? '')]);
    await hands.go('/admin/settings');
    await hands.alive();
    const stale = { type: '/problems/step-up-required', title: 'Confirm that it is you', status: 403, max_age_s: 300 };
    const answer = { status: 403, contentType: 'application/problem+json', body: JSON.stringify(stale) };
    await page.route('**/api/v1/admin/update-settings', (route) => route.fulfill(answer), { times: 1 });
    // A domain that is refused changes nothing for the journeys beside this one.
    await hands.type(hands.field('Allowed domains'), '*.example.com');
    await hands.type(hands.field('Reason'), 'Only us for a while');
    await hands.press(hands.button('Save the settings'));
    const question = page.getByRole('heading', { name: 'Confirm that it is you' });
    await expect(question).toBeVisible();
    await hands.type(hands.field('Password'), administrator.password);
    await hands.press(hands.button('Confirm'));
    await expect(question).toHaveCount(0);
    await expect(hands.field('Reason'), 'nothing has to be typed again').toHaveValue('Only us for a while');
    await hands.press(hands.button('Save the settings'));
    await expect(hands.refusal).toContainText('Allowed domains: Write domains such as example.com');
  });

  test('the trail is taken away as a file with the filters of the page', {
    tag: [HYDRATED, NO_WASM],
  }, async ({ hands, page }) => {
    await hands.go('/admin/audit-logs?action=identity.signed-in');
    for (const [name, end, first] of [['CSV', 'csv', /^seq,at,/], ['JSONL', 'jsonl', /^\{"seq":\d+/]]) {
      const download = page.waitForEvent('download');
      await hands.press(hands.link(`Export ${name} of what these filters show`));
      const file = await download;
      expect(file.suggestedFilename()).toMatch(new RegExp(`^gatehouse-audit-.*\\.${end}$`));
      const text = await readFile(await file.path(), 'utf8');
      expect(text).toMatch(first);
      expect(text).toContain('identity.signed-in');
      expect(text).not.toContain('identity.registered');
    }
  });

  test('an entry is read whole beside the list, and put away again', {
    tag: [PHONE, KEYBOARD],
  }, async ({ hands, page }) => {
    await hands.go('/admin/audit-logs?action=identity.bootstrapped');
    await hands.press(page.getByRole('link', { name: /^Entry \d+$/ }).first());
    const entry = page.getByRole('region', { name: /^Entry \d+$/ });
    await expect(entry).toContainText(/[0-9a-f]{64}/);
    await hands.press(entry.getByRole('link', { name: 'Close' }));
    await expect(entry).toHaveCount(0);
  });

  // Nobody can be kept from registering while other journeys run beside this one; all their addresses are of this domain.
  test('addresses of other domains are refused once that is decided', { tag: HYDRATED }, async ({ hands, context, another, watch }) => {
    await context.addCookies([forBrowser((await freshAdministrator()).cookie ?? '')]);
    watch.expect(422, 'identity/register');
    const theirs = await another({ storageState: undefined });
    await allowDomains(hands, 'example.com', 'Only us for a while');
    try {
      await theirs.go('/register');
      await theirs.type(theirs.field('E-mail'), `${unique()}@elsewhere.example`);
      await theirs.type(theirs.field('Password'), new Person().password);
      await theirs.press(theirs.button('Create account'));
      await expect(theirs.refusal).toContainText('This site takes no addresses of this domain.');
      await new Person().register();
    } finally {
      await allowDomains(hands, '', 'Open to everybody again');
    }
  });

  test('what is no domain is refused at its field, and what was typed is kept', {
    tag: [HYDRATED, NO_WASM],
  }, async ({ hands, context, watch }) => {
    await context.addCookies([forBrowser((await freshAdministrator()).cookie ?? '')]);
    watch.expect(422, 'admin/update-settings');
    await hands.go('/admin/settings');
    await hands.type(hands.field('Allowed domains'), '*.example.com');
    await hands.type(hands.field('Reason'), 'Trying it out');
    await hands.press(hands.button('Save the settings'));
    await expect(hands.refusal).toContainText('Allowed domains: Write domains such as example.com');
    await expect(hands.field('Allowed domains')).toHaveValue('*.example.com');
  });

  test('somebody is invited, and opens their account by the link of the letter', {
    tag: [HYDRATED, NO_WASM],
  }, async ({ hands, context, another }) => {
    await context.addCookies([forBrowser((await freshAdministrator()).cookie ?? '')]);
    const person = new Person();
    await invite(hands, person);
    const { path } = await letterTo(person.email, 'invitation');
    // Without the cookies of the administrator, whose session would be replaced.
    const visitor = await another({ storageState: undefined });
    await visitor.go(path);
    await visitor.see('Create an account');
    await visitor.type(visitor.field('Display name (optional)'), person.name);
    await visitor.type(visitor.field('E-mail'), person.email);
    await visitor.type(visitor.field('Password'), person.password);
    await visitor.press(visitor.button('Create account'));
    await visitor.see('Check your mail');
    await confirmAddress(visitor, person);
    await signIn(visitor, person);
    await hands.go('/admin/settings');
    await expect(hands.page.getByText(person.email), 'nobody is invited any more').toHaveCount(0);
  });

  test('an invitation is taken back', { tag: [HYDRATED, NO_WASM] }, async ({ hands, context }) => {
    await context.addCookies([forBrowser((await freshAdministrator()).cookie ?? '')]);
    const person = new Person();
    await invite(hands, person);
    await hands.press(hands.button(`Take back the invitation of ${person.email}`));
    await expect(hands.page.getByText('The invitation is taken back.')).toBeVisible();
    await expect(hands.page.getByRole('row').filter({ hasText: person.email })).toHaveCount(0);
  });

  test('the chain of the trail is verified by a button', { tag: [HYDRATED, NO_WASM] }, async ({ hands, page }) => {
    // A full page of entries is more than a hundred links before the button.
    await hands.go('/admin/audit-logs?action=identity.bootstrapped');
    await hands.see('Audit trail');
    await hands.press(hands.button('Verify chain'));
    await expect(page.getByText(/Every chain is whole: \d+ entries/)).toBeVisible();
  });
});

test('the link of the first administrator works once', { tag: [HYDRATED, NO_WASM] }, async ({ hands, page, watch }) => {
  watch.expect(400, 'identity/bootstrap');
  const link = new URL((await readFile(FIRST_ADMIN_FILE, 'utf8')).trim());
  const person = new Person();
  await hands.go(link.pathname + link.search);
  await hands.type(hands.field('E-mail'), person.email);
  await hands.type(hands.field('Password'), person.password);
  await hands.press(hands.button('Become the first administrator'));
  await expect(hands.refusal).toContainText('This link does not work any more');
});

/** Invites somebody. @param {Hands} hands @param {Person} person */
async function invite(hands, person) {
  await hands.go('/admin/settings');
  await hands.see('Site settings');
  await hands.type(hands.field('E-mail'), person.email);
  await hands.press(hands.button('Invite'));
  await expect(hands.page.getByText('The invitation is on its way.')).toBeVisible();
  await expect(hands.page.getByRole('row').filter({ hasText: person.email })).toBeVisible();
}

/** Opens many accounts, a few at a time: each costs a password hash. @param {string} prefix */
async function openAccounts(prefix) {
  const names = Array.from({ length: CROWD }, (_, index) => `${prefix}-${String(index).padStart(2, '0')}`);
  // In order, so that the newest is the last: two at once could overtake each other.
  for (const name of names) {
    const person = new Person();
    Object.assign(person, { name, email: `${name}@example.com` });
    await person.register();
  }
  return { prefix, names };
}

/** Decides whose addresses are taken. @param {Hands} hands @param {string} domains @param {string} reason */
async function allowDomains(hands, domains, reason) {
  await hands.go('/admin/settings');
  await hands.see('Site settings');
  await hands.type(hands.field('Allowed domains'), domains);
  await hands.type(hands.field('Reason'), reason);
  await hands.press(hands.button('Save the settings'));
  await expect(hands.page.getByText('The settings are saved.')).toBeVisible();
  await hands.go('/admin/settings');
  await expect(hands.field('Allowed domains')).toHaveValue(domains);
}

/** Finds a person and locks them out. @param {Hands} hands @param {Person} person @returns the account's id */
async function lock(hands, person) {
  const { page } = hands;
  await hands.go(`/admin/users?q=${person.email}`);
  const link = hands.link(`Lock ${person.email}`);
  const id = new URL(await link.getAttribute('href') ?? '', page.url()).searchParams.get('lock') ?? '';
  await hands.press(link);
  await expect(page.getByRole('heading', { name: `Lock ${person.email}?` })).toBeVisible();
  await hands.type(hands.field('Reason'), '   ');
  await hands.press(hands.button('Lock the account'));
  await expect(hands.refusal, 'a reason is asked for').toContainText('Reason: Fill this in.');
  await hands.type(hands.field('Reason'), 'Their laptop was stolen');
  await hands.press(hands.button('Lock the account'));
  await expect(page.getByText('The account is locked, and every session of it has ended.')).toBeVisible();
  await expect(page.getByRole('row').filter({ hasText: person.email })).toContainText('Locked');
  return id;
}

/** Finds both acts in the trail. @param {Hands} hands @param {string} id */
async function readTrail(hands, id) {
  const { page } = hands;
  const rows = page.getByRole('table').locator('tbody').getByRole('row');
  await hands.go('/admin/audit-logs');
  await hands.type(hands.field('To what'), `user:${id}`);
  await hands.type(hands.field('What'), 'admin.');
  await hands.press(hands.button('Apply'));
  await expect(page).toHaveURL(/[?&]action=admin\./);
  await expect(rows, 'the newest first').toHaveText([/admin\.user-unlocked/, /admin\.user-locked/]);
  await hands.press(rows.last().getByRole('link', { name: /^Entry \d+$/ }));
  await expect(page).toHaveURL(/[?&]entry=\d+/);
  const entry = page.getByRole('region', { name: /^Entry \d+$/ });
  await expect(entry).toContainText('"reason": "Their laptop was stolen"');
  await expect(entry).toContainText(/[0-9a-f]{64}/);
  await hands.press(entry.getByRole('link', { name: 'Close' }));
  await expect(entry).toHaveCount(0);
  await hands.press(rows.last().getByRole('link', { name: 'admin.user-locked' }));
  await expect(rows).toHaveCount(1);
}
