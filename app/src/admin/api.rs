//! The endpoints of this room. Each names the access it needs, calls the service, and does nothing else.
#![expect(clippy::too_many_arguments, reason = "a list has a filter for each column")]
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]

use domain::{
    Page,
    admin::{LockReport, UserDetail, UserRow},
    identity::{Invitation, RegistrationPolicy},
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

/// Sees the site as somebody else does.
#[server(prefix = "/api/v1", endpoint = "admin/impersonate", input = PostUrl)]
pub async fn impersonate(
    #[server(default)] user_id: String,
    #[server(default)] reason: String,
) -> Result<(), Problem> {
    let grant = caller()?.may(SiteAction::Impersonate)?;
    service::impersonate(&grant, &user_id, &reason).await?;
    leptos_axum::redirect("/", false);
    Ok(())
}

/// Sees with one's own eyes again.
#[server(prefix = "/api/v1", endpoint = "admin/stop-impersonating", input = PostUrl)]
pub async fn stop_impersonating() -> Result<(), Problem> {
    let grant = caller()?.impersonating()?;
    let user = service::stop_impersonating(&grant).await?;
    leptos_axum::redirect(&format!("/admin/users/{user}"), false);
    Ok(())
}

/// What holds for the whole site.
#[server(prefix = "/api/v1", endpoint = "admin/settings", input = GetUrl)]
pub async fn read_settings() -> Result<RegistrationPolicy, Problem> {
    let grant = caller()?.may(SiteAction::ReadSettings)?;
    Ok(service::settings(&grant).await?)
}

/// Changes what holds for the whole site.
#[server(prefix = "/api/v1", endpoint = "admin/update-settings", input = PostUrl)]
pub async fn update_settings(
    #[server(default)] registration: String,
    allowed_domains: Option<String>,
    #[server(default)] reason: String,
) -> Result<(), Problem> {
    let grant = caller()?.may(SiteAction::ChangeSettings)?;
    let domains = allowed_domains.unwrap_or_default();
    Ok(service::update_settings(&grant, &registration, &domains, &reason).await?)
}

/// Invites an address to open an account.
#[server(prefix = "/api/v1", endpoint = "admin/invite-user", input = PostUrl)]
pub async fn invite_user(#[server(default)] email: String, reason: Option<String>) -> Result<(), Problem> {
    let grant = caller()?.may(SiteAction::InviteUser)?;
    Ok(service::invite_user(&grant, &email, reason.as_deref()).await?)
}

/// The invitations that nobody has taken yet.
#[server(prefix = "/api/v1", endpoint = "admin/invitations", input = GetUrl)]
pub async fn list_invitations(
    limit: Option<u16>,
    cursor: Option<String>,
) -> Result<Page<Invitation>, Problem> {
    let grant = caller()?.may(SiteAction::ReadSettings)?;
    Ok(service::invitations(&grant, limit, cursor.as_deref()).await?)
}

/// Takes an invitation back.
#[server(prefix = "/api/v1", endpoint = "admin/revoke-invitation", input = PostUrl)]
pub async fn revoke_invitation(#[server(default)] id: String) -> Result<(), Problem> {
    let grant = caller()?.may(SiteAction::InviteUser)?;
    Ok(service::revoke_invitation(&grant, &id).await?)
}

/// What an act on one account is refused with, besides the problems of its access.
#[cfg(feature = "ssr")]
const ABOUT_ONE: &[&str] = &["not-found", "conflict"];

/// Who may call what in this room.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    [reads(), locks(), help(), eyes(), settings(), invitations()].concat()
}

#[cfg(feature = "ssr")]
fn reads() -> Vec<Endpoint> {
    let need = Need::Site(SiteAction::ReadUsers);
    vec![
        Endpoint::of::<ListUsers, GetUrl>(
            need,
            Rate::Read,
            "Accounts by part of an address or name (`q`), `role`, `status` (active, unverified, locked), `second_factor` \
             (on, off), when they were `seen` last (day, week, month, longer, never), in an order (`sort`: newest, email, \
             last-seen).",
        ),
        Endpoint::of::<ReadUser, GetUrl>(
            need,
            Rate::Read,
            "One account with its devices, its factors and, for those who may read the trail, its last entries there.",
        )
        .with_problems(&["not-found"]),
    ]
}

#[cfg(feature = "ssr")]
fn locks() -> Vec<Endpoint> {
    vec![
        Endpoint::of::<LockUser, PostUrl>(
            Need::Site(SiteAction::LockUser),
            Rate::Write,
            "Keeps a person from signing in and ends every session they have.",
        )
        .with_problems(ABOUT_ONE),
        Endpoint::of::<LockUsers, PostUrl>(
            Need::Site(SiteAction::LockUser),
            Rate::Write,
            "Locks up to 100 people (`user_ids`) for one reason, each on their own, and says what came of each.",
        ),
        Endpoint::of::<UnlockUser, PostUrl>(
            Need::Site(SiteAction::UnlockUser),
            Rate::Write,
            "Lets a locked person in again.",
        )
        .with_problems(ABOUT_ONE),
    ]
}

#[cfg(feature = "ssr")]
fn help() -> Vec<Endpoint> {
    vec![
        Endpoint::of::<SetRoles, PostUrl>(
            Need::Site(SiteAction::SetRoles),
            Rate::Write,
            "Sets the site roles of a person (`roles`: ADMIN, SUPPORT, BILLING_ADMIN; everybody is a USER), at once. The \
             last administrator stays one.",
        )
        .with_problems(ABOUT_ONE),
        Endpoint::of::<ResetSecondFactor, PostUrl>(
            Need::Site(SiteAction::ResetSecondFactor),
            Rate::Write,
            "Takes a lost second factor away, ends every session of the account, and tells its owner by letter.",
        )
        .with_problems(ABOUT_ONE),
        Endpoint::of::<ResendVerificationOf, PostUrl>(
            Need::Site(SiteAction::ResendVerification),
            Rate::Write,
            "Sends the letter that confirms the address of an account again.",
        )
        .with_problems(ABOUT_ONE),
    ]
}

#[cfg(feature = "ssr")]
fn eyes() -> Vec<Endpoint> {
    vec![
        Endpoint::of::<Impersonate, PostUrl>(
            Need::Site(SiteAction::Impersonate),
            Rate::Write,
            "Sees the site as a person does, for at most 30 minutes and without changing anything, after a fresh proof. Never \
             as somebody with a role. The owner gets a letter with the reason.",
        )
        .with_problems(ABOUT_ONE)
        .in_browser(),
        Endpoint::of::<StopImpersonating, PostUrl>(
            Need::Impersonating,
            Rate::Write,
            "Sees the site with one's own eyes again.",
        )
        .in_browser(),
    ]
}

#[cfg(feature = "ssr")]
fn settings() -> Vec<Endpoint> {
    vec![
        Endpoint::of::<ReadSettings, GetUrl>(
            Need::Site(SiteAction::ReadSettings),
            Rate::Read,
            "Who may open an account on this site.",
        ),
        Endpoint::of::<UpdateSettings, PostUrl>(
            Need::Site(SiteAction::ChangeSettings),
            Rate::Write,
            "Decides who may open an account: `registration` (open, invited, closed) and `allowed_domains`, with commas between them; \
             empty for every domain. After a fresh proof.",
        )
        .with_problems(&["conflict"]),
    ]
}

#[cfg(feature = "ssr")]
fn invitations() -> Vec<Endpoint> {
    let need = Need::Site(SiteAction::InviteUser);
    vec![
        Endpoint::of::<InviteUser, PostUrl>(
            need,
            Rate::Write,
            "Invites an address to open an account, or once more: a letter with a link that works once, for seven days and \
             for this address alone.",
        )
        .with_problems(&["conflict"]),
        Endpoint::of::<ListInvitations, GetUrl>(
            Need::Site(SiteAction::ReadSettings),
            Rate::Read,
            "The invitations that nobody has taken yet, the newest first; those that expired for 30 days.",
        ),
        Endpoint::of::<RevokeInvitation, PostUrl>(need, Rate::Write, "Takes an invitation back: its link works no more.")
            .with_problems(&["not-found"]),
    ]
}
