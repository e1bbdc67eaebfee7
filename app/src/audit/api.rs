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
        audit::service::{self, Query},
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

/// Checks that nobody tampered with the trail.
#[server(prefix = "/api/v1", endpoint = "audit/verify-chain", input = PostUrl)]
pub async fn verify_chain() -> Result<ChainReport, Problem> {
    let grant = caller()?.may(SiteAction::VerifyAudit)?;
    Ok(service::verify_chain(&grant).await?)
}

/// Who may call what in this room.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::of::<ListEntries, GetUrl>(
            Need::Site(SiteAction::ReadAudit),
            Rate::Read,
            "What happened, the newest first: by `actor` (id or address), the beginning of an `action`, `target`, and \
             time (`from`, `to`).",
        ),
        Endpoint::of::<VerifyChain, PostUrl>(
            Need::Site(SiteAction::VerifyAudit),
            Rate::SignIn,
            "Reads the whole chain and checks that each entry follows from its predecessor.",
        ),
    ]
}
