//! After everything else: what the server wrote of it.

import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { all } from '../support/canaries.mjs';
import { LOG_FILE } from '../support/environment.mjs';

/** @returns {Promise<string[]>} */
async function lines() {
  return (await readFile(LOG_FILE, 'utf8')).split('\n').filter(Boolean);
}

test('no secret and no address stands in the log', async () => {
  test.skip(LOG_FILE === '', 'the log is where the server was started');
  const [log, canaries] = [(await lines()).join('\n'), await all()];
  expect(canaries.length).toBeGreaterThan(100);
  // Six digits are found in numbers as well: in times, durations and ids.
  const isIn = (/** @type {string} */ secret) => /^\d{6}$/.test(secret)
    ? new RegExp(`(?<![\\w.-])${secret}(?![\\w.-])`).test(log)
    : log.includes(secret) || log.includes(encodeURIComponent(secret));
  expect(canaries.filter(isIn)).toEqual([]);
  // What was typed or given without being kept: passwords of the tests' people, tokens by what they begin with.
  expect(log).not.toMatch(/kept by|gate_[A-Za-z0-9]|gater_|eyJ[A-Za-z0-9]/);
});

test('each line is JSON, and each request was answered once', async () => {
  test.skip(LOG_FILE === '', 'the log is where the server was started');
  const events = (await lines()).map((line) => JSON.parse(line));
  const answered = events.filter((event) => event.message === 'answered').map((event) => event.span['request.id']);
  expect(answered.length).toBeGreaterThan(100);
  expect(new Set(answered).size).toBe(answered.length);
});
