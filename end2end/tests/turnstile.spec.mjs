//! A captcha of another site in the place of our own: its widget is shown in the form, and nobody is stuck without it.

import { WIDGET } from '../support/environment.mjs';
import { guessedAt } from '../support/guesses.mjs';
import { giveCredentials } from '../support/steps.mjs';
import { HYDRATED, NO_WASM, PHONE, expect, test } from '../support/test.mjs';

const SIGN_IN = 'identity/sign-in';
const ASKED = 'Tick the box below if there is one.';

test.skip(WIDGET.server === '', 'no server was told of such a captcha');

/** @param {import('@playwright/test').Page} page */
const widget = (page) => page.frameLocator('iframe[title="Widget of another site"]');

/** The addresses of the other site that a page asks for. @param {import('@playwright/test').Page} page */
function askedElsewhere(page) {
  /** @type {string[]} */
  const asked = [];
  page.on('request', (request) => {
    if (request.url().startsWith(WIDGET.url)) asked.push(new URL(request.url()).pathname);
  });
  return asked;
}

test('the widget is fetched when it is asked, and its token lets somebody in', {
  tag: [HYDRATED, PHONE],
}, async ({ hands, page, watch }) => {
  watch.expect(428, SIGN_IN);
  const asked = askedElsewhere(page);
  const person = await guessedAt();
  await hands.go(`${WIDGET.server}/login`);
  expect(asked).toEqual([]);
  await giveCredentials(hands, person);
  await expect(page.getByText(ASKED)).toBeVisible();
  await expect(hands.field('E-mail')).toHaveValue(person.email);
  await hands.press(widget(page).getByRole('button', { name: 'I am human' }));
  await hands.see(`Welcome, ${person.name}`);
  expect(asked).toEqual(['/api.js', '/frame']);
});

test('after a wrong password the widget is shown anew', { tag: HYDRATED }, async ({ hands, page, watch }) => {
  watch.expect(428, SIGN_IN);
  watch.expect(401, SIGN_IN);
  const person = await guessedAt();
  await hands.go(`${WIDGET.server}/login`);
  await giveCredentials(hands, { ...person, password: 'not the password either' });
  await hands.press(widget(page).getByRole('button', { name: 'I am human' }));
  await expect(hands.refusal).toContainText('Address or password is wrong');
  await expect(page.locator('iframe')).toHaveCount(0);
  await giveCredentials(hands, person);
  await hands.press(widget(page).getByRole('button', { name: 'I am human' }));
  await hands.see(`Welcome, ${person.name}`);
});

test('whoever solved it when it went away gets in by work instead', { tag: HYDRATED }, async ({ hands, page, watch }) => {
  watch.expect(428, SIGN_IN);
  const person = await guessedAt();
  let tries = 0;
  await page.route(`**/api/v1/${SIGN_IN}`, async (route) => {
    tries += 1;
    // Long enough to be read.
    if (tries === 3) await new Promise((done) => setTimeout(done, 600));
    await route.continue();
  });
  await hands.go(`${WIDGET.serverWithout}/login`);
  await giveCredentials(hands, person);
  await hands.press(widget(page).getByRole('button', { name: 'I am human' }));
  await expect(page.getByText('This takes about a second.')).toBeVisible();
  await expect(hands.field('E-mail')).toHaveValue(person.email);
  await hands.see(`Welcome, ${person.name}`);
  expect(tries).toBe(3);
  const ready = await (await fetch(`${WIDGET.serverWithout}/readyz`)).json();
  expect(ready).toMatchObject({ ready: true, degraded: true, captcha: 'proof-of-work, turnstile is away' });
});

test('where the widget gives up a person waits', { tag: HYDRATED }, async ({ hands, page, watch }) => {
  watch.expect(428, SIGN_IN);
  const person = await guessedAt();
  await hands.go(`${WIDGET.server}/login`);
  await giveCredentials(hands, person);
  await hands.press(widget(page).getByRole('button', { name: 'Give up' }));
  await expect(hands.refusal).toContainText('Try again in 10 seconds.');
  await expect(page.locator('iframe')).toHaveCount(0);
  await page.waitForTimeout(10_500);
  await hands.press(hands.button('Sign in'));
  await hands.see(`Welcome, ${person.name}`);
});

test('where the other site cannot be reached a person waits', { tag: HYDRATED }, async ({ hands, page, watch }) => {
  watch.expect(428, SIGN_IN);
  watch.expectWords(/ERR_FAILED/);
  await page.route(`${WIDGET.url}/**`, (route) => route.abort());
  const person = await guessedAt();
  await hands.go(`${WIDGET.server}/login`);
  await giveCredentials(hands, person);
  await expect(hands.refusal).toContainText('Try again in 10 seconds.');
  await page.waitForTimeout(10_500);
  await hands.press(hands.button('Sign in'));
  await hands.see(`Welcome, ${person.name}`);
});

test('without wasm nothing is asked of the other site', { tag: NO_WASM }, async ({ hands, page }) => {
  const asked = askedElsewhere(page);
  const person = await guessedAt();
  await hands.go(`${WIDGET.server}/login`);
  await giveCredentials(hands, person);
  await expect(hands.refusal).toContainText('Try again in 10 seconds.');
  await expect(hands.field('E-mail')).toHaveValue(person.email);
  await page.waitForTimeout(10_500);
  await giveCredentials(hands, person);
  await hands.see(`Welcome, ${person.name}`);
  expect(asked).toEqual([]);
});
