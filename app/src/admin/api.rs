//! The endpoints of this room. Each names the access it needs, calls the service, and does nothing else.
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]

use domain::{Page, admin::UserRow};
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
        admin::service::{self, Query},
    },
};

/// The accounts that match.
#[server(prefix = "/api/v1", endpoint = "admin/users", input = GetUrl)]
pub async fn list_users(
    q: Option<String>,
    role: Option<String>,
    status: Option<String>,
    sort: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
) -> Result<Page<UserRow>, Problem> {
    let grant = caller()?.may(SiteAction::ReadUsers)?;
    Ok(service::users(&grant, Query { q, role, status, sort, limit, cursor }).await?)
}

/// Keeps a person from signing in.
#[server(prefix = "/api/v1", endpoint = "admin/lock-user", input = PostUrl)]
pub async fn lock_user(
    #[server(default)] user_id: String,
    #[server(default)] reason: String,
) -> Result<(), Problem> {
    let grant = caller()?.may(SiteAction::LockUser)?;
    Ok(service::lock_user(&grant, &user_id, &reason).await?)
}

/// Lets a locked person in again.
#[server(prefix = "/api/v1", endpoint = "admin/unlock-user", input = PostUrl)]
pub async fn unlock_user(
    #[server(default)] user_id: String,
    #[server(default)] reason: String,
) -> Result<(), Problem> {
    let grant = caller()?.may(SiteAction::UnlockUser)?;
    Ok(service::unlock_user(&grant, &user_id, &reason).await?)
}

/// Who may call what in this room.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    vec![
        Endpoint::of::<ListUsers, GetUrl>(
            Need::Site(SiteAction::ReadUsers),
            Rate::Read,
            "Accounts by part of an address or name (`q`), `role`, `status` (active, unverified, locked), in an order \
             (`sort`: newest, email, last-seen).",
        ),
        Endpoint::of::<LockUser, PostUrl>(
            Need::Site(SiteAction::LockUser),
            Rate::Write,
            "Keeps a person from signing in and ends every session they have.",
        )
        .with_problems(&["not-found", "conflict"]),
        Endpoint::of::<UnlockUser, PostUrl>(
            Need::Site(SiteAction::UnlockUser),
            Rate::Write,
            "Lets a locked person in again.",
        )
        .with_problems(&["not-found", "conflict"]),
    ]
}
