//! What an organization has taken, what it owes, and what those who look after money do about it.
//!
//! What is done for the whole site stands under `admin/`.

pub mod admin_api;
pub mod api;
pub mod methods_api;
pub mod pages;
pub mod parts;
#[cfg(feature = "ssr")]
pub mod payments;
mod words;
