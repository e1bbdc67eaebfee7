//! Reads the letters the server wrote, as the owner of the mailbox would.

import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MAIL_FOLDER } from './environment.mjs';

/** Letters leave by a worker, after the request was answered. */
const PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 50;

/** Letters read before, by file name: they never change. @type {Map<string, string>} */
const known = new Map();
/** Letters that were handed out: each is opened once. @type {Set<string>} */
const opened = new Set();

/**
 * Waits for the next letter of a kind to an address.
 * @param {string} address
 * @param {'verify-email' | 'already-registered' | 'reset-password' | 'password-changed' | 'confirm-email'
 *   | 'email-change-asked' | 'email-changed' | 'email-put-back' | 'deletion-asked' | 'account-kept' | 'data-ready' | 'invitation'
 *   | 'new-device' | 'provider-opened' | 'provider-connected' | 'provider-disconnected'
 *   | 'looked-at' | 'organization-invitation' | 'organization-deletion-asked' | 'organization-transferred'
 *   | 'spend-warning' | 'spend-cap-reached' | 'invoice-issued' | 'invoice-overdue'} kind
 * @returns {Promise<{text: string, path: string, token: string}>} the text, the path of its link, the link's token
 */
export async function letterTo(address, kind) {
  const deadline = Date.now() + PATIENCE_MS;
  while (Date.now() < deadline) {
    const found = (await letters()).find(([name, text]) => !opened.has(name) && isFor(text, address, kind));
    if (found) {
      opened.add(found[0]);
      return read(found[1]);
    }
    await sleep(LOOK_EVERY_MS);
  }
  throw new Error(`no letter ${kind} to ${address} within ${PATIENCE_MS} ms`);
}

/**
 * How many letters came to an address so far.
 * @param {string} address
 */
export async function lettersTo(address) {
  return (await letters()).filter(([, text]) => header(text, 'To') === address).length;
}

/** Names begin with the time they were written, so that their order is the order of the letters. */
async function letters() {
  const names = (await readdir(MAIL_FOLDER).catch(() => [])).filter((name) => name.endsWith('.eml')).sort();
  for (const name of names.filter((name) => !known.has(name))) {
    known.set(name, await readFile(join(MAIL_FOLDER, name), 'utf8'));
  }
  return names.map((name) => /** @type {[string, string]} */ ([name, known.get(name) ?? '']));
}

/** @param {string} text @param {string} address @param {string} kind */
const isFor = (text, address, kind) => header(text, 'To') === address && header(text, 'X-Gatehouse-Kind') === kind;

/** @param {string} text @param {string} name */
const header = (text, name) => text.match(new RegExp(`^${name}: (.*)\\r?$`, 'mi'))?.[1]?.trim();

/** @param {string} letter */
function read(letter) {
  const text = letter.split(/content-type: text\/html/i)[0];
  const link = new URL(text.match(/^https?:\/\/\S+/m)?.[0] ?? 'http://no.link/');
  return { text, path: link.pathname + link.search, token: link.searchParams.get('token') ?? '' };
}
