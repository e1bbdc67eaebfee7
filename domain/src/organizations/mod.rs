//! Whose everything is: organizations and what is in them.

pub mod groups;
pub mod policy;
pub mod roles;
