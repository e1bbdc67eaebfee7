//! A plan is taken after its price was said, charged on an invoice that can be read and taken away, and cancelled; somebody who
//! looks after money notes that it is paid.

import { readFile } from 'node:fs/promises';
import { ADMINISTRATOR } from '../support/administrator.mjs';
import { get, post } from '../support/api.mjs';
import { letterTo } from '../support/letters.mjs';
import { unique } from '../support/people.mjs';
import { HYDRATED, KEYBOARD, NO_WASM, PHONE, expect, test } from '../support/test.mjs';

/** @typedef {import('../support/people.mjs').Person} Person */

const ALL = { tag: [HYDRATED, NO_WASM, PHONE, KEYBOARD] };

/** An organization that was made by a call. @param {Person} owner */
async function made(owner) {
  const name = `Team ${unique()}`;
  const { answer } = await post('organizations/create', { name }, owner);
  return { name, id: answer.id, path: `/o/${answer.slug}/billing` };
}

test('a plan is taken, charged and cancelled, and each step says so', ALL, async ({ hands, page, member }) => {
  const { id, name, path } = await made(member);
  await hands.go(path);
  await hands.see(`Billing · ${name}`);
  await expect(page.getByRole('heading', { name: 'Your plan: Free' })).toBeVisible();
  await hands.press(hands.link('See what Pro would cost'));
  await expect(page.getByRole('heading', { name: 'Change to Pro' })).toBeVisible();
  await hands.alive();
  await hands.press(hands.button('Change to Pro'));
  await expect(page.getByText(/The plan is changed\. Invoice \d{4}-\d{6} is issued for it\./)).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Your plan: Pro' })).toBeVisible();

  const [{ number, total }] = (await get(`billing/invoices?organization_id=${id}`, member)).items;
  expect(total).toEqual({ minor: 1900, currency: 'EUR' });
  await letterTo(member.email, 'invoice-issued');
  await hands.press(hands.link(number));
  await hands.see(`Invoice ${number} · ${name}`);
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

test('what stands on invoices is typed once, and a wrong field says why', ALL, async ({ hands, page, member, watch }) => {
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

test('whoever looks after money finds an invoice and notes that it is paid', ALL, async ({ another, member }) => {
  const { id } = await made(member);
  const { answer } = await post('billing/change-plan', { organization_id: id, plan: 'PRO' }, member);
  const hands = await another({ storageState: JSON.parse(await readFile(ADMINISTRATOR, 'utf8')) });
  const { page } = hands;
  await hands.go('/admin/billing');
  await hands.see('Invoices and taxes');
  await hands.type(hands.field('Number or customer'), answer.invoice);
  await hands.press(hands.button('Apply'));
  await expect(page.getByRole('row').filter({ hasText: answer.invoice })).toHaveCount(1);
  await hands.press(hands.link(answer.invoice));
  await expect(page.getByRole('heading', { name: `${answer.invoice} is paid` })).toBeVisible();
  await hands.alive();
  await hands.type(hands.field('Reference of the payment (optional)'), 'Transfer 4711');
  await hands.press(hands.button('Mark as paid'));
  await expect(page.getByText('The invoice is paid.')).toBeVisible();
  const [head] = (await get(`billing/invoices?organization_id=${id}`, member)).items;
  expect(head.state).toBe('paid');
});

test('the way to billing leads to the organization of the one who asks', ALL, async ({ hands, page, member }) => {
  const { organizations } = await get('identity/me', member);
  await hands.go('/account/billing');
  await hands.see(/^Billing · /);
  await expect(page).toHaveURL(new RegExp(`/o/${organizations[0].slug}/billing$`));
});
