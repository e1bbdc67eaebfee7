//! A plan is taken after its price was said, charged on an invoice that can be read and taken away, and cancelled; somebody who
//! looks after money notes that it is paid.

import { readFile } from 'node:fs/promises';
import { ADMINISTRATOR, freshHands } from '../support/administrator.mjs';
import { get, post } from '../support/api.mjs';
import { closedTo, invoiced, made } from '../support/billing.mjs';
import { letterTo } from '../support/letters.mjs';
import { unique } from '../support/people.mjs';
import { HYDRATED, KEYBOARD, NO_WASM, PHONE, expect, test } from '../support/test.mjs';

const ALL = { tag: [HYDRATED, NO_WASM, PHONE, KEYBOARD] };
const BOTH = { tag: [HYDRATED, NO_WASM] };

test('a plan is taken, charged and cancelled, and each step says so', ALL, async ({ hands, page, member }) => {
  const { id, name, path } = await made(member);
  await hands.go(path);
  await hands.see(`Billing · ${name}`);
  await expect(page.getByRole('heading', { name: 'Your plan: Free' })).toBeVisible();
  await hands.press(hands.link('See what Pro would cost'));
  await expect(page.getByRole('heading', { name: 'Change to Pro' })).toBeVisible();
  await expect(page.getByText('Say your country in the billing details below.')).toBeVisible();
  await hands.alive();
  await hands.press(hands.button('Change to Pro'));
  await expect(page.getByText(/The plan is changed\. Invoice \d{4}-\d{6} is issued for it\./)).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Your plan: Pro' })).toBeVisible();

  const [{ number, total }] = (await get(`billing/invoices?organization_id=${id}`, member)).items;
  expect(total).toEqual({ minor: 1900, currency: 'EUR' });
  await letterTo(member.email, 'invoice-issued');
  await hands.press(hands.link(number));
  await hands.see(`Invoice ${number} · ${name}`);
  const pages = page.getByRole('navigation', { name: 'Organization', exact: true });
  await expect(pages.getByRole('link', { name: 'Billing' })).toHaveAttribute('aria-current', 'page');
  await expect(page.getByText(name, { exact: true }).first()).toBeVisible();
  const href = await hands.link('Download as PDF').getAttribute('href');
  const file = await page.request.get(String(href));
  expect([file.status(), file.headers()['content-type']]).toEqual([200, 'application/pdf']);
  expect((await file.body()).subarray(0, 5).toString()).toBe('%PDF-');
  await hands.press(hands.link('All invoices'));
  await hands.see(`Billing · ${name}`);

  await hands.press(hands.button('Cancel the plan'));
  await expect(page.getByText('The plan ends with the month that is paid for.')).toBeVisible();
  await hands.press(hands.button('Keep the present plan'));
  await expect(page.getByText('The plan goes on.')).toBeVisible();
});

test('more seats of the plan that is there are taken, and a wrong number stays in its field', BOTH, async ({
  hands, page, watch, member,
}) => {
  watch.expect(422, 'billing/preview-plan');
  const { id, path } = await invoiced(member);
  await hands.go(path);
  await hands.type(hands.field('More seats of Pro'), '-1');
  await hands.press(hands.button('See what that would cost'));
  await expect(page.getByText('Enter a number from 0 to 10000.')).toBeVisible();
  await hands.alive();
  await expect(hands.field('More seats of Pro')).toHaveValue('-1');
  await hands.type(hands.field('More seats of Pro'), '2');
  await hands.press(hands.button('Compute again'));
  await expect(page.getByRole('heading', { name: 'Change to Pro with 2 more seats' })).toBeVisible();
  await hands.alive();
  await hands.press(hands.button('Change to Pro with 2 more seats'));
  await expect(page.getByText(/The plan is changed\./)).toBeVisible();
  const has = await get(`billing/plan?organization_id=${id}`, member);
  expect([has.extra_seats, has.monthly_price]).toEqual([2, { minor: 3100, currency: 'EUR' }]);
});

test('what stands on invoices is typed once, and a wrong field says why', BOTH, async ({ hands, page, member, watch }) => {
  watch.expect(422, 'billing/set-details');
  const { id, path } = await made(member);
  await hands.go(path);
  await hands.type(hands.field('Company or person'), 'Łódź Überfuß 株式会社');
  await hands.type(hands.field('Country'), '1');
  await hands.press(hands.button('Save the details'));
  await expect(hands.refusal).toBeVisible();
  await expect(hands.field('Company or person')).toHaveValue('Łódź Überfuß 株式会社');
  await hands.type(hands.field('Country'), 'PL');
  await hands.press(hands.button('Save the details'));
  await expect(page.getByText('The details are saved.')).toBeVisible();
  expect((await get(`billing/details?organization_id=${id}`, member)).company).toBe('Łódź Überfuß 株式会社');
});

test('whoever looks after money finds an invoice and notes that it is paid', BOTH, async ({ another, member }) => {
  const { id, number } = await invoiced(member);
  const hands = await another({ storageState: JSON.parse(await readFile(ADMINISTRATOR, 'utf8')) });
  const { page } = hands;
  await hands.go('/admin/billing');
  await hands.see('Invoices and taxes');
  await hands.type(hands.field('Number or customer'), number);
  await hands.press(hands.button('Apply'));
  await expect(page.getByRole('row').filter({ hasText: number })).toHaveCount(1);
  await hands.press(hands.link(number));
  await expect(page.getByRole('heading', { name: `${number} is paid` })).toBeVisible();
  await hands.alive();
  await hands.type(hands.field('Reference of the payment (optional)'), 'Transfer 4711');
  await hands.press(hands.button('Mark as paid'));
  await expect(page.getByText('The invoice is paid.')).toBeVisible();
  const [head] = (await get(`billing/invoices?organization_id=${id}`, member)).items;
  expect(head.state).toBe('paid');

  // It is shown whole, and on whichever page of the list it is.
  const invoice = page.getByRole('region', { name: `Invoice ${number}` });
  await expect(invoice).toContainText('Transfer 4711');
  await hands.go(`/admin/billing?q=nobody-has-this&invoice=${head.id}`);
  await expect(page.getByText('No invoices found')).toBeVisible();
  await expect(invoice).toContainText('Pro, one month');
});

test('whoever looks after money ends a plan and takes back what was paid, and that it was paid is still said', BOTH, async ({
  hands, another, member,
}) => {
  const { id, path, number } = await invoiced(member);
  const theirs = await freshHands(another);
  const { page } = theirs;
  await theirs.go(`/admin/billing?q=${number}`);
  await theirs.press(theirs.link(number));
  const paid = theirs.button('Mark as paid');
  await expect(paid).toBeVisible();
  await theirs.alive();
  await theirs.press(paid);
  await expect(page.getByText('The invoice is paid.')).toBeVisible();
  await expect(paid).toHaveCount(0);

  const reason = (/** @type {string} */ endpoint) => page.locator(`form[action$="/admin/${endpoint}"]`).getByLabel('Reason');
  await theirs.type(reason('end-plan'), 'Nobody answers');
  await theirs.press(theirs.button('End the plan'));
  await expect(page.getByText('The plan ends with the month that is paid for.')).toBeVisible();
  expect((await get(`billing/plan?organization_id=${id}`, member)).next.plan).toBe('FREE');
  await theirs.alive();
  await theirs.type(reason('credit-invoice'), 'The month was not used');
  await theirs.press(theirs.button('Issue a credit note'));
  await expect(page.getByText(/^Credit note CN-\d{4}-\d{6} is issued\.$/)).toBeVisible();

  await hands.go(`${path}/invoices/${number}`);
  for (const happened of ['Paid', 'Credited']) {
    await expect(hands.page.getByRole('term').filter({ hasText: new RegExp(`^${happened}$`) })).toBeVisible();
  }
});

test('what usage costs is set once, and whoever uses it sees what it comes to and why', BOTH, async ({
  hands, another, member,
}) => {
  const item = `model-${unique()}`;
  const staff = await freshHands(another);
  await staff.go('/admin/billing');
  await staff.type(staff.field('Provider'), 'acme-ai');
  await staff.type(staff.field('Item'), item);
  await staff.type(staff.field('Unit'), 'input-token');
  await staff.type(staff.field('Currency'), 'EUR');
  await staff.type(staff.field('Price'), '3');
  await staff.type(staff.field('For how many (optional)'), '1000000');
  await staff.press(staff.button('Set the price'));
  await expect(staff.page.getByText('The price is set.')).toBeVisible();
  await expect(staff.page.getByRole('row').filter({ hasText: item })).toContainText('3.00 EUR for 1,000,000');

  const { id, path } = await made(member);
  const call = { organization_id: id, provider: 'acme-ai', item };
  await post('spend/set-price', { ...call, unit: 'input-token', price: '0' }, member);
  await post('spend/record', { ...call, event_id: 'run-17', usage: 'input-token=500' }, member);
  await hands.go(path);
  await expect(hands.page.getByRole('heading', { name: 'Usage so far' })).toBeVisible();
  await hands.go(`${path.replace(/billing$/, 'limits')}?event_id=run-17`);
  // A price counts from the next minute on: what has happened already never gets one.
  await expect(hands.page.locator('#explained')).toContainText('no price in EUR for it when it happened');
});

test('billing says no to whoever may not read it, and that there is nothing where nothing is', BOTH, async ({ hands, page, watch, member }) => {
  watch.expect(403, '/billing');
  watch.expect(404, '/billing/invoices/2000-000001');
  const closed = await closedTo(member);
  for (const path of [closed.path, `${closed.path}/invoices/${closed.number}`]) {
    expect((await hands.go(path))?.status(), path).toBe(403);
    await expect(page.getByText('Your role does not include this')).toBeVisible();
  }
  const { name, path } = await made(member);
  expect((await hands.go(`${path}/invoices/2000-000001`))?.status()).toBe(404);
  await hands.see(`Invoice 2000-000001 · ${name}`);
});

test('the way to billing leads to the organization of the one who asks', BOTH, async ({ hands, page, member }) => {
  const { organizations } = await get('identity/me', member);
  await hands.go('/account/billing');
  await hands.see(/^Billing · /);
  await expect(page).toHaveURL(new RegExp(`/o/${organizations[0].slug}/billing$`));
});
