//! Finding people, locking and unlocking them.

pub mod api;
pub mod pages;
pub mod parts;
