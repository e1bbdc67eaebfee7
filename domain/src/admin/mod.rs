//! Finding people, locking and unlocking them.
//!
//! Promise: every act carries a reason and stands in the audit trail; nobody locks themselves out, and nobody locks
//! an administrator without being one, and of two who lock each other one stays.

mod model;

#[cfg(feature = "server")]
mod cursor;
#[cfg(feature = "server")]
pub mod reseal;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;

pub use model::{Sort, Status, UserRow};
