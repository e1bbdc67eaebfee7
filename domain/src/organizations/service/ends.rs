//! The end of an organization: asked for by an owner, taken back within two weeks, and then for good.

use std::time::Duration;

use uuid::Uuid;

use super::{
    super::{
        letters::{self, News},
        store::{self, members},
    },
    conflict,
};
use crate::{
    AppError, FieldIssue, Timestamp,
    access::{Grant, Organization, Permission, System, Tx},
    audit::{self, OrganizationDeed},
    billing,
    platform::{Platform, letters::outbox, zones},
};

/// How long an owner can keep it.
const GRACE: Duration = Duration::from_hours(14 * 24);

/// Marks an organization for deletion. Until then it can be read, and kept; its owners get a letter.
///
/// # Errors
/// [`AppError::InvalidInput`] when `confirm_slug` is not its slug; [`AppError::Conflict`] for somebody's own, and for one that
/// is marked.
pub async fn delete(grant: &Grant<Organization>, confirm_slug: &str) -> Result<(), AppError> {
    grant.demand(Permission::DeleteOrganization)?;
    if confirm_slug.trim().is_empty() {
        return Err(AppError::invalid("confirm_slug", FieldIssue::Required));
    }
    let (platform, id) = (grant.platform(), grant.organization());
    let due_at = platform.now() + GRACE;
    let mut tx = grant.begin().await?;
    grant.hold(&mut tx).await?;
    let row = store::find(tx.conn(), id).await?.ok_or(AppError::NotFound)?;
    if row.personal_of.is_some() {
        return Err(conflict("confirm_slug", FieldIssue::Personal));
    }
    if !row.slug.eq_ignore_ascii_case(confirm_slug.trim()) {
        return Err(AppError::invalid("confirm_slug", FieldIssue::NotTheSame));
    }
    if !store::mark(tx.conn(), id, Some(due_at)).await? {
        return Err(conflict("confirm_slug", FieldIssue::AlreadyDone));
    }
    // Nothing but to keep it can be done meanwhile: what is paid for would go on until then.
    billing::service::end_with_period(&mut tx, platform).await?;
    tell_owners(&mut tx, platform, &row, Some(due_at)).await?;
    audit::note(&mut tx, OrganizationDeed::DeletionAsked { organization: id, due_at }).await?;
    tx.commit().await
}

/// Keeps an organization after all.
///
/// # Errors
/// [`AppError::Conflict`] for one that nobody wants to delete; [`AppError::NotAllowed`] where nobody who can act would own it.
pub async fn keep(grant: &Grant<Organization>) -> Result<(), AppError> {
    grant.demand(Permission::DeleteOrganization)?;
    let (platform, id) = (grant.platform(), grant.organization());
    let mut tx = grant.begin().await?;
    grant.hold(&mut tx).await?;
    let row = store::find(tx.conn(), id).await?.ok_or(AppError::NotFound)?;
    // Its owners may leave the site once it is about to be deleted, and others can have a role that allows to keep it.
    if !members::has_another_owner(tx.conn(), id, Uuid::nil()).await? {
        return Err(AppError::NotAllowed);
    }
    if !store::mark(tx.conn(), id, None).await? {
        return Err(conflict("organization_id", FieldIssue::AlreadyDone));
    }
    tell_owners(&mut tx, platform, &row, None).await?;
    audit::note(&mut tx, OrganizationDeed::Kept { organization: id }).await?;
    tx.commit().await
}

async fn tell_owners(
    tx: &mut Tx,
    platform: &Platform,
    row: &store::Row,
    due_at: Option<Timestamp>,
) -> Result<(), AppError> {
    for owner in members::owners(tx.conn(), row.id).await? {
        let told = due_at.map(|due_at| zones::told(&owner.time_zone, due_at));
        let news = told.as_deref().map_or(News::Kept, |due_at| News::DeletionAsked { due_at });
        outbox::put(platform, tx, letters::write(platform, &owner.email, &row.name, &row.slug, &news))
            .await?;
    }
    Ok(())
}

/// Deletes for good what has waited long enough, and says how many organizations that were. One that cannot be deleted keeps no
/// other; it is tried again the next time. Safe on every replica at once.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn delete_due(platform: &Platform) -> Result<u64, AppError> {
    let grant: Grant<System> = Grant::system(platform, "deleting organizations");
    let (mut last, mut count) = (Uuid::nil(), 0);
    loop {
        let now = platform.now();
        let mut tx = grant.begin().await?;
        let Some(due) = store::due_after(tx.conn(), last, now).await? else { return Ok(count) };
        last = due;
        match end(tx, due, now).await {
            Ok(is_done) => count += u64::from(is_done),
            // Where the database is away, the next question says so.
            Err(problem) => {
                tracing::error!(organization.id = %due, %problem, "an organization is not deleted");
            }
        }
    }
}

/// Deletes one, unless another process is at it, or an owner has just kept it.
async fn end(mut tx: Tx, due: Uuid, now: Timestamp) -> Result<bool, AppError> {
    tx.enter(due).await?;
    if !store::hold_due(tx.conn(), due, now).await? {
        return Ok(false);
    }
    // What is not charged or not issued yet comes first.
    if billing::service::is_unfinished(&mut tx).await? {
        return Ok(false);
    }
    store::delete(tx.conn(), due).await?;
    audit::note(&mut tx, OrganizationDeed::Deleted { organization: due }).await?;
    tx.commit().await?;
    Ok(true)
}
