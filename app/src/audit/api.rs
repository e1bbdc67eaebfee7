//! The endpoints of this room. Each names the access it needs, calls the service, and does nothing else.
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]

use domain::{
    Page,
    audit::{ChainReport, Entry},
};
use leptos::{
    server,
    server_fn::codec::{GetUrl, PostUrl},
};

use crate::error::Problem;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::caller,
        endpoint::{Endpoint, Rate},
    },
    domain::{
        access::{Need, SiteAction},
        audit::service::{self, Filters, Query},
    },
};

/// The entries that match.
#[server(prefix = "/api/v1", endpoint = "audit/entries", input = GetUrl)]
pub async fn list_entries(
    actor: Option<String>,
    action: Option<String>,
    target: Option<String>,
    from: Option<String>,
    to: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
) -> Result<Page<Entry>, Problem> {
    let grant = caller()?.may(SiteAction::ReadAudit)?;
    Ok(service::entries(&grant, Query { actor, action, target, from, to, limit, cursor }).await?)
}

/// One entry, whole.
#[server(prefix = "/api/v1", endpoint = "audit/entry", input = GetUrl)]
pub async fn read_entry(#[server(default)] seq: String) -> Result<Entry, Problem> {
    let grant = caller()?.may(SiteAction::ReadAudit)?;
    Ok(service::entry(&grant, &seq).await?)
}

/// Checks that nobody tampered with the trail.
#[server(prefix = "/api/v1", endpoint = "audit/verify-chain", input = PostUrl)]
pub async fn verify_chain() -> Result<ChainReport, Problem> {
    let grant = caller()?.may(SiteAction::VerifyAudit)?;
    Ok(service::verify_chain(&grant).await?)
}

/// The trail as a file for spreadsheets; written by a route of the server.
pub const CSV: &str = "/exports/audit.csv";
/// The trail as a file for programs; written by a route of the server.
pub const JSONL: &str = "/exports/audit.jsonl";

/// Reading the whole trail is work: as often as checking it.
#[cfg(feature = "ssr")]
fn export(path: &'static str, media_type: &'static str, summary: &'static str) -> Endpoint {
    let need = Need::Site(SiteAction::ReadAudit);
    Endpoint::file::<Filters>("audit", path, media_type, need, Rate::SignIn, summary)
}

/// Who may call what in this room.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::of::<ListEntries, GetUrl>(
            Need::Site(SiteAction::ReadAudit),
            Rate::Read,
            "What happened, the newest first: by `actor` (id or address), `action` (one, or all of a room), `target`, and \
             time (`from`, `to`).",
        ),
        Endpoint::of::<ReadEntry, GetUrl>(
            Need::Site(SiteAction::ReadAudit),
            Rate::Read,
            "One entry of the trail by its number.",
        )
        .with_problems(&["not-found"]),
        export(CSV, "text/csv", "The entries that match, the oldest first, as CSV (RFC 4180)."),
        export(
            JSONL,
            "application/jsonl",
            "The entries that match, the oldest first, one JSON object a line.",
        ),
        Endpoint::of::<VerifyChain, PostUrl>(
            Need::Site(SiteAction::VerifyAudit),
            Rate::SignIn,
            "Reads the whole chain and checks that each entry follows from its predecessor.",
        )
        .without_keys(),
    ]
}
