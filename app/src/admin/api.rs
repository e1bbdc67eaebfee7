//! The endpoints of this room. Each names the access it needs, calls the service, and does nothing else.
#![expect(clippy::too_many_arguments, reason = "a list has a filter for each column")]
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]

use domain::{
    Page,
    admin::{LockReport, UserDetail, UserRow},
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
        admin::service::{self, Query},
    },
};

/// The accounts that match.
#[server(prefix = "/api/v1", endpoint = "admin/users", input = GetUrl)]
pub async fn list_users(
    q: Option<String>,
    role: Option<String>,
    status: Option<String>,
    second_factor: Option<String>,
    seen: Option<String>,
    sort: Option<String>,
    limit: Option<u16>,
    cursor: Option<String>,
) -> Result<Page<UserRow>, Problem> {
    let grant = caller()?.may(SiteAction::ReadUsers)?;
    let query = Query { q, role, status, second_factor, seen, sort, limit, cursor };
    Ok(service::users(&grant, query).await?)
}

/// One account, with its devices, its factors and its last entries in the trail.
#[server(prefix = "/api/v1", endpoint = "admin/user", input = GetUrl)]
pub async fn read_user(#[server(default)] user_id: String) -> Result<UserDetail, Problem> {
    let grant = caller()?.may(SiteAction::ReadUsers)?;
    Ok(service::user(&grant, &user_id).await?)
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

/// Keeps several people from signing in, each on their own.
#[server(prefix = "/api/v1", endpoint = "admin/lock-users", input = PostUrl)]
pub async fn lock_users(
    #[server(default)] user_ids: Vec<String>,
    #[server(default)] reason: String,
) -> Result<LockReport, Problem> {
    let grant = caller()?.may(SiteAction::LockUser)?;
    Ok(service::lock_users(&grant, &user_ids, &reason).await?)
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

/// Gives and takes site roles.
#[server(prefix = "/api/v1", endpoint = "admin/set-roles", input = PostUrl)]
pub async fn set_roles(
    #[server(default)] user_id: String,
    #[server(default)] roles: Vec<String>,
    #[server(default)] reason: String,
) -> Result<(), Problem> {
    let grant = caller()?.may(SiteAction::SetRoles)?;
    Ok(service::set_roles(&grant, &user_id, &roles, &reason).await?)
}

/// Takes a lost second factor away.
#[server(prefix = "/api/v1", endpoint = "admin/reset-second-factor", input = PostUrl)]
pub async fn reset_second_factor(
    #[server(default)] user_id: String,
    #[server(default)] reason: String,
) -> Result<(), Problem> {
    let grant = caller()?.may(SiteAction::ResetSecondFactor)?;
    Ok(service::take_second_factor(&grant, &user_id, &reason).await?)
}

/// Sends the letter that confirms an address again.
#[server(prefix = "/api/v1", endpoint = "admin/resend-verification", input = PostUrl)]
pub async fn resend_verification_of(
    #[server(default)] user_id: String,
    #[server(default)] reason: String,
) -> Result<(), Problem> {
    let grant = caller()?.may(SiteAction::ResendVerification)?;
    Ok(service::resend_verification(&grant, &user_id, &reason).await?)
}

/// Who may call what in this room.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    const ABOUT_ONE: &[&str] = &["not-found", "conflict"];
    let write = |action| (Need::Site(action), Rate::Write);
    let (lock, unlock) = (write(SiteAction::LockUser), write(SiteAction::UnlockUser));
    let (roles, factor) = (write(SiteAction::SetRoles), write(SiteAction::ResetSecondFactor));
    let (letter, read) =
        (write(SiteAction::ResendVerification), (Need::Site(SiteAction::ReadUsers), Rate::Read));
    vec![
        Endpoint::of::<ListUsers, GetUrl>(
            read.0,
            read.1,
            "Accounts by part of an address or name (`q`), `role`, `status` (active, unverified, locked), `second_factor` \
             (on, off), when they were `seen` last (day, week, month, longer, never), in an order (`sort`: newest, email, \
             last-seen).",
        ),
        Endpoint::of::<ReadUser, GetUrl>(
            read.0,
            read.1,
            "One account with its devices, its factors and, for those who may read the trail, its last entries there.",
        )
        .with_problems(&["not-found"]),
        Endpoint::of::<LockUser, PostUrl>(
            lock.0,
            lock.1,
            "Keeps a person from signing in and ends every session they have.",
        )
        .with_problems(ABOUT_ONE),
        Endpoint::of::<LockUsers, PostUrl>(
            lock.0,
            lock.1,
            "Locks up to 100 people (`user_ids`) for one reason, each on their own, and says what came of each.",
        ),
        Endpoint::of::<UnlockUser, PostUrl>(unlock.0, unlock.1, "Lets a locked person in again.")
            .with_problems(ABOUT_ONE),
        Endpoint::of::<SetRoles, PostUrl>(
            roles.0,
            roles.1,
            "Sets the site roles of a person (`roles`: ADMIN, SUPPORT, BILLING_ADMIN; everybody is a USER), at once. The \
             last administrator stays one.",
        )
        .with_problems(ABOUT_ONE),
        Endpoint::of::<ResetSecondFactor, PostUrl>(
            factor.0,
            factor.1,
            "Takes a lost second factor away, ends every session of the account, and tells its owner by letter.",
        )
        .with_problems(ABOUT_ONE),
        Endpoint::of::<ResendVerificationOf, PostUrl>(
            letter.0,
            letter.1,
            "Sends the letter that confirms the address of an account again.",
        )
        .with_problems(ABOUT_ONE),
    ]
}
