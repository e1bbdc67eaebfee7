//! Browsers and places: what a new one asks for, and how the owner shuts a stranger out.

import { forBrowser } from '../support/api.mjs';
import { Person } from '../support/people.mjs';
import { letterTo } from '../support/letters.mjs';
import { comeHalfWay, giveCredentials, giveCode, setUpSecondFactor, signIn } from '../support/steps.mjs';
import { HYDRATED, KEYBOARD, NO_WASM, PHONE, expect, test } from '../support/test.mjs';

const ALL = { tag: [HYDRATED, NO_WASM, PHONE, KEYBOARD] };
const BOTH = { tag: [HYDRATED, NO_WASM] };
const ELSEWHERE = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

test('a session that comes to another browser asks who it is, and then goes on', ALL, async ({
  context, hands, watch,
}) => {
  watch.expect(422, 'identity/step-up');
  const person = await (await new Person().join()).signIn(ELSEWHERE);
  await context.addCookies([forBrowser(person.cookie ?? '')]);
  await hands.go('/account/security');
  await hands.see('Is it still you?');
  await hands.type(hands.field('Password'), 'not what it is');
  await hands.press(hands.button('Confirm'));
  await expect(hands.refusal).toBeVisible();
  await hands.type(hands.field('Password'), person.password);
  await hands.press(hands.button('Confirm'));
  await hands.see('Security');
  await hands.go('/account/profile');
  await hands.see('Profile');
});

test('a sign-in from a new browser is told by letter, and its owner shuts everybody out', BOTH, async ({
  hands, another, watch,
}) => {
  watch.expect(401, 'identity/sign-in');
  watch.expect(400, 'identity/not-me');
  const person = await (await new Person().join()).signIn();
  const stranger = await another();
  await signIn(stranger, person);
  const { path, text } = await letterTo(person.email, 'new-device');
  expect(text).toContain('Chrome on Linux');

  await hands.go(path);
  await hands.see('Was this not you?');
  await hands.press(hands.button('Sign everybody out'));
  await hands.see('Set a new password');
  await stranger.go('/account/profile');
  await stranger.see('Sign in');
  await giveCredentials(stranger, person);
  await expect(stranger.refusal).toContainText('Address or password is wrong');

  person.password = `another one, ${person.password}`;
  await hands.type(hands.field('New password'), person.password);
  await hands.press(hands.button('Set the password'));
  await hands.see('Sign in');
  await signIn(hands, person);
  await hands.go(path);
  await hands.press(hands.button('Sign everybody out'));
  await expect(hands.refusal).toBeVisible();
});

test('a trusted browser skips the code until its owner says otherwise', BOTH, async ({ hands }) => {
  const person = await new Person().join();
  await signIn(hands, person);
  await setUpSecondFactor(hands, person);
  await hands.page.context().clearCookies({ name: '__Host-gate' });
  await comeHalfWay(hands, person);
  await hands.tick(hands.field('Do not ask for a code on this device'));
  await giveCode(hands, await person.phone.next());
  await hands.see(`Welcome, ${person.name}`);
  await hands.page.context().clearCookies({ name: '__Host-gate' });
  await signIn(hands, person);

  await hands.go('/account/security');
  await expect(hands.page.getByRole('heading', { name: 'Browsers that skip the code' })).toBeVisible();
  await hands.press(hands.button(/^Ask again/));
  await expect(hands.page.getByRole('heading', { name: 'Browsers that skip the code' })).toHaveCount(0);
  await hands.page.context().clearCookies({ name: '__Host-gate' });
  await comeHalfWay(hands, person);
});
