//! The groups of an organization: the tree, and who is in it.

pub mod api;
pub mod pages;
pub mod parts;
mod words;
