//! An administrator sees the site as somebody else does, to help them: for half an hour, and without touching anything.
//!
//! The administrator's own session stays as it is. As long as it has an impersonation, its requests are answered as
//! those of the other person would be. Whether it still may is decided on each request: by the administrator's role, and
//! by what the other person is now.
//! Promise: an end is final. Who was locked, or looked after the site for a moment, is not looked at afterwards.

use std::time::Duration;

use uuid::Uuid;

use super::store::{self, impersonations::NewImpersonation};
use crate::{
    AppError, Timestamp,
    access::{
        Grant, Impersonated, Impersonating, Impersonation, Person, Place, SiteAction, SiteRole, System, Tx,
        Via, site_allows,
    },
    audit::{self, Deed},
    platform::Platform,
};

/// How long it lasts at most.
pub const LONGEST: Duration = Duration::from_mins(30);

/// What the session of a request has begun.
pub(super) struct Begun {
    pub(super) id: Uuid,
    pub(super) user: Uuid,
    pub(super) until: Timestamp,
}

/// Begins one, inside the transaction that gives the reason and holds both accounts. `None` where the session has one.
pub(crate) async fn begin(
    tx: &mut Tx,
    platform: &Platform,
    administrator: &Person,
    user: Uuid,
) -> Result<Option<(Uuid, Timestamp)>, AppError> {
    let (id, now) = (platform.new_id(), platform.now());
    let expires_at = now + LONGEST;
    let (session, administrator) = (administrator.session, administrator.user);
    let row = NewImpersonation { id, session, administrator, user, now, expires_at };
    Ok(store::impersonations::insert(tx.conn(), &row).await?.then_some((id, expires_at)))
}

/// Whose eyes the administrator sees with now. Nobody's but their own where the one or the other has changed meanwhile;
/// that ends it. Where they have moved to another network it waits until they have proved who they are.
pub(super) async fn resume(
    platform: &Platform,
    administrator: &Person,
    begun: &Begun,
) -> Result<Option<Impersonating>, AppError> {
    if administrator.place == Place::Moved {
        return Ok(None);
    }
    let subject = store::impersonations::subject(platform.db(), begun.user, administrator.user).await?;
    let is_over = !may_go_on(platform, administrator);
    let Some(subject) = subject.filter(|it| !is_over && !it.out && !is_staff(&it.roles)) else {
        end_found(platform, administrator, begun).await?;
        return Ok(None);
    };
    Ok(Some(Impersonating {
        administrator: administrator.user,
        impersonation: Impersonation {
            id: begun.id,
            administrator: subject.administrator,
            email: subject.email,
            until: begun.until,
        },
        person: Person {
            user: begun.user,
            session: begun.id,
            via: Via::Cookie,
            roles: subject.roles,
            second_factor: subject.second_factor,
            proved_at: time::OffsetDateTime::UNIX_EPOCH.into(),
            leaving: None,
            place: Place::Proved,
            sitting: administrator.sitting.clone(),
        },
    }))
}

fn may_go_on(platform: &Platform, administrator: &Person) -> bool {
    let has_factor = administrator.second_factor || !platform.rules().staff_needs_second_factor;
    site_allows(&administrator.roles, SiteAction::Impersonate)
        && has_factor
        && administrator.leaving.is_none()
}

/// Whether somebody looks after the site in any way.
pub(crate) fn is_staff(roles: &[SiteRole]) -> bool {
    roles.iter().any(|role| *role != SiteRole::User)
}

/// Ends what a request found to be over.
async fn end_found(platform: &Platform, administrator: &Person, begun: &Begun) -> Result<(), AppError> {
    let mut tx = Grant::<System>::system(platform, "ending an impersonation").begin().await?;
    tx.act_as(administrator.user);
    if store::impersonations::end(tx.conn(), begun.id).await? {
        note_end(&mut tx, begun.id, begun.user, "changed").await?;
    }
    tx.commit().await
}

/// Ends the one that asks; answers whose eyes it was.
pub(crate) async fn stop(grant: &Grant<Impersonated>) -> Result<Uuid, AppError> {
    let (id, user) = (grant.impersonation().id, grant.user());
    let mut tx = grant.begin().await?;
    if store::impersonations::end(tx.conn(), id).await? {
        note_end(&mut tx, id, user, "stopped").await?;
    }
    tx.commit().await?;
    Ok(user)
}

/// Ends those by an account and those of it, inside the transaction that gives the reason.
pub(crate) async fn end_all(tx: &mut Tx, user: Uuid) -> Result<(), AppError> {
    for ended in store::impersonations::end_all(tx.conn(), user).await? {
        note_end(tx, ended.id, ended.user_id, "changed").await?;
    }
    Ok(())
}

async fn note_end(tx: &mut Tx, look: Uuid, user: Uuid, why: &'static str) -> Result<(), AppError> {
    audit::note(tx, Deed::ImpersonationEnded { user, look, why }).await
}

/// Writes down what is about to be looked at.
///
/// # Errors
/// [`AppError::Busy`] while it cannot be written; nothing is shown then.
pub async fn note_look(grant: &Grant<Impersonated>, path: &str) -> Result<(), AppError> {
    let look = grant.impersonation().id;
    let path: String = path.chars().take(200).collect();
    let mut tx = grant.begin().await?;
    audit::note(&mut tx, Deed::Looked { user: grant.user(), look, path }).await?;
    tx.commit().await
}
