//! One-time codes by an independent program: `oathtool` shares no line with the server.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { keep } from './canaries.mjs';

const run = promisify(execFile);

/** RFC 6238: a code belongs to a step of so many seconds. */
const STEP_S = 30;
/** A code must not grow too old between being read and being typed. */
const MARGIN_S = 8;

/** An authenticator as on a person's phone. */
export class Authenticator {
  #secret;
  #last = 0;

  /** @param {string} secret in base 32, spaces allowed */
  constructor(secret) {
    this.#secret = secret.replace(/\s/g, '');
  }

  /** The secret, without spaces. */
  get secret() {
    return this.#secret;
  }

  /**
   * A code that was not given before. Each counts once and the server takes the step before and the step after the
   * present one: three codes are there without waiting, after that each costs a step.
   */
  async next() {
    const oldest = Math.floor((Date.now() / 1000 + MARGIN_S) / STEP_S) - 1;
    const step = Math.max(this.#last + 1, oldest);
    const wait = (step - 1) * STEP_S * 1000 - Date.now();
    if (wait > 0) await sleep(wait + 250);
    this.#last = step;
    return this.#at(step);
  }

  /** A code that is none: no step near the present one has it. */
  async wrong() {
    const now = Math.floor(Date.now() / 1000 / STEP_S);
    const near = await Promise.all([-2, -1, 0, 1, 2].map((away) => this.#at(now + away)));
    return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !near.includes(code)) ?? '';
  }

  /** @param {number} step */
  async #at(step) {
    const { stdout } = await run('oathtool', ['--totp', '-b', `--now=@${step * STEP_S}`, this.#secret]);
    const code = stdout.trim();
    await keep(code);
    return code;
  }
}
