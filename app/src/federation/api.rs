//! The endpoints of this room. Each names the access it needs, calls the service, and does nothing else.
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]

use domain::{
    Page,
    federation::{Offered, Ways},
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
        AppError, FieldIssue,
        access::{Need, Purpose},
        federation::service,
    },
};

/// The providers by which one can sign in.
#[allow(clippy::unused_async, reason = "every server function is asynchronous")]
#[server(prefix = "/api/v1", endpoint = "federation/providers", input = GetUrl)]
pub async fn list_providers() -> Result<Page<Offered>, Problem> {
    let grant = caller()?.anonymous(Purpose::SignIn);
    // As many as the operator has written down: always one page.
    Ok(Page { items: service::offered(&grant)?, next_cursor: None })
}

/// How the caller signs in.
#[server(prefix = "/api/v1", endpoint = "federation/ways", input = GetUrl)]
pub async fn sign_in_ways() -> Result<Ways, Problem> {
    let caller = caller()?;
    let proof = caller.stepped_up().ok();
    Ok(service::ways(&caller.signed_in()?, proof.as_ref()).await?)
}

/// Disconnects a provider from the caller's account.
#[server(prefix = "/api/v1", endpoint = "federation/disconnect", input = PostUrl)]
pub async fn disconnect_provider(#[server(default)] id: String) -> Result<(), Problem> {
    let grant = caller()?.stepped_up()?;
    if id.is_empty() {
        return Err(AppError::invalid("id", FieldIssue::Required).into());
    }
    let id = id.parse().map_err(|_| AppError::MalformedRequest)?;
    Ok(service::disconnect(&grant, id).await?)
}

/// Who may call what in this room.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    use Need::{Nothing, SignedIn, SteppedUp};
    vec![
        Endpoint::of::<ListProviders, GetUrl>(
            Nothing(Purpose::SignIn),
            Rate::Read,
            "The providers by which one can sign in, at `/auth/<id>/start`.",
        ),
        Endpoint::of::<SignInWays, GetUrl>(
            SignedIn,
            Rate::Read,
            "How the caller signs in, and which providers could be connected.",
        ),
        Endpoint::of::<DisconnectProvider, PostUrl>(
            SteppedUp,
            Rate::Write,
            "Disconnects a provider from the caller's account. The last way to sign in stays.",
        )
        .with_problems(&["not-found", "conflict"]),
    ]
}
