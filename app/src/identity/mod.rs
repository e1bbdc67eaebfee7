//! Register, verify, sign in, reset, profile; the front page.

pub mod api;
pub mod data_api;
pub mod pages;
pub mod parts;
mod words;
