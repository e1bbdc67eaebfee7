//! Finding people, helping them, keeping them out, and giving them roles.
//!
//! Promise: every act carries a reason and stands in the audit trail; nobody locks themselves out, nobody touches staff
//! without being an administrator, and whatever two administrators do to each other or themselves, one stays.

mod model;

#[cfg(feature = "server")]
mod cursor;
#[cfg(feature = "server")]
pub mod reseal;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;

pub use model::{Factor, LockLine, LockOutcome, LockReport, Seen, Sort, Status, UserDetail, UserRow};
