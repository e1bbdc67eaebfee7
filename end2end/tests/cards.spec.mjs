//! A plan is paid by card: on a page of Stripe's, to which a link leads, and from which one comes back to the plan.

import { get } from '../support/api.mjs';
import { made, stripeTells } from '../support/billing.mjs';
import { STRIPE } from '../support/environment.mjs';
import { HYDRATED, NO_WASM, PHONE, expect, test } from '../support/test.mjs';

const ALL = { tag: [HYDRATED, NO_WASM, PHONE] };

test.skip(STRIPE.server === '', 'no server was told of a way to pay by card');

test.beforeAll(stripeTells);

/** @typedef {import('../support/hands.mjs').Hands} Hands */

/** Chooses a plan and goes to the page on which it is paid. @param {Hands} hands @param {import('@playwright/test').Page} page @param {string} path */
async function toStripe(hands, page, path) {
  await hands.go(`${STRIPE.server}${path}?plan=PRO`);
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
  await expect(page).toHaveURL(`${STRIPE.server}${path}?payment=made`);
  await expect(async () => {
    await page.reload();
    await expect(page.getByRole('heading', { name: 'Your plan: Pro' })).toBeVisible({ timeout: 1_000 });
  }).toPass({ timeout: 30_000 });
  await expect(page.getByText('It is paid, and the plan is there.')).toBeVisible();
  await expect(page.getByText('By card, at Stripe')).toBeVisible();
  expect((await get(`billing/invoices?organization_id=${id}`, member)).items).toEqual([]);

  await hands.alive();
  await hands.press(hands.button('Cancel the plan'));
  await expect(page.getByText('The plan ends with the month that is paid for.')).toBeVisible();
  await hands.press(hands.button('Keep the present plan'));
  await expect(page.getByText('The plan goes on.')).toBeVisible();
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
  await hands.go(`${STRIPE.server}${path}?plan=PRO`);
  await hands.press(hands.button('Change to Pro, on invoice'));
  await expect(page.getByText(/Invoice \d{4}-\d{6} is issued for it\./)).toBeVisible();
});
