//! A plan is paid by card: on a page of Stripe's, to which a link leads, and from which one comes back to the plan.

import { get } from '../support/api.mjs';
import { made } from '../support/billing.mjs';
import { CARDS } from '../support/environment.mjs';
import { HYDRATED, NO_WASM, PHONE, expect, test } from '../support/test.mjs';

const ALL = { tag: [HYDRATED, NO_WASM, PHONE] };

test.skip(CARDS === '', 'no server was told of a way to pay by card');

/** @typedef {import('../support/hands.mjs').Hands} Hands */

/** Chooses a plan and goes to the page on which it is paid. @param {Hands} hands @param {import('@playwright/test').Page} page @param {string} path */
async function toStripe(hands, page, path) {
  await hands.go(`${CARDS}${path}?plan=PRO`);
  await expect(page.getByRole('heading', { name: 'Change to Pro' })).toBeVisible();
  await hands.press(hands.button('Change to Pro, paid by card'));
  await expect(page.getByText('The plan is there as soon as it is paid, which you do at Stripe.')).toBeVisible();
  await hands.press(hands.link('Continue at Stripe'));
  await expect(page.getByRole('heading', { name: 'Checkout' })).toBeVisible();
}

test('whoever pays comes back to a plan that is there', ALL, async ({ hands, page, member }) => {
  const { id, path } = await made(member);
  await toStripe(hands, page, path);
  await page.getByLabel('Card number').fill('4242 4242 4242 4242');
  await page.getByRole('button', { name: 'Pay' }).click();
  await expect(page).toHaveURL(`${CARDS}${path}?payment=made`);
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole('heading', { name: 'Your plan: Pro' })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
  await expect(page.getByText('It is paid, and the plan is there.')).toBeVisible();
  await expect(page.getByText('By card, at Stripe')).toBeVisible();
  await expect(async () => {
    const [{ provider, state, total }] = (await get(`billing/invoices?organization_id=${id}`, member)).items;
    expect([provider, state, total]).toEqual(['stripe', 'paid', { minor: 1900, currency: 'EUR' }]);
  }).toPass({ timeout: 30_000 });

  await hands.alive();
  await hands.press(hands.button('Cancel the plan'));
  await expect(page.getByText('The plan ends with the month that is paid for.')).toBeVisible();
  await hands.press(hands.button('Keep the present plan'));
  await expect(page.getByText('The plan goes on.')).toBeVisible();
});

test('a card is left at Stripe, charged, and taken away', ALL, async ({ hands, page, member }) => {
  const { path } = await made(member);
  await hands.go(`${CARDS}${path}`);
  await expect(page.getByText('No way to pay yet')).toBeVisible();
  await hands.alive();
  await hands.press(hands.button('Add a way to pay'));
  await hands.press(hands.link('Continue at Stripe'));
  await expect(page.getByRole('heading', { name: 'Checkout' })).toBeVisible();
  await page.getByLabel('Card number').fill('4242 4242 4242 4242');
  await page.getByRole('button', { name: 'Pay' }).click();
  await expect(page).toHaveURL(`${CARDS}${path}?card=left`);
  await expect(page.getByText('Stripe has what you left.')).toBeVisible();
  const card = page.getByRole('row').filter({ hasText: 'Visa ending in 4242' });
  await expect(async () => {
    await page.reload();
    await expect(card).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 30_000 });

  await hands.alive();
  await hands.press(hands.button('Charge this one'));
  await expect(page.getByText('This is the one that is charged from now on.')).toBeVisible();
  await expect(card).toContainText('Charged');
  await hands.press(hands.button('Take away the Visa ending in 4242'));
  await expect(page.getByText('It is taken away.')).toBeVisible();
  await expect(page.getByText('No way to pay yet')).toBeVisible();
});

test('what pays for a plan is not taken away, and the page says why', { tag: [HYDRATED, NO_WASM] }, async ({
  hands, page, watch, member,
}) => {
  watch.expect(409, 'billing/remove-payment-method');
  const { path } = await made(member);
  await toStripe(hands, page, path);
  await page.getByLabel('Card number').fill('4242 4242 4242 4242');
  await page.getByRole('button', { name: 'Pay' }).click();
  await expect(async () => {
    await page.goto(`${CARDS}${path}`);
    await expect(page.getByRole('heading', { name: 'Your plan: Pro' })).toBeVisible({ timeout: 1_000 });
    await expect(page.getByRole('row').filter({ hasText: 'Visa ending in 4242' })).toContainText('Charged', { timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
  await hands.alive();
  await hands.press(hands.button('Take away the Visa ending in 4242'));
  await expect(page.getByText('The plan is paid by this. Add another way to pay first, or cancel the plan.').first()).toBeVisible();
  await hands.press(hands.button('Look after everything at Stripe'));
  await hands.press(hands.link('Continue at Stripe'));
  await expect(page.getByRole('heading', { name: 'Billing' })).toBeVisible();
  await expect(page.getByText('Card ending in 4242')).toBeVisible();
});

test('whoever does not pay comes back to what they had', ALL, async ({ hands, page, member }) => {
  const { path } = await made(member);
  await toStripe(hands, page, path);
  await page.getByRole('link', { name: 'Back' }).click();
  await expect(page.getByText('Nothing was paid. The plan stays as it is.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Your plan: Free' })).toBeVisible();
});

test('where there is a choice an invoice is still one of two', { tag: HYDRATED }, async ({ hands, page, member }) => {
  const { path } = await made(member);
  await hands.go(`${CARDS}${path}?plan=PRO`);
  await hands.press(hands.button('Change to Pro, on invoice'));
  await expect(page.getByText(/Invoice \d{4}-\d{6} is issued for it\./)).toBeVisible();
});
