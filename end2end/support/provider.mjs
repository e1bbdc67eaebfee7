//! A sign-in provider of other people, `oidc-provider`, and in front of it a thin proxy that builds faults into what it
//! says. Playwright starts it beside the tests; it ends with them.
//!
//! Somebody is who they say they are: an account is a name, and its address is that name at example.com. What is in front
//! of the first dot of the name chooses a fault, so that tests beside each other do not meet.

import { createServer, request as ask } from 'node:http';
import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { SignJWT, decodeJwt, exportJWK } from 'jose';
import { Provider } from 'oidc-provider';
import { ADDRESS, CLIENT, PROVIDER } from './environment.mjs';

const { port } = new URL(PROVIDER);

/** @param {string} kid */
async function keyPair(kid) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const known = { kid, alg: 'RS256', use: 'sig' };
  return { kid, privateKey, publicKey, secret: { ...await exportJWK(privateKey), ...known }, open: { ...await exportJWK(publicKey), ...known } };
}

const ours = await keyPair('first');
/** Published only once a token was signed by it: the reader has to look again. */
const next = await keyPair('next');
/** Published never. */
const foreign = await keyPair('first');
let isNextPublished = false;

const provider = new Provider(PROVIDER, {
  clients: [{
    client_id: CLIENT.id,
    client_secret: CLIENT.secret,
    redirect_uris: [`${ADDRESS}/auth/foreign/callback`],
    grant_types: ['authorization_code'],
    response_types: ['code'],
  }],
  jwks: { keys: [ours.secret] },
  cookies: { keys: [randomBytes(32).toString('hex')] },
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
  pkce: { methods: ['S256'], required: () => true },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_, { uid }) => `/interaction/${uid}` },
  findAccount: (_, accountId) => ({
    accountId,
    claims: () => ({
      sub: accountId, email: `${accountId}@example.com`, email_verified: fault(accountId) !== 'unverified',
      name: `Person ${accountId}`,
    }),
  }),
  // Whoever signs in agrees.
  loadExistingGrant: async ({ oidc }) => {
    const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
    grant.addOIDCScope('openid email profile');
    await grant.save();
    return grant;
  },
});

/** @param {string} account */
const fault = (account) => account.split('.')[0];

/** The page on which somebody says who they are. @param {string} uid */
const page = (uid) => `<!doctype html><html lang="en"><title>Provider</title><h1>Sign in at the provider</h1>
<form method="post" action="/interaction/${uid}">
<label>Account <input name="account"></label>
<button>Sign in there</button>
<button name="declined" value="1">Decline</button>
</form></html>`;

/** @param {import('node:http').IncomingMessage} req @param {import('node:http').ServerResponse} res */
async function interact(req, res) {
  if (req.method === 'GET') {
    const { uid } = await provider.interactionDetails(req, res);
    res.writeHead(200, { 'content-type': 'text/html' }).end(page(uid));
    return;
  }
  const form = new URLSearchParams((await read(req)).toString());
  const result = form.get('declined')
    ? { error: 'access_denied' }
    : { login: { accountId: form.get('account') ?? '' } };
  await provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false });
}

/** @param {import('node:stream').Readable} stream */
async function read(stream) {
  const parts = [];
  for await (const part of stream) parts.push(part);
  return Buffer.concat(parts);
}

/**
 * An ID token with its fault built in.
 * @param {string} token
 * @param {string} nameOfFault
 */
async function broken(token, nameOfFault) {
  const claims = decodeJwt(token);
  /** @param {object} changes @param {{kid: string, privateKey: import('node:crypto').KeyObject}} [key] */
  const signed = (changes, key = ours) => new SignJWT({ ...claims, ...changes })
    .setProtectedHeader({ alg: 'RS256', kid: key.kid }).sign(key.privateKey);
  const part = (/** @type {object} */ value) => Buffer.from(JSON.stringify(value)).toString('base64url');
  switch (nameOfFault) {
    case 'issuer': return signed({ iss: 'https://evil.example' });
    case 'audience': return signed({ aud: 'somebody-else' });
    case 'nonce': return signed({ nonce: 'of another sign-in' });
    case 'expired': return signed({ iat: Number(claims.iat) - 7200, exp: Number(claims.exp) - 7200 });
    case 'key': return signed({}, foreign);
    case 'rotated':
      isNextPublished = true;
      return signed({}, next);
    case 'none': return `${part({ alg: 'none' })}.${part(claims)}.`;
    case 'symmetric': {
      const message = `${part({ alg: 'HS256', kid: ours.kid })}.${part(claims)}`;
      const secret = ours.publicKey.export({ type: 'spki', format: 'pem' });
      return `${message}.${createHmac('sha256', secret).update(message).digest('base64url')}`;
    }
    default: return token;
  }
}

/** Interactions of people who want to see where they are sent back to. @type {Set<string>} */
const paused = new Set();

/**
 * Changes an answer of the provider on its way.
 * @param {{method?: string, url?: string, body: Buffer}} asked
 * @param {{status: number, headers: import('node:http').IncomingHttpHeaders, body: Buffer}} answer
 */
async function tamper(asked, answer) {
  const { pathname } = new URL(asked.url ?? '/', PROVIDER);
  const uid = pathname.split('/')[2] ?? '';
  if (pathname === '/token' && answer.status === 200) {
    const tokens = JSON.parse(answer.body.toString());
    tokens.id_token = await broken(tokens.id_token, fault(decodeJwt(tokens.id_token).sub ?? ''));
    return { ...answer, body: Buffer.from(JSON.stringify(tokens)) };
  }
  if (pathname === '/jwks' && isNextPublished) {
    const keys = JSON.parse(answer.body.toString());
    return { ...answer, body: Buffer.from(JSON.stringify({ keys: [...keys.keys, next.open] })) };
  }
  if (pathname.startsWith('/interaction/') && asked.method === 'POST') {
    const account = new URLSearchParams(asked.body.toString()).get('account') ?? '';
    if (fault(account) === 'paused') paused.add(uid);
  }
  const { location } = answer.headers;
  if (location?.startsWith(`${ADDRESS}/`) && paused.delete(uid)) {
    const link = location.replaceAll('&', '&amp;');
    const { location: _, ...headers } = answer.headers;
    const body = `<!doctype html><html lang="en"><title>Paused</title><a href="${link}">Back to the site</a></html>`;
    return { status: 200, headers: { ...headers, 'content-type': 'text/html' }, body: Buffer.from(body) };
  }
  return answer;
}

/**
 * Passes a request on as it is.
 * @param {import('node:http').IncomingMessage} req
 * @param {Buffer} body
 * @param {number} to the port behind
 * @returns {Promise<{status: number, headers: import('node:http').IncomingHttpHeaders, body: Buffer}>}
 */
const forward = ({ method, url, headers }, body, to) => new Promise((resolve, reject) => {
  const onward = ask({ host: '127.0.0.1', port: to, method, path: url, headers }, async (res) => {
    resolve({ status: res.statusCode ?? 502, headers: res.headers, body: await read(res) });
  });
  onward.on('error', reject).end(body);
});

const callback = provider.callback();
const behind = createServer((req, res) => {
  const isInteraction = req.url?.startsWith('/interaction/');
  Promise.resolve(isInteraction ? interact(req, res) : callback(req, res)).catch((error) => {
    res.writeHead(500).end(String(error));
  });
}).listen(0, '127.0.0.1');

createServer(async (req, res) => {
  // Browsers ask every site for a picture of it; this one has none.
  if (req.url === '/favicon.ico') {
    res.writeHead(204).end();
    return;
  }
  const body = await read(req);
  const address = /** @type {import('node:net').AddressInfo} */ (behind.address());
  const asked = { method: req.method, url: req.url, body };
  const answer = await tamper(asked, await forward(req, body, address.port));
  const { 'content-length': _, 'transfer-encoding': __, ...headers } = answer.headers;
  res.writeHead(answer.status, { ...headers, 'content-length': answer.body.length }).end(answer.body);
}).listen(Number(port), '127.0.0.1');
