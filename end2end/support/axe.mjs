//! axe-core in the page, as text: the content security policy lets no script of ours in, and need not.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Levels A and AA of WCAG 2.0, 2.1 and 2.2: the tags do not include each other. */
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/**
 * What axe finds on the page as it is now, one line for each rule that is broken.
 * @param {import('@playwright/test').Page} page
 * @param {{only?: string[]}} [options] only these rules, for a look at one thing again
 * @returns {Promise<string[]>}
 */
export async function violations(page, { only } = {}) {
  const isThere = await page.evaluate(() => 'axe' in window);
  if (!isThere) await page.evaluate(SOURCE);
  const options = only
    ? { runOnly: { type: 'rule', values: only } }
    // Part of WCAG 2.2, but off unless it is asked for by name.
    : { runOnly: { type: 'tag', values: TAGS }, rules: { 'target-size': { enabled: true } } };
  return page.evaluate(async (/** @type {object} */ chosen) => {
    // @ts-expect-error: put into the page by the line above.
    const { violations } = await window.axe.run(document, { ...chosen, resultTypes: ['violations'] });
    return violations.map((/** @type {any} */ { id, help, nodes }) => {
      const where = nodes.slice(0, 3).map((/** @type {any} */ node) => `${node.target.join(' ')} (${node.failureSummary})`);
      return `${id}: ${help}: ${where.join('; ')}`;
    });
  }, options);
}
