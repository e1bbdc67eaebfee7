//! Listens to everything a page complains about. A test that passes while the console shows an error has failed.

const RECORD = `
  addEventListener('securitypolicyviolation', (event) => {
    console.error('content security policy: ' + event.violatedDirective + ' blocked ' + event.blockedURI);
  });`;

/** What the start script says when the browser half could not begin. */
const NOT_ALIVE = 'The page stays as the server sent it';

/** Everything that went wrong in the contexts it looks over. */
export class Watch {
  /** @type {string[]} */
  #complaints = [];
  /** @type {RegExp[]} */
  #expected = [];

  /** @param {import('@playwright/test').BrowserContext} context */
  async over(context) {
    await context.addInitScript(RECORD);
    context.on('console', (message) => {
      const isError = message.type() === 'error' || message.text().includes(NOT_ALIVE);
      if (isError) this.#complaints.push(`console: ${message.text()} (${message.location().url})`);
    });
    context.on('weberror', (error) => this.#complaints.push(`page error: ${error.error().message}`));
    context.on('response', (response) => {
      if (response.status() >= 500) this.#complaints.push(`answer ${response.status()} from ${response.url()}`);
    });
  }

  /**
   * A refusal the test brings about on purpose: the browser writes an error for each answer from 400 on.
   * @param {number} status
   * @param {string} path the end or a part of the address
   */
  expect(status, path) {
    const escaped = path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    this.#expected.push(new RegExp(`the server responded with a status of ${status}\\b.*${escaped}`));
  }

  /** Anything else the test brings about on purpose. @param {RegExp} words */
  expectWords(words) {
    this.#expected.push(words);
  }

  /** What nobody expected. */
  unexpected() {
    return this.#complaints.filter((words) => !this.#expected.some((pattern) => pattern.test(words)));
  }
}
