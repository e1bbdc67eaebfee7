//! Register, verify, sign in, reset, profile; the front page.

pub mod api;
pub mod pages;
pub mod parts;
mod words;
