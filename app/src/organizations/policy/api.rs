//! The endpoints of this room. Each names the access it needs, calls the service, and does nothing else.
#![expect(clippy::too_many_arguments, reason = "as many as the interface has inputs")]
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]

use domain::organizations::policy::Policy;
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
        access::{Need, Permission},
        organizations::policy::service::{self, NewPolicy},
    },
};

/// What the organization asks of its members.
#[server(prefix = "/api/v1", endpoint = "organizations/policy", input = GetUrl)]
pub async fn read_policy(#[server(default)] organization_id: String) -> Result<Policy, Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::ReadPolicy)?;
    Ok(service::policy(&grant).await?)
}

/// Changes what it asks.
#[server(prefix = "/api/v1", endpoint = "organizations/set-policy", input = PostUrl)]
pub async fn set_policy(
    #[server(default)] organization_id: String,
    version: Option<i64>,
    second_factor: Option<String>,
    second_factor_from: Option<String>,
    session_age_s: Option<String>,
    session_idle_s: Option<String>,
    #[server(default)] methods: Vec<String>,
    domains: Option<String>,
) -> Result<(), Problem> {
    let grant = caller()?.in_organization(&organization_id).await?.may(Permission::UpdatePolicy)?;
    let typed = NewPolicy {
        second_factor,
        second_factor_from,
        session_age_s,
        session_idle_s,
        methods,
        domains,
        version,
    };
    Ok(service::set(&grant, &typed).await?)
}

/// Who may call what in this room.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::of::<ReadPolicy, GetUrl>(
            Need::Organization(Permission::ReadPolicy),
            Rate::Read,
            "What the organization asks of its members beside their role, and how many of them have no second factor.",
        ),
        Endpoint::of::<SetPolicy, PostUrl>(
            Need::Organization(Permission::UpdatePolicy),
            Rate::Write,
            "Changes what the organization asks, as a whole; what is empty is not asked. `second_factor` is required or optional, \
             from second_factor_from on; `methods` are the ways a session may be begun by; `domains` those whose addresses may \
             be invited. `version` is the one that was seen. What would shut out the caller is refused.",
        )
        .with_problems(&["conflict"]),
    ]
}
