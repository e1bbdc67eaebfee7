//! Who may see what: visitors are led through the door, members are told what is not theirs, nothing is nowhere.

import { Person } from '../support/people.mjs';
import { giveCredentials } from '../support/steps.mjs';
import { HYDRATED, NO_WASM, expect, test } from '../support/test.mjs';

const BOTH = { tag: [HYDRATED, NO_WASM] };

/** Pages for people who are signed in. */
const INSIDE = [
  '/account/security', '/account/tokens', '/account/profile', '/settings', '/2fa/setup',
  '/admin/users?q=a%20b&status=locked', '/admin/users/00000000-0000-0000-0000-000000000000',
  '/admin/audit-logs', '/admin/settings', '/admin/webhooks', '/admin/webhooks/00000000-0000-0000-0000-000000000000',
];

test('visitors are sent to the sign-in page, which knows the way back', BOTH, async ({ hands, page }) => {
  for (const path of INSIDE) {
    await hands.go(path);
    await hands.see('Sign in');
    const { pathname, searchParams } = new URL(page.url());
    expect([pathname, searchParams.get('next')]).toEqual(['/login', path]);
  }
});

test('after signing in a person lands where they wanted to go', BOTH, async ({ hands, page }) => {
  const person = await new Person().join();
  await hands.go('/account/profile');
  await giveCredentials(hands, person);
  await hands.see('Profile');
  await expect(page).toHaveURL(/\/account\/profile$/);
});

test('a sign-in with a code still lands where the person wanted to go', BOTH, async ({ hands, page }) => {
  const person = await (await (await new Person().join()).signIn()).guard();
  await hands.go('/settings');
  await giveCredentials(hands, person);
  await hands.see('Enter your code');
  await hands.type(hands.field('Code'), await person.phone.next());
  await hands.press(hands.button('Continue'));
  await hands.see('Settings');
  await expect(page).toHaveURL(/\/settings$/);
});

test('a member is told that administration is not theirs, with status 403', BOTH, async ({ hands, page, member, watch }) => {
  for (const path of ['/admin/users', '/admin/audit-logs', '/admin/settings', '/admin/webhooks']) {
    watch.expect(403, path);
    const response = await hands.go(path);
    expect(response?.status()).toBe(403);
    await expect(page.getByText('Your role does not include this')).toBeVisible();
    await expect(page.getByRole('table')).toHaveCount(0);
  }
  await expect(page.getByRole('link', { name: 'People' }), `${member.name} has no link to it`).toHaveCount(0);
});

test('an unknown address is a page with status 404', BOTH, async ({ hands, watch }) => {
  for (const path of ['/nothing/at/all', '/admin', '/account/security/more', '/login.php']) {
    watch.expect(404, path);
    const response = await hands.go(path);
    expect(response?.status(), path).toBe(404);
    await hands.see('Nothing here');
  }
});

test('a refused page has no content for others in its source', BOTH, async ({ request }) => {
  const response = await request.get('/admin/users', { maxRedirects: 0, headers: { accept: 'text/html' } });
  expect([302, 303, 307]).toContain(response.status());
  expect(response.headers().location).toBe('/login?next=%2Fadmin%2Fusers');
});
