//! The endpoints of this room. Each names the access it needs, calls the service, and does nothing else.
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]

use domain::{
    Page,
    sessions::{Device, TrustedDevice},
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
        access::Need,
        sessions::{known_devices, service},
    },
    uuid::Uuid,
};

/// Where the caller is signed in.
#[server(prefix = "/api/v1", endpoint = "sessions/list", input = GetUrl)]
pub async fn list_sessions() -> Result<Page<Device>, Problem> {
    let grant = caller()?.signed_in()?;
    // At most ten: always one page.
    Ok(Page { items: service::list(&grant).await?, next_cursor: None })
}

/// Ends one of the caller's sessions.
#[server(prefix = "/api/v1", endpoint = "sessions/end", input = PostUrl)]
pub async fn end_session(#[server(default)] id: String) -> Result<(), Problem> {
    let grant = caller()?.stepped_up()?;
    Ok(service::end(&grant, required_id(&id)?).await?)
}

/// Ends every session of the caller but the one that asks.
#[server(prefix = "/api/v1", endpoint = "sessions/end-others", input = PostUrl)]
pub async fn end_other_sessions() -> Result<(), Problem> {
    let grant = caller()?.stepped_up()?;
    service::end_others(&grant).await?;
    Ok(())
}

/// The caller's browsers that skip the second factor.
#[server(prefix = "/api/v1", endpoint = "sessions/trusted-devices", input = GetUrl)]
pub async fn list_trusted_devices() -> Result<Page<TrustedDevice>, Problem> {
    let grant = caller()?.signed_in()?;
    // At most twenty: always one page.
    Ok(Page { items: known_devices::trusted(&grant).await?, next_cursor: None })
}

/// Forgets one of the caller's browsers.
#[server(prefix = "/api/v1", endpoint = "sessions/forget-device", input = PostUrl)]
pub async fn forget_device(#[server(default)] id: String) -> Result<(), Problem> {
    let grant = caller()?.signed_in()?;
    Ok(known_devices::forget(&grant, required_id(&id)?).await?)
}

#[cfg(feature = "ssr")]
fn required_id(id: &str) -> Result<Uuid, AppError> {
    if id.is_empty() {
        return Err(AppError::invalid("id", FieldIssue::Required));
    }
    id.parse().map_err(|_| AppError::MalformedRequest)
}

/// Who may call what in this room.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    use Need::{SignedIn, SteppedUp};
    vec![
        Endpoint::of::<ListSessions, GetUrl>(
            SignedIn,
            Rate::Read,
            "Where the caller is signed in, the newest first.",
        ),
        Endpoint::of::<EndSession, PostUrl>(SteppedUp, Rate::Write, "Ends one of the caller's sessions.")
            .with_problems(&["not-found"]),
        Endpoint::of::<EndOtherSessions, PostUrl>(
            SteppedUp,
            Rate::Write,
            "Ends every session of the caller but the one that asks, and asks for the second factor in every browser \
             again.",
        ),
        Endpoint::of::<ListTrustedDevices, GetUrl>(
            SignedIn,
            Rate::Read,
            "The caller's browsers that skip the second factor, the last used first.",
        ),
        Endpoint::of::<ForgetDevice, PostUrl>(
            SignedIn,
            Rate::Write,
            "Forgets one of the caller's browsers: the next sign-in there asks for everything.",
        )
        .with_problems(&["not-found"]),
    ]
}
