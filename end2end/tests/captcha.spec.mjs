//! After failures the next try needs a captcha. The living page solves it by itself; without wasm a person waits.

import { guessedAt } from '../support/guesses.mjs';
import { giveCredentials } from '../support/steps.mjs';
import { HYDRATED, KEYBOARD, NO_WASM, expect, test } from '../support/test.mjs';

const SIGN_IN = 'identity/sign-in';
const TOO_MANY = 'Too many tries came from your network';

test('the living page solves a captcha by itself and says so', {
  tag: [HYDRATED, KEYBOARD],
}, async ({ hands, page, watch }) => {
  watch.expect(428, SIGN_IN);
  const person = await guessedAt();
  /** @type {boolean[]} */
  const tries = [];
  await page.route(`**/api/v1/${SIGN_IN}`, async (route) => {
    const hasCaptcha = new URLSearchParams(route.request().postData() ?? '').has('captcha');
    tries.push(hasCaptcha);
    // Long enough to be read.
    if (hasCaptcha) await new Promise((done) => setTimeout(done, 600));
    await route.continue();
  });
  await hands.go('/login');
  await giveCredentials(hands, person);
  await expect(page.getByText('Checking that you are no robot…')).toBeVisible();
  await hands.see(`Welcome, ${person.name}`);
  expect(tries).toEqual([false, true]);
});

test('a wrong password after the captcha is refused like any other', { tag: HYDRATED }, async ({ hands, page, watch }) => {
  watch.expect(428, SIGN_IN);
  watch.expect(401, SIGN_IN);
  const person = await guessedAt();
  await hands.go('/login');
  await giveCredentials(hands, { ...person, password: 'not the password either' });
  await expect(hands.refusal).toContainText('Address or password is wrong');
  await expect(page.getByText('Checking that you are no robot…')).toHaveCount(0);
  await giveCredentials(hands, person);
  await hands.see(`Welcome, ${person.name}`);
});

test('without wasm a person waits, and whoever comes too early is told the rest', {
  tag: NO_WASM,
}, async ({ hands, page }) => {
  const person = await guessedAt();
  await hands.go('/login');
  await giveCredentials(hands, person);
  await expect(hands.refusal).toContainText(`${TOO_MANY}. Try again in 10 seconds.`);
  await expect(hands.field('E-mail')).toHaveValue(person.email);
  await expect(hands.field('Password')).toHaveValue('');
  const ticket = await page.locator('input[name="captcha"]').inputValue();
  await page.waitForTimeout(1500);
  await giveCredentials(hands, person);
  await expect(hands.refusal).toContainText(/Try again in [5-9] seconds\./);
  await expect(page.locator('input[name="captcha"]')).toHaveValue(ticket);
  await page.waitForTimeout(9500);
  await giveCredentials(hands, person);
  await hands.see(`Welcome, ${person.name}`);
});

test('where no worker can work the living page waits as well', { tag: HYDRATED }, async ({ hands, page, watch }) => {
  watch.expect(428, SIGN_IN);
  const person = await guessedAt();
  await page.addInitScript('delete globalThis.Worker');
  await hands.go('/login');
  await giveCredentials(hands, person);
  await expect(hands.refusal).toContainText(TOO_MANY);
  await page.waitForTimeout(10_500);
  await hands.press(hands.button('Sign in'));
  await hands.see(`Welcome, ${person.name}`);
});

test('whoever leaves while it is solved is not signed in', { tag: HYDRATED }, async ({ hands, page, watch }) => {
  watch.expect(428, SIGN_IN);
  const person = await guessedAt();
  let tries = 0;
  page.on('request', (request) => {
    if (request.url().endsWith(SIGN_IN)) tries += 1;
  });
  await page.addInitScript(`
    const { postMessage } = Worker.prototype;
    Worker.prototype.postMessage = function (task) { setTimeout(() => postMessage.call(this, task), 1500); };`);
  await hands.go('/login');
  await giveCredentials(hands, person);
  await expect(page.getByText('Checking that you are no robot…')).toBeVisible();
  await hands.press(hands.link('Create an account'));
  await hands.see('Create an account');
  await page.waitForTimeout(3000);
  expect(tries).toBe(1);
  await hands.see('Create an account');
});
