//! An administrator sends events to a program of their own, sees what arrived, and sends it once more.

import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import { freshHands } from '../support/administrator.mjs';
import { keep } from '../support/canaries.mjs';
import { unique } from '../support/people.mjs';
import { HYDRATED, KEYBOARD, NO_WASM, PHONE, expect, test } from '../support/test.mjs';

/** @typedef {{id: string, signatures: string[], at: string, body: string}} Message */
/** @typedef {import('../support/hands.mjs').Hands} Hands */

const ALL = { tag: [HYDRATED, NO_WASM, PHONE, KEYBOARD] };

/** A receiver on this machine, which the development profile allows. */
class Receiver {
  /** @type {Message[]} */
  seen = [];
  status = 200;

  /** @returns the address it listens at */
  async open() {
    this.server = createServer(async (request, response) => {
      const parts = [];
      for await (const part of request) parts.push(part);
      const header = (/** @type {string} */ name) => String(request.headers[name]);
      const signatures = header('webhook-signature').split(' ');
      const body = Buffer.concat(parts).toString();
      this.seen.push({ id: header('webhook-id'), at: header('webhook-timestamp'), signatures, body });
      response.writeHead(this.status).end('seen');
    });
    await new Promise((resolve) => { this.server?.listen(0, '127.0.0.1', () => resolve(null)); });
    const address = /** @type {import('node:net').AddressInfo} */ (this.server.address());
    return `http://127.0.0.1:${address.port}/${unique()}`;
  }

  close() {
    this.server?.closeAllConnections();
    this.server?.close();
  }

  /** What came of a type about a webhook; other journeys make theirs beside this one. @param {string} type @param {string} id */
  of(type, id) {
    const is = (/** @type {{type: string, data: {target?: string, webhook_id?: string}}} */ { type: found, data }) =>
      found === type && (data.target === `webhook:${id}` || data.webhook_id === id);
    return this.seen.filter(({ body }) => is(JSON.parse(body)));
  }

  /** Waits for a message of a type about a webhook. @param {string} type @param {string} id */
  async get(type, id) {
    const find = () => this.of(type, id)[0];
    await expect.poll(() => Boolean(find()), { message: `a message of the type ${type}` }).toBe(true);
    return /** @type {Message} */ (find());
  }
}

/** Whether one of its signatures is by this secret. @param {Message} message @param {string} secret */
function isSigned({ id, at, signatures, body }, secret) {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  return signatures.includes(`v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`);
}

/** Reads the secret that is shown once. @param {Hands} hands */
async function secretOf(hands) {
  const shown = hands.page.getByRole('region', { name: 'secret', exact: true });
  await expect(shown).toHaveText(/^\s*whsec_[0-9A-Za-z+/]{43}=\s*$/);
  const secret = (await shown.innerText()).trim();
  await keep(secret);
  return secret;
}

test('a webhook is made, tested, paused, given another secret, and removed', ALL, async ({ another }) => {
  test.setTimeout(120_000);
  const receiver = new Receiver();
  const url = await receiver.open();
  const hands = await freshHands(another);
  const { page } = hands;
  try {
    await hands.go('/admin/webhooks');
    await hands.type(hands.field('URL'), url);
    await hands.type(hands.field('Events'), 'webhooks');
    await hands.press(hands.button('Make webhook'));
    const first = await secretOf(hands);
    await hands.press(hands.link('Open this webhook'));
    await hands.see('Webhook');
    const id = new URL(page.url()).pathname.split('/').at(-1) ?? '';
    const made = await receiver.get('webhooks.made', id);
    expect(isSigned(made, first)).toBe(true);
    await expect(page.getByRole('region', { name: 'secret', exact: true }), 'it is shown once').toHaveCount(0);
    await hands.press(hands.button('Send a test'));
    await expect(page.getByText('A test is on its way.')).toBeVisible();
    expect(isSigned(await receiver.get('webhooks.test', id), first)).toBe(true);

    await hands.press(hands.button('Make a new secret'));
    const second = await secretOf(hands);
    const rotated = await receiver.get('webhooks.secret-rotated', id);
    expect([isSigned(rotated, first), isSigned(rotated, second)], 'both sign for a day').toEqual([true, true]);

    await hands.press(hands.button('Pause'));
    await expect(hands.button('Resume')).toBeVisible();
    await hands.press(hands.button('Resume'));
    await expect(hands.button('Pause')).toBeVisible();

    await hands.press(hands.link(`webhooks.made entry ${JSON.parse(made.body).data.seq}`));
    const peek = page.getByRole('region', { name: 'Delivery of webhooks.made' });
    await expect(peek).toContainText('Status 200');
    await hands.press(peek.getByRole('button', { name: 'Send it once more' }));
    await expect(page.getByText('1 delivery is sent once more.')).toBeVisible();
    await expect.poll(() => receiver.of('webhooks.made', id).map((message) => message.id), 'under the same id')
      .toEqual([made.id, made.id]);

    await hands.press(hands.button('Remove the webhook'));
    await expect(page.getByText('The webhook is removed.')).toBeVisible();
    await expect(page.getByText(url)).toHaveCount(0);
  } finally {
    receiver.close();
  }
});

test('an address inside the network is refused at its field, and what was typed is kept', {
  tag: [HYDRATED, NO_WASM],
}, async ({ another, watch }) => {
  watch.expect(422, 'admin/create-webhook');
  const hands = await freshHands(another);
  await hands.go('/admin/webhooks');
  await hands.type(hands.field('URL'), 'https://169.254.169.254/latest');
  await hands.press(hands.button('Make webhook'));
  await expect(hands.refusal).toContainText('URL: This address is inside a private network.');
  await expect(hands.field('URL')).toHaveValue('https://169.254.169.254/latest');
});
