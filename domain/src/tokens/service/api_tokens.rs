//! Tokens that a person makes for scripts: made, listed, renewed, ended.

use std::time::Duration;

use uuid::Uuid;

use super::super::{
    ApiToken, MadeToken, ScopeOffer, TokenName, secret,
    store::api_tokens::{self as store, Listed, NewToken, Renewal},
};
use crate::{
    AppError, FieldIssue, FieldProblem, Timestamp,
    access::{Grant, Own, Scopes, SteppedUp, Tx, Verb},
    audit::{self, Deed},
    identity::service::{TokenNews, tell_of_tokens},
    platform::Platform,
    sessions,
};

/// How many tokens a person can have, expired ones included.
pub const MOST_TOKENS: u32 = 50;
/// How long the old secret works beside the new one, when nobody says.
pub const OVERLAP: Duration = Duration::from_hours(24);
/// The longest overlap.
pub const MOST_OVERLAP: Duration = Duration::from_hours(24 * 7);
/// The longest life of a token that has an end.
const MOST_DAYS: i64 = 3660;

/// What somebody asked for, as typed.
#[derive(Clone, Debug, Default)]
pub struct NewApiToken {
    /// What they call it.
    pub name: String,
    /// What it may be used for.
    pub scopes: Vec<String>,
    /// When it stops working, as RFC 3339.
    pub expires_at: Option<String>,
    /// Instead of that: in how many days.
    pub expires_in_days: Option<String>,
}

/// The scopes that can be given, for the rooms of the interface.
#[must_use]
pub fn offers(rooms: &[&str]) -> Vec<ScopeOffer> {
    let everything =
        ScopeOffer { name: Scopes::READ_ALL.to_owned(), allows: "Read everything you may see".to_owned() };
    let of_room = |room: &&str| {
        let words = room.replace('-', " ");
        [(Verb::Read, "Read"), (Verb::Write, "Change")].map(|(verb, act)| ScopeOffer {
            name: format!("{room}:{}", verb.name()),
            allows: format!("{act} {words}"),
        })
    };
    std::iter::once(everything).chain(rooms.iter().flat_map(of_room)).collect()
}

/// Makes a token. Its text is told in the answer and nowhere else.
///
/// # Errors
/// [`AppError::InvalidInput`] naming each field; [`AppError::Conflict`] for one too many.
pub async fn create(
    grant: &Grant<SteppedUp>,
    typed: &NewApiToken,
    rooms: &[&str],
) -> Result<MadeToken, AppError> {
    let (platform, user) = (grant.platform(), grant.user());
    let (name, scopes, expires_at) = read(typed, rooms, platform.now())?;
    let fresh = secret::fresh(None);
    let id = platform.new_id();
    let mut tx = grant.begin().await?;
    // Of two at once one counts the other.
    sessions::service::hold_caller(&mut tx, grant.person()).await?;
    if store::count(tx.conn(), user).await? >= i64::from(MOST_TOKENS) {
        let problem = FieldProblem::new("name", FieldIssue::TooMany { max: MOST_TOKENS });
        return Err(AppError::Conflict { errors: vec![problem] });
    }
    let row = NewToken {
        id,
        user,
        public: &fresh.public,
        hash: fresh.hash,
        name: name.as_str(),
        scopes: &scopes,
        now: platform.now(),
        expires_at,
    };
    store::insert(tx.conn(), &row).await?;
    tell_of_tokens(&mut tx, platform, user, TokenNews::ApiTokenMade).await?;
    audit::note(&mut tx, Deed::ApiTokenMade { user, token: id, scopes: scopes.names().to_vec() }).await?;
    tx.commit().await?;
    Ok(MadeToken { id, token: fresh.text.to_string() })
}

fn read(
    typed: &NewApiToken,
    rooms: &[&str],
    now: Timestamp,
) -> Result<(TokenName, Scopes, Option<Timestamp>), AppError> {
    let name = TokenName::parse(&typed.name);
    let scopes = Scopes::parse(&typed.scopes, rooms);
    let expiry = expiry(typed, now);
    match (name, scopes, expiry) {
        (Ok(name), Ok(scopes), Ok(expires_at)) => Ok((name, scopes, expires_at)),
        (name, scopes, expiry) => {
            let problems = [
                name.err().map(|issue| FieldProblem::new("name", issue)),
                scopes.err().map(|issue| FieldProblem::new("scopes", issue)),
                expiry.err(),
            ];
            Err(AppError::InvalidInput { errors: problems.into_iter().flatten().collect() })
        }
    }
}

/// The end of a token's life. Nothing given is no end.
fn expiry(typed: &NewApiToken, now: Timestamp) -> Result<Option<Timestamp>, FieldProblem> {
    let given = |text: &Option<String>| {
        text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    if let Some(days) = given(&typed.expires_in_days) {
        let issue = |issue| FieldProblem::new("expires_in_days", issue);
        let days: i64 = days.parse().map_err(|_| issue(FieldIssue::Unreadable))?;
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(issue(FieldIssue::OutOfRange { min: 1, max: MOST_DAYS }));
        }
        return Ok(Some(now + Duration::from_hours(24 * days.unsigned_abs())));
    }
    let Some(text) = given(&typed.expires_at) else { return Ok(None) };
    let issue = |issue| FieldProblem::new("expires_at", issue);
    let at = Timestamp::parse(&text).ok_or_else(|| issue(FieldIssue::Unreadable))?;
    if at <= now {
        return Err(issue(FieldIssue::NotInFuture));
    }
    Ok(Some(at))
}

/// The caller's tokens, the newest first.
pub async fn list(grant: &Grant<Own>) -> Result<Vec<ApiToken>, AppError> {
    let now = grant.platform().now();
    let rows = store::list(grant.platform().db(), grant.user()).await?;
    Ok(rows.into_iter().map(|row| shown(row, now)).collect())
}

fn shown(row: Listed, now: Timestamp) -> ApiToken {
    let expires_at = row.expires_at.map(Timestamp::from);
    ApiToken {
        id: row.id,
        name: row.name,
        starts_with: secret::beginning(&row.public),
        scopes: row.scopes,
        created_at: row.created_at.into(),
        rotated_at: row.rotated_at.into(),
        previous_until: row.previous_until.map(Timestamp::from).filter(|until| *until > now),
        expires_at,
        expired: expires_at.is_some_and(|at| at <= now),
        last_used_at: row.last_used_at.map(Timestamp::from),
    }
}

/// Gives a token a new secret. The old one works for the overlap longer, though never beyond its own end; a token with an
/// end gets as long a life again as it had.
///
/// # Errors
/// [`AppError::NotFound`] for a token that is none of the caller's; [`AppError::InvalidInput`] for the overlap.
pub async fn rotate(
    grant: &Grant<SteppedUp>,
    token: Uuid,
    overlap_s: Option<&str>,
) -> Result<MadeToken, AppError> {
    let (platform, user) = (grant.platform(), grant.user());
    let overlap = overlap(overlap_s)?;
    let now = platform.now();
    let mut tx = grant.begin().await?;
    sessions::service::hold_caller(&mut tx, grant.person()).await?;
    let row = store::hold(tx.conn(), user, token).await?.ok_or(AppError::NotFound)?;
    let fresh = secret::fresh(Some(&row.public));
    let renewal = renewal(&row, fresh.hash, overlap, now);
    store::renew(tx.conn(), user, token, &renewal).await?;
    audit::note(&mut tx, Deed::ApiTokenRotated { user, token, overlap_s: overlap.as_secs() }).await?;
    tx.commit().await?;
    Ok(MadeToken { id: token, token: fresh.text.to_string() })
}

fn renewal(row: &Listed, hash: secret::SecretHash, overlap: Duration, now: Timestamp) -> Renewal {
    let ended = row.expires_at.map(Timestamp::from);
    let rotated_at = Timestamp::from(row.rotated_at);
    let life = ended.and_then(|end| Duration::try_from(end - rotated_at).ok());
    let until = ended.map_or(now + overlap, |end| end.min(now + overlap));
    Renewal {
        hash,
        now,
        previous_until: (until > now).then_some(until),
        expires_at: life.map(|life| now + life),
    }
}

/// For how long the secret before is good beside a new one, as typed (`overlap_s`); [`OVERLAP`] when nobody says.
///
/// # Errors
/// [`AppError::InvalidInput`] for what is no number of seconds up to [`MOST_OVERLAP`].
pub(crate) fn overlap(typed: Option<&str>) -> Result<Duration, AppError> {
    let Some(typed) = typed.map(str::trim).filter(|typed| !typed.is_empty()) else { return Ok(OVERLAP) };
    let seconds: i64 = typed.parse().map_err(|_| AppError::invalid("overlap_s", FieldIssue::Unreadable))?;
    let max = i64::try_from(MOST_OVERLAP.as_secs()).unwrap_or(i64::MAX);
    if (0..=max).contains(&seconds) {
        Ok(Duration::from_secs(seconds.unsigned_abs()))
    } else {
        Err(AppError::invalid("overlap_s", FieldIssue::OutOfRange { min: 0, max }))
    }
}

/// Ends a token at once.
///
/// # Errors
/// [`AppError::NotFound`] for a token that has ended or is somebody else's.
pub async fn end(grant: &Grant<Own>, token: Uuid) -> Result<(), AppError> {
    let user = grant.user();
    let mut tx = grant.begin().await?;
    if !store::end(tx.conn(), user, token).await? {
        return Err(AppError::NotFound);
    }
    audit::note(&mut tx, Deed::ApiTokenEnded { user, token }).await?;
    tx.commit().await
}

/// Whether an API token has not been ended.
pub(crate) async fn api_token_goes_on(tx: &mut Tx, token: Uuid) -> Result<bool, AppError> {
    store::goes_on(tx.conn(), token).await
}

/// Ends every API token of an account and tells its owner, inside the transaction that gives the reason. Answers how many.
pub async fn end_api_tokens(tx: &mut Tx, platform: &Platform, user: Uuid) -> Result<u64, AppError> {
    let count = store::end_all(tx.conn(), user).await?;
    if count > 0 {
        tell_of_tokens(tx, platform, user, TokenNews::ApiTokensEnded { count }).await?;
        audit::note(tx, Deed::ApiTokensEnded { user, count }).await?;
    }
    Ok(count)
}
