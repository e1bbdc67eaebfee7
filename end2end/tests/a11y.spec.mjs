//! Every page for everybody: WCAG 2.2 AA by axe in every theme, on a desktop and on a telephone.

import { ADMINISTRATOR } from '../support/administrator.mjs';
import { inspect } from '../support/inspect.mjs';
import * as pages from '../support/pages.mjs';
import { Person } from '../support/people.mjs';
import { comeHalfWay, giveCode, giveCredentials, setUpSecondFactor } from '../support/steps.mjs';
import { HYDRATED, PHONE, expect, test } from '../support/test.mjs';

/** @typedef {import('../support/hands.mjs').Hands} Hands */

const BOTH = { tag: [HYDRATED, PHONE] };

test.beforeEach(() => test.setTimeout(180_000));

/** @param {Hands} hands @param {string} name */
const look = (hands, name) => inspect(hands.page, name, hands.way === 'phone' ? 'phone' : 'desktop');

/**
 * @param {Hands} hands
 * @param {import('../support/watch.mjs').Watch} watch
 * @param {pages.Scene[]} scenes
 * @param {string} [home] where the pages of one's own organization are
 */
async function lookAtAll(hands, watch, scenes, home) {
  for (const { name, path: anywhere, below, status = 200, then } of scenes) {
    const path = below === undefined ? anywhere : `${home}${below}`;
    if (status >= 400) watch.expect(status, path);
    const response = await hands.page.goto(path);
    expect.soft(response?.status(), name).toBe(status);
    // Pages that explain the interface are text for everybody and have no living half.
    if (!/^\/(api|problems)/.test(path)) await hands.alive();
    if (then) await then(hands, watch);
    await look(hands, name);
  }
}

test('pages for visitors', BOTH, ({ hands, watch }) => lookAtAll(hands, watch, pages.VISITOR));

test('pages for members', BOTH, async ({ hands, watch, member }) => {
  await lookAtAll(hands, watch, pages.MEMBER, await pages.home(member));
});

test('pages of billing', BOTH, async ({ hands, watch, member }) => {
  await lookAtAll(hands, watch, pages.BILLING, await pages.home(member));
});

test.describe('as an administrator', () => {
  test.use({ storageState: ADMINISTRATOR });

  test('pages for administrators', BOTH, ({ hands, watch }) => lookAtAll(hands, watch, pages.ADMINISTRATOR));

  test('the question before somebody is locked out', BOTH, async ({ hands }) => {
    const person = await new Person().register();
    await hands.go(`/admin/users?q=${person.email}`);
    await hands.press(hands.link(`Lock ${person.email}`));
    await hands.page.getByRole('heading', { name: `Lock ${person.email}?` }).waitFor();
    await look(hands, 'question before locking');
  });
});

test('forms that were refused', BOTH, async ({ hands, page, watch }) => {
  watch.expect(422, 'identity/register');
  watch.expect(401, 'identity/sign-in');
  watch.expect(403, 'identity/sign-in');
  watch.expect(400, 'identity/verify-email');
  await hands.go('/register');
  await hands.type(hands.field('E-mail'), 'somebody@nowhere');
  await hands.type(hands.field('Password'), 'passwordpassword');
  await hands.press(hands.button('Create account'));
  await expect(hands.refusal).toContainText('Some fields need another look');
  await look(hands, 'registration, refused');

  const person = await new Person().register();
  await hands.go('/login');
  await giveCredentials(hands, new Person());
  await expect(hands.refusal).toContainText('Address or password is wrong');
  await look(hands, 'sign-in, refused');
  await giveCredentials(hands, person);
  await expect(page.getByText('your address is not confirmed yet')).toBeVisible();
  await look(hands, 'sign-in, address not confirmed');

  await hands.go(pages.VISITOR.find(({ name }) => name === 'confirm an address')?.path ?? '');
  await hands.press(hands.button('Confirm address'));
  await expect(hands.refusal).toContainText('does not work any more');
  await look(hands, 'confirmation, refused');
});

test('forms that were accepted', BOTH, async ({ hands, page }) => {
  const person = new Person();
  await hands.go('/register');
  await hands.type(hands.field('E-mail'), person.email);
  await hands.type(hands.field('Password'), person.password);
  await hands.press(hands.button('Create account'));
  await hands.see('Check your mail');
  await page.locator('summary').click();
  await look(hands, 'check your mail');
  await hands.go('/forgot-password');
  await hands.type(hands.field('E-mail'), person.email);
  await hands.press(hands.button('Send the link'));
  await expect(page.getByText('a letter with a link is on its way')).toBeVisible();
  await look(hands, 'forgotten password, sent');
});

test('the second factor from begin to end', BOTH, async ({ hands, page, member, watch }) => {
  watch.expect(401, 'second-factor/verify');
  await hands.go('/2fa/setup');
  await hands.press(hands.button('Begin'));
  await page.getByRole('img', { name: 'QR code for your authenticator' }).waitFor();
  await look(hands, 'second factor, scan and confirm');
  await setUpSecondFactor(hands, member, { shown: () => look(hands, 'second factor, recovery codes') });
  await page.context().clearCookies();
  await comeHalfWay(hands, member);
  await look(hands, 'code');
  await page.getByText('Use a recovery code', { exact: true }).click();
  await giveCode(hands, await member.phone.wrong());
  await expect(hands.refusal).toContainText('This code was refused');
  await look(hands, 'code, refused');
});

test('menu and navigation, open', BOTH, async ({ hands, page, member: _, way }) => {
  await hands.go('/settings');
  if (way === 'phone') await hands.press(page.locator('summary[aria-label="Navigation"]'));
  await look(hands, 'navigation');
  await hands.press(page.locator('summary.menu-button:visible').last());
  await expect(hands.button('Sign out')).toBeVisible();
  await look(hands, "the person's menu");
});
