//! What a form does when something is wrong, and what nobody can make it do.

import { Person, unique } from '../support/people.mjs';
import { lettersTo } from '../support/letters.mjs';
import { giveCode, giveCredentials } from '../support/steps.mjs';
import { forBrowser } from '../support/api.mjs';
import { HYDRATED, KEYBOARD, NO_WASM, expect, test } from '../support/test.mjs';

const BOTH = { tag: [HYDRATED, NO_WASM] };

test('problems are summarized on top, focused, linked to their fields, and what was typed is kept', {
  tag: [HYDRATED, NO_WASM, KEYBOARD],
}, async ({ hands, page, watch, way }) => {
  watch.expect(422, 'identity/register');
  await hands.go('/register');
  // Both pass the browser's own checks, so that the server has to refuse them.
  await hands.type(hands.field('Display name (optional)'), 'Somebody');
  await hands.type(hands.field('E-mail'), 'somebody@nowhere');
  await hands.type(hands.field('Password'), 'passwordpassword');
  await hands.press(hands.button('Create account'));

  const summary = hands.refusal;
  await expect(summary).toContainText('Some fields need another look');
  await expect(summary).toBeFocused();
  for (const [label, link] of [['E-mail', /^Email: /], ['Password', /^Password: /]]) {
    const field = hands.field(label);
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    const described = (await field.getAttribute('aria-describedby') ?? '').split(' ');
    const sentence = page.locator(`[id="${described[0]}"]`);
    await expect(sentence).toBeVisible();
    await expect(summary.getByRole('link', { name: link })).toContainText(await sentence.innerText());
  }
  await hands.press(summary.getByRole('link', { name: /^Password: / }));
  await expect(hands.field('Password')).toBeFocused();
  await expect(hands.field('E-mail')).toHaveValue('somebody@nowhere');
  await expect(hands.field('Display name (optional)')).toHaveValue('Somebody');
  await expect(hands.field('Display name (optional)')).not.toHaveAttribute('aria-invalid');
  // A page that was loaded anew must not have carried the password through anywhere.
  if (way === 'no-wasm') await expect(hands.field('Password')).toHaveValue('');
});

test('an unknown address and a wrong password are refused in the same words', BOTH, async ({ hands, page, watch }) => {
  watch.expect(401, 'identity/sign-in');
  const person = await new Person().join();
  const words = [];
  for (const email of [person.email, new Person().email]) {
    await hands.go('/login');
    await giveCredentials(hands, { email, password: 'not the password at all' });
    await expect(hands.refusal).toContainText('Address or password is wrong');
    await expect(hands.field('E-mail')).toHaveValue(email);
    words.push((await page.locator('main').innerText()).replaceAll(email, ''));
  }
  expect(words[0]).toBe(words[1]);
});

test('an unconfirmed account can ask for another letter where it is refused', BOTH, async ({ hands, page, watch }) => {
  watch.expect(403, 'identity/sign-in');
  const person = await new Person().register();
  await hands.go('/login');
  await giveCredentials(hands, person);
  await expect(page.getByText('your address is not confirmed yet')).toBeVisible();
  const again = page.getByRole('region', { name: 'A new letter' });
  await hands.type(again.getByLabel('E-mail'), person.email);
  await hands.press(again.getByRole('button', { name: 'Send a new letter' }));
  await expect(page.getByText('a new letter is on its way')).toBeVisible();
  await expect.poll(() => lettersTo(person.email)).toBe(2);
});

test('the letter can be asked for again right after registering', BOTH, async ({ hands, page }) => {
  const person = new Person();
  await hands.go('/register');
  await hands.type(hands.field('E-mail'), person.email);
  await hands.type(hands.field('Password'), person.password);
  await hands.press(hands.button('Create account'));
  await hands.see('Check your mail');
  await hands.press(page.getByText('No letter after a few minutes?'));
  await hands.type(hands.field('E-mail'), person.email);
  await hands.press(hands.button('Send a new letter'));
  await expect(page.getByText('a new letter is on its way')).toBeVisible();
});

test('the meter moves while a password is typed', { tag: HYDRATED }, async ({ hands, page }) => {
  await hands.go('/register');
  const meter = page.getByRole('meter', { name: 'Password strength' });
  const words = [];
  for (const password of ['short', 'kjwq plmx vbzt', 'seven green lanterns on a hill']) {
    await hands.field('Password').fill(password);
    words.push([await meter.evaluate((it) => /** @type {HTMLMeterElement} */ (it).value),
      await page.locator('.strength-words').innerText()]);
  }
  expect(words[0]).toEqual([1, 'Weak']);
  expect(Number(words[1]?.[0])).toBeGreaterThan(1);
  expect(words[2]).toEqual([4, 'Strong']);
});

test('what only the living page can do is not shown without wasm', { tag: NO_WASM }, async ({ hands, page }) => {
  await hands.go('/register');
  await expect(page.locator('[data-needs-wasm]').first()).toBeAttached();
  await expect(page.locator('[data-needs-wasm]:visible')).toHaveCount(0);
});

test('a password can be shown and hidden', { tag: HYDRATED }, async ({ hands }) => {
  await hands.go('/login');
  await hands.press(hands.button('Show password'));
  await expect(hands.field('Password')).toHaveAttribute('type', 'text');
  await hands.press(hands.button('Hide password'));
  await expect(hands.field('Password')).toHaveAttribute('type', 'password');
});

test('a code can be pasted as the authenticator shows it', BOTH, async ({ hands, page }) => {
  const person = await (await (await new Person().join()).signIn()).guard();
  await hands.go('/login');
  await giveCredentials(hands, person);
  await hands.see('Enter your code');
  await hands.press(page.getByText('Use a recovery code', { exact: true }));
  const code = await person.phone.next();
  await hands.type(hands.field('Recovery code'), `${code.slice(0, 3)} ${code.slice(3)}`);
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.press('ControlOrMeta+X');
  await hands.field('Code').focus();
  await page.keyboard.press('ControlOrMeta+V');
  await expect(hands.field('Code')).toHaveValue(`${code.slice(0, 3)} ${code.slice(3)}`);
  await hands.press(hands.button('Continue'));
  await hands.see(`Welcome, ${person.name}`);
});

test('a wrong code is refused and another try is possible', BOTH, async ({ hands, page, watch }) => {
  watch.expect(401, 'second-factor/verify');
  const person = await (await (await new Person().join()).signIn()).guard();
  await hands.go('/login');
  await giveCredentials(hands, person);
  await hands.see('Enter your code');
  await giveCode(hands, await person.phone.wrong());
  await expect(hands.refusal).toContainText('This code was refused');
  await giveCode(hands, await person.phone.next());
  await hands.see(`Welcome, ${person.name}`);
});

test('a forged way onward never leaves our own pages', BOTH, async ({ hands, page }) => {
  const person = await new Person().join();
  const origin = new URL((await page.goto('/login'))?.url() ?? '').origin;
  for (const next of ['//evil.example', 'https://evil.example/', '/\\evil.example', 'javascript:alert(1)']) {
    await page.context().clearCookies();
    await hands.go(`/login?next=${encodeURIComponent(next)}`);
    await giveCredentials(hands, person);
    await hands.see(`Welcome, ${person.name}`);
    expect(page.url(), next).toBe(`${origin}/`);
  }
});

test('forged errors in the address or in a cookie show nothing', BOTH, async ({ hands, page, context }) => {
  const words = `you were hacked ${unique()}`;
  const forged = JSON.stringify({ type: '/problems/internal', detail: words, message: words });
  const error = Buffer.from(forged).toString('base64url');
  const flash = JSON.stringify({ path: '/api/v1/identity/sign-in', outcome: { refused: words }, values: { email: words } });
  await context.addCookies([forBrowser(`__Host-gate-flash=${Buffer.from(flash).toString('base64url')}`)]);
  await hands.go(`/login?__path=%2Fapi%2Fv1%2Fidentity%2Fsign-in&__err=${error}&error=${encodeURIComponent(words)}`);
  await hands.see('Sign in');
  await expect(page.getByText(words)).toHaveCount(0);
  await expect(page.locator('.summary')).toBeEmpty();
  await expect(hands.field('E-mail')).toHaveValue('');
});

test('a second press while a request is under way sends nothing', { tag: HYDRATED }, async ({ hands, page }) => {
  let requests = 0;
  await page.route('**/api/v1/identity/forgot-password', async (route) => {
    requests += 1;
    await new Promise((done) => setTimeout(done, 600));
    await route.continue();
  });
  await hands.go('/forgot-password');
  await hands.type(hands.field('E-mail'), new Person().email);
  const button = page.locator('main form button[type="submit"]');
  await button.click();
  await expect(button).toHaveAttribute('aria-disabled', 'true');
  await button.click({ force: true });
  await expect(page.getByText('a letter with a link is on its way')).toBeVisible();
  expect(requests).toBe(1);
});
