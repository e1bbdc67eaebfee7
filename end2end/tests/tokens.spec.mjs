//! Tokens for scripts: made and seen once, used by a script, renewed, ended.

import { ADDRESS } from '../support/environment.mjs';
import { HYDRATED, KEYBOARD, NO_WASM, PHONE, expect, test } from '../support/test.mjs';

const ALL = { tag: [HYDRATED, NO_WASM, PHONE, KEYBOARD] };

/** What a script gets with this token. @param {string} token @param {string} endpoint */
const call = (token, endpoint) =>
  fetch(`${ADDRESS}/api/v1/${endpoint}`, { headers: { authorization: `Bearer ${token}` } });

/** Makes a token on the page, and reads it there. @param {import('../support/hands.mjs').Hands} hands @param {string} name */
async function make(hands, name) {
  await hands.type(hands.field('Name'), name);
  await hands.tick(hands.page.getByLabel('identity:read', { exact: true }));
  await hands.press(hands.button('Make token'));
  return seen(hands);
}

/** @param {import('../support/hands.mjs').Hands} hands */
async function seen(hands) {
  const shown = hands.page.getByRole('region', { name: 'token', exact: true });
  await expect(shown).toHaveText(/^\s*gate_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}\s*$/);
  return (await shown.innerText()).trim();
}

test('a token is made, used by a script, renewed and ended', ALL, async ({ hands, page, member: _ }) => {
  await hands.go('/account/tokens');
  await expect(page.getByText('No tokens yet')).toBeVisible();
  const token = await make(hands, 'backup');
  expect((await call(token, 'identity/me')).status).toBe(200);
  expect((await call(token, 'sessions/list')).status, 'no scope for it').toBe(403);

  await hands.go('/account/tokens');
  await expect(page.getByRole('region', { name: 'token', exact: true }), 'it is shown once').toHaveCount(0);
  await expect(page.getByRole('row').filter({ hasText: 'backup' })).toContainText('identity:read');
  await hands.press(hands.button('Make a new secret'));
  const renewed = await seen(hands);
  expect(renewed).not.toBe(token);
  expect(renewed.slice(0, 18), 'its beginning stays').toBe(token.slice(0, 18));
  for (const good of [token, renewed]) expect((await call(good, 'identity/me')).status).toBe(200);

  await hands.press(hands.button(/^End the token backup$/));
  await expect(page.getByText('That token has ended.')).toBeVisible();
  await expect(page.getByText('No tokens yet')).toBeVisible();
  for (const bad of [token, renewed]) expect((await call(bad, 'identity/me')).status).toBe(401);
});

test('a token without a scope is refused at its field, and what was typed is kept', {
  tag: [HYDRATED, NO_WASM],
}, async ({ hands, page, watch, member: _ }) => {
  watch.expect(422, 'tokens/create');
  await hands.go('/account/tokens');
  await hands.type(hands.field('Name'), 'nothing');
  await hands.press(hands.button('Make token'));
  await expect(hands.refusal).toContainText('Scopes: Fill this in.');
  await expect(hands.field('Name')).toHaveValue('nothing');
  await expect(page.getByRole('group', { name: 'Scopes' })).toContainText('Fill this in.');
});
