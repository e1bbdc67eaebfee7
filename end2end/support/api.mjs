//! Calls the endpoints as a script does, to prepare what a test is not about.

import { ADDRESS, USER_AGENT } from './environment.mjs';

/**
 * A POST with JSON.
 * @param {string} endpoint such as `identity/register`
 * @param {object} input
 * @param {{cookie?: string}} [session] the session's cookie, for acts of a person
 * @param {string} [userAgent] what the caller says it is; a session is bound to it
 */
export async function post(endpoint, input, { cookie } = {}, userAgent = USER_AGENT) {
  const headers = { 'content-type': 'application/json', accept: 'application/json', 'user-agent': userAgent };
  // With a session the server asks where a request comes from; browsers say it by themselves.
  if (cookie) Object.assign(headers, { cookie, origin: ADDRESS });
  const response = await fetch(`${ADDRESS}/api/v1/${endpoint}`, {
    method: 'POST', headers, body: JSON.stringify(input), redirect: 'manual',
  });
  const answer = await response.text();
  if (response.status >= 400) throw new Error(`${endpoint} answered ${response.status}: ${answer}`);
  return { answer: answer ? JSON.parse(answer) : null, cookie: sessionOf(response) ?? cookie };
}

/** A GET. @param {string} endpoint such as `identity/me` @param {{cookie?: string}} session the session's cookie */
export async function get(endpoint, { cookie }) {
  const headers = { accept: 'application/json', 'user-agent': USER_AGENT, origin: ADDRESS, cookie: cookie ?? '' };
  const response = await fetch(`${ADDRESS}/api/v1/${endpoint}`, { headers });
  if (response.status >= 400) throw new Error(`${endpoint} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

/** The session's cookie as `name=value`. @param {Response} response */
function sessionOf(response) {
  const kept = response.headers.getSetCookie().find((line) => /^__Host-gate=[^;]/.test(line));
  return kept?.split(';')[0];
}

/** The cookie for a browser's context. @param {string} cookie `name=value` */
export function forBrowser(cookie) {
  const at = cookie.indexOf('=');
  return {
    name: cookie.slice(0, at), value: cookie.slice(at + 1), domain: new URL(ADDRESS).hostname, path: '/',
    secure: true, httpOnly: true, sameSite: /** @type {const} */ ('Lax'),
  };
}
