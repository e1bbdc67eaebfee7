//! Passkeys (WebAuthn): keys that a device or a password manager keeps, and that open nothing but this very site.
//!
//! The device asks for a finger, a face or a PIN before it signs, so a passkey proves two factors by itself: it is a whole
//! sign-in, the second half of one, and a fresh proof.
//! Promise: what a browser answers is believed once, within five minutes, from the browser that was asked, for the very
//! thing that was asked; a key belongs to one account; a counter that goes back is refused and told to the owner.

mod relying_party;
pub mod service;
mod store;
