//! What is paid, and by whom.

#[cfg(feature = "server")]
pub mod stripe;
