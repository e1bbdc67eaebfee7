//! What a run is told from outside: where the server is, and where it leaves letters and the first link.

import { fileURLToPath } from 'node:url';

/** @param {string} name @param {string} fallback */
const variable = (name, fallback) => process.env[name] || fallback;

const root = fileURLToPath(new URL('../../', import.meta.url));

/** The server's address, without a slash at the end. */
export const ADDRESS = variable('GATEHOUSE_URL', 'http://127.0.0.1:3000').replace(/\/$/, '');

/** The sign-in provider beside the tests, which the server knows as `foreign`; on another host than the server. */
export const PROVIDER = variable('GATEHOUSE_PROVIDER_URL', 'http://localhost:3902').replace(/\/$/, '');

/** Who the server is to it. */
export const CLIENT = { id: 'gatehouse', secret: variable('GATEHOUSE_PROVIDER_SECRET', '') };

/** What stands in for the captcha of another site, and the servers that were told of it: one for which it is there, and one
 * that cannot have its tokens verified. */
export const WIDGET = {
  url: variable('GATEHOUSE_WIDGET_URL', 'http://localhost:3903').replace(/\/$/, ''),
  key: variable('GATEHOUSE_WIDGET_KEY', ''),
  secret: variable('GATEHOUSE_WIDGET_SECRET', ''),
  server: variable('GATEHOUSE_WIDGET_SERVER', ''),
  serverWithout: variable('GATEHOUSE_WIDGET_SERVER_WITHOUT', ''),
};

/** The server whose organizations can pay by card, at a stand-in for Stripe that tells it what happens. */
export const CARDS = variable('GATEHOUSE_STRIPE_SERVER', '');

/** The browser of the system: none is ever downloaded. */
export const CHROMIUM = variable('CHROMIUM', '/usr/bin/chromium-headless-shell');

/** What the browsers say they are; a call that prepares a session for one of them says the same. */
export const USER_AGENT =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0.0.0 Safari/537.36';

/** Letters, one `<id>.eml` each. The defaults are where `cargo xtask run` keeps its state. */
export const MAIL_FOLDER = variable('GATEHOUSE_MAIL_FOLDER', `${root}.gatehouse/mail`);

/** The file with the one-time link of the first administrator, alone on a line. */
export const FIRST_ADMIN_FILE = variable('GATEHOUSE_FIRST_ADMIN_FILE', `${root}.gatehouse/first-admin.txt`);

/** What the server writes while it runs, as JSON. */
export const LOG_FILE = variable('GATEHOUSE_LOG_FILE', '');

/** Where the administrator's browser state is kept for the tests that come after the set-up. */
export const STATE_FOLDER = fileURLToPath(new URL('../.state/', import.meta.url));
