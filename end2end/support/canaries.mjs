//! What no log may ever hold: secrets and addresses of a run, kept so that the log can be searched for them.

import { appendFile, mkdir, readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { MAIL_FOLDER, STATE_FOLDER } from './environment.mjs';

const FILE = join(STATE_FOLDER, 'canaries.txt');

/** Forgets those of an earlier run. */
export async function begin() {
  await mkdir(STATE_FOLDER, { recursive: true });
  await rm(FILE, { force: true });
}

/** Tests run in processes of their own. @param {...string} secrets */
export async function keep(...secrets) {
  await appendFile(FILE, secrets.map((secret) => `${secret}\n`).join(''));
}

/** Everything that was kept, and what the letters say: to whom they went, and the secrets of their links. */
export async function all() {
  const kept = (await readFile(FILE, 'utf8')).split('\n');
  const names = (await readdir(MAIL_FOLDER)).filter((name) => name.endsWith('.eml'));
  const letters = await Promise.all(names.map((name) => readFile(join(MAIL_FOLDER, name), 'utf8')));
  const said = letters.flatMap((text) => [
    ...[...text.matchAll(/^To: (.*?)\r?$/gmi)].map((found) => found[1]),
    ...[...text.matchAll(/[?&]token=([\w-]+)/g)].map((found) => found[1]),
  ]);
  return [...new Set([...kept, ...said])].filter(Boolean).map(String);
}
