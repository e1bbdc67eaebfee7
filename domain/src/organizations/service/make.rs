//! New organizations: everybody's own, and those that people make.

use std::time::Duration;

use uuid::Uuid;

use super::{
    super::{
        MadeOrganization, Slug, organization_name,
        store::{self, NewOrganization, members},
    },
    conflict, given,
};
use crate::{
    AppError, FieldIssue, FieldProblem, Timestamp,
    access::{BuiltInRole, Grant, Own, Tx},
    audit::{self, OrganizationDeed},
    billing,
    platform::{Platform, random, zones},
    sessions,
};

/// How many organizations one person may own, beside their own.
pub const MOST_OWNED: u32 = 20;
/// How long it takes until one more can be made, whoever owns those that were by then: otherwise whoever gives some away could
/// make as many again, and again. Kept in the database: what counts for a month is not to begin anew with a cache.
const EACH: Duration = Duration::from_hours(36);
/// How far ahead of that somebody can be.
const AHEAD: Duration = EACH.saturating_mul(MOST_OWNED);
/// How often a slug with a mark behind it is tried; a second time is one in a thousand million.
const TRIES: u32 = 4;
/// What marks are made of: nothing that reads like something else.
const MARKS: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// Makes an organization of which the caller is the owner.
///
/// # Errors
/// [`AppError::InvalidInput`] naming each field; [`AppError::Conflict`] for a slug that is taken, and for one too many;
/// [`AppError::TooManyRequests`] after many others that were given away.
pub async fn create(
    grant: &Grant<Own>,
    name: &str,
    slug: Option<&str>,
    time_zone: Option<&str>,
) -> Result<MadeOrganization, AppError> {
    let mut problems = Vec::new();
    let name = read("name", organization_name(name), &mut problems);
    let slug = given(slug).map(|typed| read("slug", Slug::parse(typed), &mut problems));
    let zone = given(time_zone).map(|typed| read("time_zone", zone_of(typed), &mut problems));
    let Some(name) = name.filter(|_| problems.is_empty()) else {
        return Err(AppError::InvalidInput { errors: problems });
    };
    let (platform, user) = (grant.platform(), grant.user());
    let mut tx = grant.begin().await?;
    // One after the other, so that two at once are not one too many.
    sessions::service::hold_caller(&mut tx, grant.person()).await?;
    if store::count_owned(tx.conn(), user).await? >= i64::from(MOST_OWNED) {
        return Err(conflict("name", FieldIssue::TooMany { max: MOST_OWNED }));
    }
    let person = store::person(tx.conn(), user).await?.ok_or(AppError::SignInRequired)?;
    let new = New {
        name,
        slug: slug.flatten(),
        suggested_by: None,
        time_zone: zone.flatten().unwrap_or(person.time_zone),
        personal: false,
    };
    count(&mut tx, user, platform.now()).await?;
    let made = found(&mut tx, platform, user, new).await?;
    tx.commit().await?;
    Ok(made)
}

/// Counts one more by somebody whose account is held, in the transaction that makes it.
async fn count(tx: &mut Tx, user: Uuid, now: Timestamp) -> Result<(), AppError> {
    let before = store::makes_until(tx.conn(), user).await?.map_or(now, |until| until.max(now));
    let (until, latest) = (before + EACH, now + AHEAD);
    if until > latest {
        let wait = u32::try_from((until - latest).whole_seconds()).unwrap_or(u32::MAX);
        return Err(AppError::TooManyRequests { retry_after_s: wait.max(1) });
    }
    store::note_made(tx.conn(), user, until).await
}

/// Gives somebody the organization that is their own, in the transaction that makes the account theirs; nothing where they
/// have it.
pub(crate) async fn give_personal(tx: &mut Tx, platform: &Platform, user: Uuid) -> Result<(), AppError> {
    tx.reads_as(user).await?;
    if members::belongings(tx.conn(), user).await?.iter().any(|it| it.is_personal) {
        return Ok(());
    }
    let person = store::person(tx.conn(), user).await?.ok_or(AppError::NotFound)?;
    let local = person.email.split('@').next().unwrap_or_default().to_owned();
    let name = if person.display_name.is_empty() { local.clone() } else { person.display_name };
    let new =
        New { name, slug: None, suggested_by: Some(local), time_zone: person.time_zone, personal: true };
    found(tx, platform, person.id, new).await.map(drop)
}

/// What an organization begins with.
struct New {
    name: String,
    /// As the owner wants it.
    slug: Option<Slug>,
    /// Where they did not say: what the slug is made of, else the name.
    suggested_by: Option<String>,
    time_zone: String,
    personal: bool,
}

async fn found(
    tx: &mut Tx,
    platform: &Platform,
    owner: Uuid,
    new: New,
) -> Result<MadeOrganization, AppError> {
    let (id, now) = (platform.new_id(), platform.now());
    tx.enter(id).await?;
    let slug = match &new.slug {
        Some(slug) if store::take_slug(tx.conn(), id, slug.as_str()).await? => slug.as_str().to_owned(),
        Some(_) => return Err(conflict("slug", FieldIssue::Taken)),
        None => take_any(tx, id, new.suggested_by.as_deref().unwrap_or(&new.name)).await?,
    };
    let row = NewOrganization {
        id,
        slug: &slug,
        name: &new.name,
        personal_of: new.personal.then_some(owner),
        time_zone: &new.time_zone,
        now,
    };
    store::insert(tx.conn(), &row).await?;
    members::insert(tx.conn(), id, owner, now).await?;
    members::give(tx.conn(), id, owner, Some(BuiltInRole::Owner.name()), None, now).await?;
    billing::service::begin(tx).await?;
    audit::service::begin_chain(tx, id).await?;
    audit::note(tx, OrganizationDeed::Created { organization: id, personal: new.personal }).await?;
    Ok(MadeOrganization { id, slug })
}

/// Takes the slug that a name suggests, or one that begins with it.
async fn take_any(tx: &mut Tx, organization: Uuid, name: &str) -> Result<String, AppError> {
    let (suggested, whole) = Slug::suggested_by(name);
    if whole && store::take_slug(tx.conn(), organization, &suggested).await? {
        return Ok(suggested);
    }
    for _ in 0..TRIES {
        let slug = Slug::marked(&suggested, &mark());
        if store::take_slug(tx.conn(), organization, slug.as_str()).await? {
            return Ok(slug.as_str().to_owned());
        }
    }
    tracing::error!("no slug was free for a new organization");
    Err(AppError::Internal)
}

fn mark() -> String {
    let letter = |byte: u8| MARKS.get(usize::from(byte % 32)).copied().map_or('x', char::from);
    random::bytes::<6>().into_iter().map(letter).collect()
}

/// Keeps the value, or its problem under the field's name.
pub(super) fn read<T>(
    field: &str,
    parsed: Result<T, FieldIssue>,
    problems: &mut Vec<FieldProblem>,
) -> Option<T> {
    parsed.map_err(|issue| problems.push(FieldProblem::new(field, issue))).ok()
}

pub(super) fn zone_of(typed: &str) -> Result<String, FieldIssue> {
    zones::is_known(typed).then(|| typed.to_owned()).ok_or(FieldIssue::NotAnOption)
}
