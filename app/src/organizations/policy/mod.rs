//! What an organization asks of its members beside their role.

pub mod api;
pub mod pages;
pub mod parts;
