//! Where a person is signed in, and how that ends.

pub mod api;
#[cfg(feature = "ssr")]
pub mod cookie;
pub mod pages;
pub mod parts;
