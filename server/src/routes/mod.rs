//! Routes beside the application: health, files, descriptions for machines and people.

pub(crate) mod api_page;
pub(crate) mod dev_mail;
pub(crate) mod exports;
pub(crate) mod federation;
pub(crate) mod files;
pub(crate) mod health;
pub(crate) mod metrics;
pub mod openapi;
pub(crate) mod problem_pages;
pub(crate) mod stripe;
pub(crate) mod theme;
pub(crate) mod well_known;
