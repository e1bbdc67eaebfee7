//! Passkeys: added, used at the door, after the password and as a fresh proof, renamed, removed.

import { Device, NAMED, offerNothing } from '../support/device.mjs';
import { letterTo } from '../support/letters.mjs';
import { Person } from '../support/people.mjs';
import { giveCredentials, giveRecoveryCode, signIn, signOut } from '../support/steps.mjs';
import { HYDRATED, KEYBOARD, NO_WASM, PHONE, expect, test } from '../support/test.mjs';

/** @typedef {import('../support/hands.mjs').Hands} Hands */

test.use({ baseURL: NAMED });

const ALIVE = { tag: [HYDRATED, PHONE, KEYBOARD] };
/** What the browser's half does alike on every screen. */
const ONE = { tag: [HYDRATED] };
const ELSEWHERE = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** Signs somebody in and adds a passkey; keeps the recovery codes. @param {Hands} hands @param {Person} person */
async function addPasskey(hands, person) {
  await signIn(hands, person);
  const device = await Device.of(hands.page);
  await hands.go('/account/passkeys');
  await expect(hands.page.getByText('No passkeys yet')).toBeVisible();
  await hands.type(hands.field('Name (optional)'), 'Blue key');
  await hands.press(hands.button('Add a passkey'));
  await expect(hands.page.getByText('The passkey “Blue key” is added.')).toBeVisible();
  const codes = hands.page.getByRole('region', { name: 'recovery codes', exact: true });
  person.recoveryCodes = (await codes.innerText()).trim().split(/\s+/);
  expect(person.recoveryCodes).toHaveLength(10);
  return device;
}

test('a passkey is added, signs its owner in, is renamed and removed', ALIVE, async ({ context, hands, page }) => {
  await offerNothing(context);
  const person = await new Person().join();
  await addPasskey(hands, person);
  const { text } = await letterTo(person.email, 'passkey-added');
  expect(text).toContain('/account/passkeys');
  await signOut(hands);

  await hands.go('/login?next=%2Faccount%2Fpasskeys');
  await hands.press(hands.button('Sign in with a passkey'));
  await hands.see('Passkeys');
  const row = page.getByRole('row').filter({ hasText: 'Blue key' });
  await expect(row).not.toContainText('Never');
  await hands.type(hands.field('New name'), 'Key ring');
  await hands.press(hands.button('Rename'));
  await expect(page.getByText('The passkey has its new name.')).toBeVisible();
  await hands.press(hands.button('Remove the passkey Key ring'));
  await expect(page.getByText('That passkey is removed.')).toBeVisible();
  await expect(page.getByText('No passkeys yet')).toBeVisible();
  await letterTo(person.email, 'passkey-removed');
});

test('a device is not asked to keep a second passkey of the same account', ONE, async ({ hands, page }) => {
  await addPasskey(hands, await new Person().join());
  await hands.press(hands.button('Add a passkey'));
  await expect(page.getByText('This device holds a passkey of your account already.')).toBeVisible();
});

test('after the password a passkey finishes the sign-in, or a recovery code', ALIVE, async ({ context, hands }) => {
  await offerNothing(context);
  const person = await new Person().join();
  await addPasskey(hands, person);
  await signOut(hands);
  await giveCredentials(hands, person);
  await hands.see('Use your passkey');
  await hands.press(hands.button('Use a passkey'));
  await hands.see(`Welcome, ${person.name}`);
  await signOut(hands);
  await giveCredentials(hands, person);
  await hands.see('Use your passkey');
  await giveRecoveryCode(hands, person.recoveryCodes[0] ?? '');
  await hands.see(`Welcome, ${person.name}`);
});

test('who changes their mind is told calmly, and goes on with the password', ONE, async ({ context, hands, page }) => {
  await offerNothing(context);
  const person = await new Person().join();
  const device = await addPasskey(hands, person);
  await signOut(hands);
  await device.recognizes(false);
  await hands.press(hands.button('Sign in with a passkey'));
  await expect(page.getByText('Nothing was changed: it was cancelled, or took too long.')).toBeVisible();
  await expect(hands.refusal).toHaveCount(0);
  await device.recognizes(true);
  await hands.press(hands.button('Sign in with a passkey'));
  await hands.see(`Welcome, ${person.name}`);
});

test('the browser offers the passkey at the field of the address', ONE, async ({ hands }) => {
  const person = await new Person().join();
  await addPasskey(hands, person);
  // The device answers as soon as it is offered; nothing is pressed.
  await signOut(hands);
  await hands.see(`Welcome, ${person.name}`);
});

test('a passkey is a fresh proof in a browser that the session came to', ONE, async ({ context, hands, another }) => {
  const person = await new Person().join();
  const device = await addPasskey(hands, person);
  const elsewhere = await another({ userAgent: ELSEWHERE, baseURL: NAMED });
  await elsewhere.page.context().addCookies(await context.cookies());
  await (await Device.of(elsewhere.page)).copies(device);
  await elsewhere.go('/account/security');
  await elsewhere.see('Is it still you?');
  await elsewhere.press(elsewhere.button('Use a passkey'));
  await elsewhere.see('Security');
});

test('a removed passkey is refused in a sentence', ONE, async ({ context, hands, page, watch }) => {
  watch.expect(401, 'second-factor/passkey-sign-in-finish');
  await offerNothing(context);
  const person = await new Person().join();
  await addPasskey(hands, person);
  await hands.press(hands.button('Remove the passkey Blue key'));
  await expect(page.getByText('No passkeys yet')).toBeVisible();
  await signOut(hands);
  await hands.press(hands.button('Sign in with a passkey'));
  await expect(page.getByText('It is unknown here, was removed')).toBeVisible();
  await giveCredentials(hands, person);
  await hands.see(`Welcome, ${person.name}`);
});

test('a browser that cannot says so, and the password works', ONE, async ({ context, hands, page }) => {
  await context.addInitScript(() => Object.defineProperty(window, 'PublicKeyCredential', { value: undefined }));
  const person = await new Person().join();
  await hands.go('/login');
  await hands.press(hands.button('Sign in with a passkey'));
  await expect(page.getByText('This browser cannot use passkeys at this address.')).toBeVisible();
  await signIn(hands, person);
});

test('without wasm the pages say what passkeys need, and the password works', { tag: NO_WASM }, async ({ hands, page }) => {
  const person = await new Person().join();
  await hands.go('/login');
  await expect(page.getByText('Passkeys need scripts')).toBeVisible();
  await expect(page.getByText('Sign in with a passkey')).toBeHidden();
  await signIn(hands, person);
  await hands.go('/account/passkeys');
  await expect(page.getByText('No passkeys yet')).toBeVisible();
  await expect(page.getByText('Passkeys need scripts')).toBeVisible();
});
