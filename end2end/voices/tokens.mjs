//! jose verifies an access token by the published keys, as a program beside Gatehouse would, and refuses forgeries; so does
//! the server. `tokens.py` starts it.

import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import process from 'node:process';

import { SignJWT, UnsecuredJWT, createLocalJWKSet, createRemoteJWKSet, decodeJwt, decodeProtectedHeader,
  exportJWK, exportSPKI, generateKeyPair, importJWK, jwtVerify } from 'jose';

const SITE = process.env.GATEHOUSE_URL ?? 'http://127.0.0.1:3000';
const TOKEN = process.env.GATEHOUSE_ACCESS_TOKEN ?? '';
const KEYS = new URL(`${SITE}/.well-known/jwks.json`);
const OTHER = '00000000-0000-7000-8000-000000000000';
const RULES = { issuer: SITE, audience: SITE, algorithms: ['ES256'], typ: 'at+jwt', requiredClaims: ['exp', 'nbf', 'sub'] };

const keys = createRemoteJWKSet(KEYS);
const { payload, protectedHeader } = await jwtVerify(TOKEN, keys, RULES);
assert.deepEqual(Object.keys(protectedHeader).sort(), ['alg', 'kid', 'typ']);
assert.equal(payload.exp - payload.iat, 900);
const asked = await ask(TOKEN);
assert.equal((await asked.json()).id, payload.sub);

const set = await (await fetch(KEYS)).json();
const header = decodeProtectedHeader(TOKEN);
const claims = decodeJwt(TOKEN);
const { privateKey, publicKey } = await generateKeyPair('ES256');
const sign = (changes, key = privateKey, changed = claims) =>
  new SignJWT(changed).setProtectedHeader({ ...header, ...changes }).sign(key);
const publicText = await exportSPKI(await importJWK(set.keys[0], 'ES256', { extractable: true }));
const secret = Buffer.from(publicText);
const [, body] = TOKEN.split('.');

const forgeries = {
  'without a signature': new UnsecuredJWT(claims).encode(),
  'HS256 with the public key': await sign({ alg: 'HS256' }, secret),
  'signed by somebody else': await sign({}),
  'with a key of its own': await sign({ jwk: await exportJWK(publicKey) }),
  'with an address of keys': await sign({ jku: 'https://evil.example/jwks.json' }),
  'with another key\'s name': await sign({ kid: OTHER }),
  'for another audience': await sign({}, privateKey, { ...claims, aud: 'https://other.example' }),
  'expired': await sign({}, privateKey, { ...claims, exp: claims.iat - 3600 }),
  'with a critical extension': `${Buffer.from(JSON.stringify({ ...header, crit: ['x'], x: 1 })).toString('base64url')}.${body}.AA`,
};
const local = createLocalJWKSet(set);
for (const [name, forged] of Object.entries(forgeries)) {
  await assert.rejects(jwtVerify(forged, local, RULES), undefined, `jose takes a token ${name}`);
  const answer = await ask(forged);
  assert.equal(answer.status, 401, `the server takes a token ${name}`);
  assert.equal(answer.headers.get('www-authenticate'), 'Bearer error="invalid_token"', name);
}
const later = new Date((claims.exp + 60) * 1000);
await assert.rejects(jwtVerify(TOKEN, local, { ...RULES, currentDate: later }), { code: 'ERR_JWT_EXPIRED' });
await assert.rejects(jwtVerify(TOKEN, local, { ...RULES, audience: 'https://other.example' }));
console.log(`jose verified an access token; ${Object.keys(forgeries).length} forgeries were refused by it and by the server`);

/** Who the server says it is. */
function ask(token) {
  return fetch(`${SITE}/api/v1/identity/me`, { headers: { authorization: `Bearer ${token}` } });
}
