//! Organizations: mine, one and its members, who is invited, its end; and all of them for those who look after the site.
//!
//! Every page of an organization stands in [`parts::OrganizationFrame`], which other rooms use for theirs.

pub mod api;
pub mod groups;
pub mod member_api;
pub mod pages;
pub mod parts;
pub mod policy;
pub mod roles;
mod words;
