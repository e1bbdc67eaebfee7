//! What scripts show instead of a cookie.

pub mod api;
pub mod pages;
pub mod parts;
pub(crate) mod words;
