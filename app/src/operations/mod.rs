//! Long work: where it stands, and how it is ended or tried again.

pub mod api;
pub mod parts;
