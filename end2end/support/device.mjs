//! A device that keeps passkeys, as Chromium plays one for tests (WebAuthn level 3, §11).

import { ADDRESS } from './environment.mjs';

/** Browsers keep passkeys for names and not for numbers; this machine has one. */
export const NAMED = ADDRESS.replace('//127.0.0.1', '//localhost');

/** Its owner is there and shows a finger, unless a test says otherwise. */
const OPTIONS = {
  protocol: /** @type {const} */ ('ctap2'), transport: /** @type {const} */ ('internal'), hasResidentKey: true,
  hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true,
};

/** The device of one page. */
export class Device {
  #session;
  #id;

  /** @param {import('@playwright/test').CDPSession} session @param {string} id */
  constructor(session, id) {
    this.#session = session;
    this.#id = id;
  }

  /** Plugs one in. @param {import('@playwright/test').Page} page */
  static async of(page) {
    const session = await page.context().newCDPSession(page);
    await session.send('WebAuthn.enable');
    const { authenticatorId } = await session.send('WebAuthn.addVirtualAuthenticator', { options: OPTIONS });
    return new Device(session, authenticatorId);
  }

  /** Whether the finger is the owner's from now on. @param {boolean} isOwner */
  async recognizes(isOwner) {
    await this.#session.send('WebAuthn.setUserVerified', { authenticatorId: this.#id, isUserVerified: isOwner });
  }

  /** Takes over what another device keeps. @param {Device} other */
  async copies(other) {
    const { credentials } = await other.#session.send('WebAuthn.getCredentials', { authenticatorId: other.#id });
    for (const credential of credentials) {
      await this.#session.send('WebAuthn.addCredential', { authenticatorId: this.#id, credential });
    }
  }
}

/**
 * Takes away what a browser offers by itself: a device that answers without being asked would be faster than any hand.
 * @param {import('@playwright/test').BrowserContext} context
 */
export async function offerNothing(context) {
  await context.addInitScript(() => {
    // @ts-expect-error: every browser has it, and this one loses it.
    if (window.PublicKeyCredential) delete PublicKeyCredential.isConditionalMediationAvailable;
  });
}
