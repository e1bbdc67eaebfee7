//! Where events are sent to, and what came of each.
//!
//! Its endpoints stand under `admin/`, because administrators alone call them.

pub mod api;
pub mod pages;
pub mod parts;
mod words;
