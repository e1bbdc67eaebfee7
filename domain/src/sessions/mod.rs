//! Where a person is signed in, and how that ends.
//!
//! The browser holds one opaque cookie of 256 random bits; Postgres holds its hash and is asked on every request,
//! so that ending a session is true at once, everywhere. Each change of privilege gives a new secret.
//! A session is bound to the browser family and the networks in which its owner has proved who they are; elsewhere it is
//! good for nothing but a fresh proof.
//! Promise: a session cannot be fixed, guessed, or outlive the account's lock or password.

mod model;

#[cfg(feature = "server")]
mod device;
#[cfg(feature = "server")]
pub mod impersonation;
#[cfg(feature = "server")]
pub mod known_devices;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;

#[cfg(feature = "server")]
pub use device::describe;
pub use model::{Device, TrustedDevice};
#[cfg(feature = "server")]
pub use service::{Cookies, NewSession};
#[cfg(feature = "server")]
pub use store::Held;
