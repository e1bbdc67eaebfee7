//! The second proof of a sign-in: codes from an authenticator (RFC 6238), recovery codes, and passkeys, which can be the
//! whole of it.
//!
//! The second factor is on while there is an authenticator or a passkey; with the first of them come recovery codes, with
//! the last they go.
//! Promise: each code is accepted once, even when it arrives twenty times at the same moment; the secret lies sealed
//! at rest; recovery codes hold 120 random bits and only their hash is kept.

mod model;

#[cfg(feature = "server")]
mod copy;
#[cfg(feature = "server")]
pub mod passkeys;
#[cfg(feature = "server")]
mod qr;
#[cfg(feature = "server")]
mod recovery;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;
#[cfg(feature = "server")]
mod totp;

#[cfg(feature = "server")]
pub(crate) use copy::copy_of;
pub use model::{Ceremony, Passkey, PasskeyAdded, PasskeyName, RecoveryCodes, Setup, State, Ways};
