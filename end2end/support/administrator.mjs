//! Where the state of the administrator's browser is kept between the set-up and the tests.

import { STATE_FOLDER } from './environment.mjs';

/** Cookies of a signed-in administrator with a second factor. */
export const ADMINISTRATOR = `${STATE_FOLDER}administrator.json`;
