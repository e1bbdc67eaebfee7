//! What an account has to do with organizations: when it ends, and in the copy of its data; and what is forgotten by itself.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    super::model::RoleRef,
    super::store::{self, invitations, members},
    conflict,
    make::give_personal,
};
use crate::{
    AppError, FieldIssue,
    access::{Grant, System, Tx, hold_organization},
    audit::{self, OrganizationDeed},
    billing,
    identity::MemberOf,
    platform::Platform,
};

/// How long an invitation that nobody took stays in the list, to be repeated.
const MEMORY: Duration = Duration::from_hours(30 * 24);
/// In how many seconds a draft of an invoice is issued.
const ISSUED_AFTER_S: u32 = 30;
/// How many people get an organization in one transaction.
const BATCH: i64 = 50;

/// The organizations of somebody, for what they are told about themselves.
pub(crate) async fn roles_of(tx: &mut Tx, user: Uuid) -> Result<Vec<MemberOf>, AppError> {
    let found = store::list_of(tx.conn(), user).await?;
    let told = found.into_iter().map(|it| MemberOf {
        id: it.id,
        slug: it.slug,
        name: it.name,
        roles: it.roles.into_iter().map(RoleRef::shown).collect(),
    });
    Ok(told.collect())
}

/// Refuses the end of an account without which an organization would have no owner who can act. Holds those it owns until the
/// transaction ends, so that nobody else leaves one meanwhile.
///
/// # Errors
/// [`AppError::Conflict`] under `field`, naming the organization.
pub(crate) async fn refuse_last_owner(tx: &mut Tx, user: Uuid, field: &str) -> Result<(), AppError> {
    let owned = members::belongings(tx.conn(), user).await?;
    for it in owned.into_iter().filter(|it| it.owns && !it.is_personal) {
        let Some(ends) = enter_held(tx, it.organization).await? else { continue };
        if !ends && !members::has_another_owner(tx.conn(), it.organization, user).await? {
            return Err(conflict(field, FieldIssue::LastOwnerOf { organization: it.slug }));
        }
    }
    Ok(())
}

/// Ends the plan of the organization that is somebody's own with its month, in the transaction in which they ask for the end of
/// their account.
pub(crate) async fn end_own_plan(tx: &mut Tx, platform: &Platform, user: Uuid) -> Result<(), AppError> {
    for own in members::belongings(tx.conn(), user).await?.into_iter().filter(|it| it.is_personal) {
        if enter_held(tx, own.organization).await?.is_some() {
            billing::service::end_with_period(tx, platform).await?;
        }
    }
    Ok(())
}

/// Ends what an account that is deleted belongs to, in that transaction: its own organization goes, others go on without it.
///
/// # Errors
/// [`AppError::Busy`] while something of it is to be issued yet.
pub(crate) async fn forget_person(tx: &mut Tx, user: Uuid) -> Result<(), AppError> {
    for it in members::belongings(tx.conn(), user).await? {
        if enter_held(tx, it.organization).await?.is_none() {
            continue;
        }
        if it.is_personal {
            // It is tried again; to issue them here would take locks in another order.
            if billing::service::is_unfinished(tx).await? {
                return Err(AppError::Busy { retry_after_s: ISSUED_AFTER_S });
            }
            store::delete(tx.conn(), it.organization).await?;
            audit::note(tx, OrganizationDeed::Deleted { organization: it.organization }).await?;
        } else if members::remove(tx.conn(), it.organization, user).await? {
            audit::note(tx, OrganizationDeed::MemberDeleted { user }).await?;
        }
    }
    Ok(())
}

/// Enters an organization and holds it; answers whether it is about to be deleted, or nothing where it was deleted since it was
/// found.
async fn enter_held(tx: &mut Tx, organization: Uuid) -> Result<Option<bool>, AppError> {
    tx.enter(organization).await?;
    match hold_organization(tx).await {
        Err(AppError::NotFound) => Ok(None),
        held => held.map(Some),
    }
}

/// Ends the invitations of an address whose account is gone.
pub(crate) async fn end_invitations_to(tx: &mut Tx, email: &str) -> Result<(), AppError> {
    invitations::end_to(tx.conn(), email).await
}

/// What this room holds about somebody, for the copy of their data.
pub(crate) async fn copy_of(tx: &mut Tx, user: Uuid) -> Result<Value, AppError> {
    let organizations = store::list_of(tx.conn(), user).await?;
    let until = store::makes_until(tx.conn(), user).await?;
    Ok(json!({ "organizations": organizations, "made_organizations_until": until }))
}

/// Forgets what has expired, gives those an organization who came while the version before this one ran, and says how many
/// rows that were. Safe on every replica at once.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn sweep(platform: &Platform) -> Result<u64, AppError> {
    let grant: Grant<System> = Grant::system(platform, "forgetting slugs and invitations");
    let now = platform.now();
    let mut tx = grant.begin().await?;
    let slugs = store::forget_slugs(tx.conn(), now).await?;
    let invited = invitations::forget(tx.conn(), now - MEMORY).await?;
    let makers = store::forget_makers(tx.conn(), now).await?;
    tx.commit().await?;
    let mut given = 0;
    loop {
        let mut tx = grant.begin().await?;
        let people = store::without_own(tx.conn(), BATCH).await?;
        if people.is_empty() {
            return Ok(slugs + invited + makers + given);
        }
        for user in people {
            give_personal(&mut tx, platform, user).await?;
            given += 1;
        }
        tx.commit().await?;
    }
}
