//! The second proof of a sign-in: codes from an authenticator, recovery codes.

pub mod api;
pub mod pages;
pub mod parts;
mod words;
