//! Finding people, helping them, keeping them out, and giving them roles.

pub mod api;
pub mod pages;
pub mod parts;
