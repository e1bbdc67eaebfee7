//! Roles: made, given, tried out; and who may do what, and why.

pub mod api;
pub mod pages;
pub mod parts;
mod words;
