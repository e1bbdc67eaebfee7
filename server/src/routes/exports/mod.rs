//! `/exports/…`: files that are too long to be made in memory, written as they are read.
//!
//! Promises: access, filters and the first page are decided before the first byte, so that a refusal is a refusal; a
//! failure after that breaks the connection, so that no cut file looks whole; memory does not grow with the file.

mod account;
mod audit;
mod csv;
mod invoices;
mod pages;
mod usage;

use axum::{Router, routing::get};

use crate::state::AppState;

/// Every export. Each is declared in `endpoints()` of its room, which the gate and the tests read.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route(app::identity::data_api::COPY, get(account::json))
        .route(app::audit::api::CSV, get(audit::csv))
        .route(app::audit::api::JSONL, get(audit::jsonl))
        .route(app::billing::api::LIST, get(invoices::list::csv))
        .route(app::spend::api::CSV, get(usage::csv))
        // One route for both: the router knows no part with an end.
        .route("/exports/invoices/{name}", get(invoices::file))
}
