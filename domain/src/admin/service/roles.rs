//! Gives and takes site roles.

use super::{
    super::store::{self, Held},
    acting, conflict, reason_of, user_id,
};
use crate::{
    AppError, FieldIssue,
    access::{Grant, Site, SiteAction, SiteRole},
    audit::{self, Deed},
    sessions,
};

/// Sets the roles of an account; true from its next request on, on every replica. Everybody stays a `USER`.
///
/// # Errors
/// [`AppError::InvalidInput`] for a role that is none, or without a reason; [`AppError::NotFound`];
/// [`AppError::Conflict`] when nothing would change, or nobody would be left to run the site.
pub async fn set_roles(
    grant: &Grant<Site>,
    user: &str,
    roles: &[String],
    reason: &str,
) -> Result<(), AppError> {
    grant.demand(SiteAction::SetRoles)?;
    let (user, reason, after) = (user_id(user)?, reason_of(reason)?, read(roles)?);
    let mut tx = grant.begin().await?;
    let held = store::hold_with_administrators(tx.conn(), &[grant.person().user, user]).await?;
    acting(&held, grant)?;
    let account = held.iter().find(|account| account.id == user).ok_or(AppError::NotFound)?;
    let before = sorted(account.roles.clone());
    if before == after {
        return Err(conflict(FieldIssue::AlreadyDone));
    }
    let gives_up = before.contains(&SiteRole::Admin) && !after.contains(&SiteRole::Admin);
    if gives_up && !held.iter().any(|other| other.id != user && is_administrator(other)) {
        return Err(conflict(FieldIssue::LastAdministrator));
    }
    store::set_roles(tx.conn(), user, &after).await?;
    // Whoever looks after the site is not looked at, and whoever does not does not look.
    sessions::impersonation::end_all(&mut tx, user).await?;
    audit::note(&mut tx, Deed::RolesSet { user, before, after, reason }).await?;
    tx.commit().await
}

/// Whoever is locked, leaving or not confirmed runs nothing.
fn is_administrator(account: &Held) -> bool {
    !account.out && account.roles.contains(&SiteRole::Admin)
}

fn read(names: &[String]) -> Result<Vec<SiteRole>, AppError> {
    let given = names.iter().filter(|name| !name.is_empty());
    let mut roles = given.map(|name| SiteRole::parse(name)).collect::<Option<Vec<_>>>();
    if let Some(roles) = &mut roles {
        roles.push(SiteRole::User);
    }
    roles.map(sorted).ok_or_else(|| AppError::invalid("roles", FieldIssue::NotAnOption))
}

fn sorted(mut roles: Vec<SiteRole>) -> Vec<SiteRole> {
    roles.sort_unstable();
    roles.dedup();
    roles
}
