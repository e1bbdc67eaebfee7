//! Sees the site as somebody else does, to help them.

use uuid::Uuid;

use super::{conflict, hold, reason_of, user_id};
use crate::{
    AppError, FieldIssue,
    access::{Grant, Impersonated, Site, SiteAction, Via},
    audit::{self, Deed},
    identity::service::{Looking, tell_of_look},
    sessions::{self, impersonation},
};

/// Lets an administrator see the site with somebody else's eyes for half an hour, and tells the owner by letter.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] for oneself, for whoever looks after the site, for an account nobody can
/// be in, or where the session does so already; [`AppError::InvalidInput`] without a reason; [`AppError::NotAllowed`]
/// without a browser's session.
pub async fn impersonate(grant: &Grant<Site>, user: &str, reason: &str) -> Result<(), AppError> {
    grant.demand(SiteAction::Impersonate)?;
    let (user, reason) = (user_id(user)?, reason_of(reason)?);
    let (platform, administrator) = (grant.platform(), grant.person());
    if administrator.via != Via::Cookie {
        return Err(AppError::NotAllowed);
    }
    let mut tx = grant.begin().await?;
    let held = hold(&mut tx, grant, user).await?;
    // The session may have been ended while the accounts were waited for.
    sessions::service::hold_caller(&mut tx, administrator).await?;
    if user == administrator.user {
        return Err(conflict(FieldIssue::Yourself));
    }
    if impersonation::is_staff(&held.other) {
        return Err(conflict(FieldIssue::Staff));
    }
    if held.other_is_out {
        return Err(conflict(FieldIssue::NobodyIn));
    }
    let begun = impersonation::begin(&mut tx, platform, administrator, user).await?;
    let (id, until) = begun.ok_or_else(|| conflict(FieldIssue::AlreadyDone))?;
    let looking = Looking { administrator: administrator.user, reason: &reason, from: platform.now(), until };
    tell_of_look(&mut tx, platform, user, &looking).await?;
    audit::note(&mut tx, Deed::ImpersonationBegun { user, look: id, until, reason }).await?;
    tx.commit().await
}

/// Gives an administrator their own eyes back; answers whose they had.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn stop_impersonating(grant: &Grant<Impersonated>) -> Result<Uuid, AppError> {
    impersonation::stop(grant).await
}
