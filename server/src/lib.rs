//! The process: boot, configuration, layers, workers and the routes beside the application.
//!
//! Holds no rule, no SQL and no view of the application. `router.rs` shows every route and layer on one screen,
//! `config/` every key, `cli/` every command.

mod answer;
pub mod body_room;
pub mod boot;
pub mod cli;
pub mod config;
pub mod drawing_room;
pub mod endpoints;
mod html;
mod layers;
pub mod listen;
mod log;
pub mod router;
pub mod routes;
pub mod shutdown;
pub mod site;
pub mod state;
mod vault_keys;
pub mod workers;
