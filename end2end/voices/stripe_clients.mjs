//! Stripe's client for JavaScript drives the stand-in of our tests, and signs events that our server must take or refuse.
//! `stripe_clients.py` starts it.

import assert from 'node:assert/strict';
import process from 'node:process';

import Stripe from 'stripe';

const PEER = new URL(process.env.STRIPE_PEER_URL ?? 'http://127.0.0.1:12111');
const SITE = process.env.GATEHOUSE_URL ?? 'http://127.0.0.1:3000';
// That of every server in development.
const SECRET = 'whsec_development';

const stripe = new Stripe('sk_test_voices', {
  host: PEER.hostname, port: PEER.port, protocol: 'http', maxNetworkRetries: 2, telemetry: false,
});

const customer = await stripe.customers.create({ name: 'Voice', metadata: { a: '1' } }, { idempotencyKey: 'voice-1' });
const again = await stripe.customers.create({ name: 'Voice', metadata: { a: '1' } }, { idempotencyKey: 'voice-1' });
assert.equal(again.id, customer.id);
await assert.rejects(stripe.customers.create({ name: 'Other' }, { idempotencyKey: 'voice-1' }), { type: 'StripeIdempotencyError' });
await assert.rejects(stripe.customers.retrieve('cus_nobody'), { code: 'resource_missing', statusCode: 404 });

const card = await stripe.paymentMethods.attach('pm_card_visa', { customer: customer.id });
await stripe.customers.update(customer.id, { invoice_settings: { default_payment_method: card.id } });
const price = await stripe.prices.create({
  currency: 'usd', unit_amount: 700, recurring: { interval: 'month' }, product_data: { name: 'Voice' },
});
const begun = await stripe.subscriptions.create({
  customer: customer.id, items: [{ price: price.id, quantity: 2 }], expand: ['latest_invoice'],
});
assert.deepEqual([begun.status, begun.latest_invoice.total], ['active', 1400]);
const ending = await stripe.subscriptions.update(begun.id, { cancel_at_period_end: true });
assert.equal(ending.cancel_at, ending.items.data[0].current_period_end);

const kinds = new Set();
let count = 0;
for await (const event of stripe.events.list({ limit: 3 })) {
  kinds.add(event.type);
  count += 1;
}
assert.ok(kinds.has('invoice.paid') && kinds.has('customer.subscription.updated'), [...kinds].join());

// Our server verifies as the library does.
const payload = JSON.stringify({
  id: 'evt_voice', object: 'event', type: 'customer.updated', created: 1, data: { object: { id: customer.id, object: 'customer' } },
});
const sign = (options) => stripe.webhooks.generateTestHeaderString({ payload, secret: SECRET, ...options });
const now = Math.floor(Date.now() / 1000);
assert.equal(await send(sign({})), 200);
assert.equal(await send(sign({})), 200);
const forgeries = [
  sign({ secret: 'whsec_other' }), sign({ timestamp: now - 310 }), sign({ timestamp: now + 310 }), sign({ scheme: 'v0' }), '',
];
for (const forged of forgeries) {
  assert.equal(await send(forged), 400, forged);
}
assert.equal(await send(sign({}), `${payload} `), 400);
console.log(`stripe for JavaScript drove the stand-in and read ${count} events; the server took what it signed and refused ${forgeries.length + 1} forgeries`);

/** What our server says to an event. */
async function send(signature, body = payload) {
  const headers = { 'content-type': 'application/json', 'stripe-signature': signature };
  return (await fetch(`${SITE}/webhooks/stripe`, { method: 'POST', headers, body })).status;
}
