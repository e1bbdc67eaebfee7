//! Signing in with a provider of other people, connecting it, and everything it must not be able to do.
//!
//! All of it is links and redirects, so it is the same without wasm.

import { lettersTo, letterTo } from '../support/letters.mjs';
import { Stranger, comeBy, forgetThere, leave, signInThere } from '../support/foreign.mjs';
import { Person } from '../support/people.mjs';
import { giveCode, giveCredentials, setUpSecondFactor } from '../support/steps.mjs';
import { HYDRATED, KEYBOARD, NO_WASM, PHONE, expect, test } from '../support/test.mjs';

const ALL = { tag: [HYDRATED, NO_WASM, PHONE, KEYBOARD] };
/** The living page, and the one without wasm: for what follows by the same links and pages from another beginning. */
const BOTH = { tag: [HYDRATED, NO_WASM] };
/** What the server decides after a redirect, and what is said of it in the same place each time. */
const ONE = { tag: [HYDRATED] };
const ELSEWHERE = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

test.skip(!process.env.GATEHOUSE_PROVIDER_URL, 'no provider runs beside the server');

test('somebody new comes in by a provider, leaves, and comes back', ALL, async ({ hands }) => {
  const stranger = new Stranger();
  await hands.go('/register');
  await comeBy(hands, stranger);
  await hands.see(`Welcome, ${stranger.name}`);
  const { text } = await letterTo(stranger.email, 'provider-opened');
  expect(text).toContain('Foreign says that it is yours');
  await leave(hands);
  await hands.go('/login?next=%2Fsettings');
  await hands.press(hands.link('Continue with Foreign'));
  await hands.see('Settings');
});

test('an account is connected after its owner signed in to it, signed in by it, and disconnected', BOTH, async ({ hands }) => {
  const stranger = new Stranger();
  const person = new Person();
  person.email = stranger.email;
  await person.join();

  await hands.go('/login');
  await comeBy(hands, stranger);
  await hands.see('Sign in');
  await expect(hands.page.getByText('There is an account with this address already.')).toBeVisible();
  await giveCredentials(hands, person);
  await hands.see('Security');
  await hands.press(hands.link('Connect Foreign'));
  await hands.see('Security');
  await expect(hands.page.getByText('It is connected, and can sign you in from now on.')).toBeVisible();
  await letterTo(person.email, 'provider-connected');

  await leave(hands);
  await hands.go('/login');
  await hands.press(hands.link('Continue with Foreign'));
  await hands.see(`Welcome, ${person.name}`);

  await hands.go('/account/security');
  await hands.press(hands.button(/^Disconnect/));
  await expect(hands.page.getByText('It is disconnected, and does not sign you in any more.')).toBeVisible();
  await letterTo(person.email, 'provider-disconnected');
  await leave(hands);
  await hands.go('/login');
  await hands.press(hands.link('Continue with Foreign'));
  await hands.see('Sign in');
  await expect(hands.page.getByText('There is an account with this address already.')).toBeVisible();
});

test('the last way to sign in stays', BOTH, async ({ hands, watch }) => {
  watch.expect(409, 'federation/disconnect');
  await hands.go('/login');
  await comeBy(hands, new Stranger());
  await hands.see(/^Welcome/);
  await hands.go('/account/security');
  await expect(hands.link('Set a password')).toBeVisible();
  await hands.press(hands.button(/^Disconnect/));
  await expect(hands.refusal).toContainText('only way to sign in');
});

test('a second factor is asked after a provider as well', BOTH, async ({ hands }) => {
  const stranger = new Stranger();
  await hands.go('/login');
  await comeBy(hands, stranger);
  await hands.see(`Welcome, ${stranger.name}`);
  const person = new Person();
  await setUpSecondFactor(hands, person);
  await leave(hands);
  await hands.go('/login');
  await hands.press(hands.link('Continue with Foreign'));
  await hands.see('Enter your code');
  await giveCode(hands, await person.phone.next());
  await hands.see(`Welcome, ${stranger.name}`);
});

test('who says no there is back at the door', BOTH, async ({ hands }) => {
  await hands.go('/login');
  await hands.press(hands.link('Continue with Foreign'));
  await hands.press(hands.button('Decline'));
  await hands.see('Sign in');
  await expect(hands.refusal).toContainText('you did not agree');
});

test('an address that the provider does not vouch for opens nothing', BOTH, async ({ hands }) => {
  const stranger = new Stranger('unverified');
  await hands.go('/login');
  await comeBy(hands, stranger);
  await hands.see('Sign in');
  await expect(hands.refusal).toContainText('has not confirmed your e-mail address');
  expect(await lettersTo(stranger.email)).toBe(0);
});

for (const fault of ['issuer', 'audience', 'nonce', 'expired', 'key', 'none', 'symmetric']) {
  test(`an ID token with a fault is refused: ${fault}`, ONE, async ({ hands, context }) => {
    await hands.go('/login');
    await comeBy(hands, new Stranger(fault));
    await hands.see('Sign in');
    await expect(hands.refusal).toContainText('could not be verified');
    expect((await context.cookies()).map(({ name }) => name)).not.toContain('__Host-gate');
  });
}

test('a provider may change its keys', ONE, async ({ hands }) => {
  const stranger = new Stranger('rotated');
  await hands.go('/login');
  await comeBy(hands, stranger);
  await hands.see(`Welcome, ${stranger.name}`);
});

test('a way back leads in once, unchanged, and only in the browser that left', BOTH, async ({ hands, another }) => {
  const stranger = new Stranger('paused');
  /** The address the provider sends the browser back to. */
  const wayBack = async () => {
    await forgetThere(hands);
    await hands.go('/login');
    await comeBy(hands, stranger);
    const link = hands.link('Back to the site');
    return new URL(await link.getAttribute('href') ?? '');
  };
  const refused = async (/** @type {typeof hands} */ who, /** @type {URL} */ url) => {
    await who.go(url.href);
    await who.see('Sign in');
    await expect(who.refusal).toBeVisible();
  };
  const good = await wayBack();
  const stranded = await another();
  await refused(stranded, good);
  await hands.press(hands.link('Back to the site'));
  await hands.see(`Welcome, ${stranger.name}`);
  await leave(hands);
  await refused(hands, good);

  for (const [name, value] of [['state', 'A'.repeat(43)], ['code', 'invented'], ['iss', 'https://evil.example']]) {
    const url = await wayBack();
    url.searchParams.set(name, value);
    await refused(hands, url);
  }
  const withoutCookie = await wayBack();
  await hands.page.context().clearCookies({ name: '__Host-gate-provider' });
  await refused(hands, withoutCookie);
});

test('a way to connect begins on a page of ours', BOTH, async ({ hands, member }) => {
  expect(member.email).toBeTruthy();
  // As a link in a letter or on another site would.
  await hands.go('/auth/foreign/start?link=1');
  await hands.see('Security');
  await hands.press(hands.link('Connect Foreign'));
  await signInThere(hands, new Stranger());
  await hands.see('Security');
  await expect(hands.button(/^Disconnect/)).toBeVisible();
});

test('without a password the provider says that it is still the same person', BOTH, async ({ context, hands, another }) => {
  const stranger = new Stranger();
  const elsewhere = await another({ userAgent: ELSEWHERE });
  await elsewhere.go('/login');
  await comeBy(elsewhere, stranger);
  await elsewhere.see(`Welcome, ${stranger.name}`);
  const cookies = await elsewhere.page.context().cookies();
  await context.addCookies(cookies.filter(({ name }) => name === '__Host-gate'));

  await hands.go('/account/security');
  await hands.see('Is it still you?');
  await hands.press(hands.link('Confirm with Foreign'));
  await signInThere(hands, new Stranger());
  await hands.see('Is it still you?');
  await expect(hands.refusal).toContainText('not the account at the provider');
  await forgetThere(hands);
  await hands.press(hands.link('Confirm with Foreign'));
  await signInThere(hands, stranger);
  await hands.see('Security');
});
