//! What happened, by whom.

pub mod api;
pub mod pages;
pub mod parts;
