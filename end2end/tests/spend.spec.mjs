//! A cap that holds: the refusal, the banner, the letter, the meter and the trail say the same.

import { get, post } from '../support/api.mjs';
import { ADDRESS, USER_AGENT } from '../support/environment.mjs';
import { letterTo } from '../support/letters.mjs';
import { HYDRATED, KEYBOARD, NO_WASM, PHONE, expect, test } from '../support/test.mjs';

const ALL = { tag: [HYDRATED, NO_WASM, PHONE, KEYBOARD] };

/** The slug of somebody's own organization. @param {{cookie?: string}} person */
async function ownOrganization(person) {
  const { organizations } = await get('identity/me', person);
  return /** @type {string} */ (organizations[0].slug);
}

/** Asks for a call, as a script does; answers whatever comes. @param {{cookie?: string}} person @param {object} input */
async function reserve({ cookie }, input) {
  const response = await fetch(`${ADDRESS}/api/v1/spend/reserve`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json', accept: 'application/json', 'user-agent': USER_AGENT, origin: ADDRESS,
      cookie: cookie ?? '',
    },
    body: JSON.stringify(input),
  });
  return { status: response.status, retry: response.headers.get('retry-after'), body: await response.json() };
}

test('nobody overdraws a budget: refusal, banner, letter, meter and trail agree', ALL, async ({ hands, member }) => {
  test.setTimeout(90_000);
  const slug = await ownOrganization(member);
  const { page } = hands;
  await hands.go('/account/limits');
  await hands.see(/^Budgets/);
  await expect(page).toHaveURL(new RegExp(`/o/${slug}/limits$`));
  await hands.type(page.locator('#new-limit-cap'), '10');
  await hands.press(hands.button('Set budget'));
  await expect(page.getByText('The budget is set.')).toBeVisible();
  await expect(page.locator('#meter')).toContainText('$0.00 of $10.00 spent, $0.00 held, $10.00 left');

  const first = await reserve(member, { organization_id: slug, request_id: 'first', amount: '9' });
  expect(first.status).toBe(200);
  await post('spend/settle', { organization_id: slug, hold_id: first.body.hold_id, amount: '8.5' }, member);
  const warning = await letterTo(member.email, 'spend-warning');
  expect(warning.text).toContain('80 % of the budget of the organization');
  expect(warning.text).toContain('$8.50 of $10.00 are spent');

  const { status, retry, body } = await reserve(member, { organization_id: slug, request_id: 'second', amount: '2' });
  expect([status, retry, body.type]).toEqual([402, null, '/problems/spend-cap-reached']);
  expect([body.scope, body.cap, body.spent, body.held]).toEqual(['organization', '10.00', '8.50', '0.00']);
  expect(new URL(body.manage_url).pathname).toBe(`/o/${slug}/limits`);
  const letter = await letterTo(member.email, 'spend-cap-reached');
  expect(letter.text).toContain('$8.50 of $10.00 are spent');
  expect(letter.path).toBe(`/o/${slug}/limits`);

  await hands.go(letter.path);
  // A call that is too large says nothing of how the budget stands.
  await expect(page.getByText('85 % of the budget “Organization” are spent.')).toBeVisible();
  await expect(page.locator('#meter')).toContainText('$8.50 of $10.00 spent, $0.00 held, $1.50 left');
  const { items } = await get(`organizations/audit?organization_id=${slug}&action=spend.cap-reached`, member);
  expect(JSON.parse(items[0].detail)).toEqual({ cap: '10.00', spent: '8.50', held: '0.00' });

  const rest = await reserve(member, { organization_id: slug, request_id: 'third', amount: '1.5' });
  expect(rest.status).toBe(200);
  await hands.go(`/o/${slug}/limits?event_id=first`);
  await expect(page.getByText('The budget “Organization” is used up.')).toBeVisible();
  await expect(page.locator('#explained')).toContainText('It is billed at what its client said: $8.50.');
  await hands.go(`/o/${slug}/usage`);
  await expect(page.getByText('$8.50 were spent from').first()).toBeVisible();
  await expect(page.getByText('Expected')).toBeVisible();
  await expect(page.getByRole('img', { name: /The scale ends at \$10\.00\.$/ })).toBeVisible();
  await expect(page.locator('.chart-scale span')).toHaveText(['$10.00', '$5.00', '$0.00']);
  await hands.press(page.getByText('The same in numbers'));
  await expect(page.getByRole('table', { name: 'Spent by day' })).toContainText('$8.50');
});

test('a budget asks for nothing that means nothing for it', { tag: [HYDRATED, NO_WASM] }, async ({
  hands, page, member, watch,
}) => {
  watch.expect(422, 'spend/set-limit');
  await hands.go(`/o/${await ownOrganization(member)}/limits`);
  const field = (/** @type {string} */ name) => page.locator(`#new-limit-${name}`);
  await expect(field('subject')).toBeHidden();
  await expect(field('rolling_days')).toBeHidden();
  await field('scope').selectOption('project');
  await field('period').selectOption('rolling');
  await expect(field('subject')).toBeVisible();
  await expect(field('rolling_days')).toBeVisible();
  await hands.type(field('subject'), 'alpha');
  await hands.type(field('cap'), '10');
  await hands.press(hands.button('Set budget'));
  await expect(hands.refusal).toBeVisible();
  await field('period').selectOption('month');
  await expect(field('rolling_days'), 'what was refused is seen').toBeVisible();
  await field('scope').selectOption('organization');
  await expect(field('subject')).toBeHidden();
});

test('an amount that is none is refused at its field', { tag: [HYDRATED, NO_WASM] }, async ({ hands, member, watch }) => {
  watch.expect(422, 'spend/set-limit');
  const slug = await ownOrganization(member);
  await hands.go(`/o/${slug}/limits`);
  await hands.type(hands.page.locator('#new-limit-cap'), '1e3');
  await hands.press(hands.button('Set budget'));
  await expect(hands.refusal).toContainText('Enter an amount in US dollars');
});
