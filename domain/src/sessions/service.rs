//! Begin, recognize, list and end sessions.

use std::time::Duration;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Device, device, impersonation,
    known_devices::{self, Arrival, KNOWN_FOR},
    store::{self, Held, NewRow, PendingRow, UsedSince},
};
use crate::{
    AppError, Timestamp,
    access::{Actor, Grant, HalfWay, Own, Person, Place, RequestFacts, SignInMethod, SteppedUp, Tx, Via},
    audit::{self, Deed},
    platform::{
        Binding, Platform,
        log::WhileDoing,
        random::{Token, TokenHash},
    },
    tokens,
};

/// How many places a person can be signed in at; the one unused the longest ends when there is one more.
pub const MOST_SESSIONS: i64 = 10;
/// How long the second factor may take after the password.
pub const PENDING_LIFETIME: Duration = Duration::from_mins(10);
/// `last_seen_at` is written at most so often: a page of ten requests is one write.
const SEEN_RESOLUTION: Duration = Duration::from_mins(1);

/// By how much the clocks of two replicas may differ. A proof from later than that was given before a clock was set back,
/// and its age is unknown.
const SKEW: Duration = Duration::from_secs(2);
/// When a proof of unknown age was given.
const LONG_AGO: time::OffsetDateTime = time::OffsetDateTime::UNIX_EPOCH;

/// The cookies of a request that concern this room, unread.
#[derive(Clone, Default)]
pub struct Cookies {
    /// `__Host-gate`.
    pub session: Option<String>,
    /// `__Host-gate-pending`.
    pub pending: Option<String>,
}

/// A session that was just begun; its secret goes into the cookie and nowhere else.
#[derive(Debug)]
pub struct NewSession {
    /// The session.
    pub id: Uuid,
    /// The secret for the cookie.
    pub token: Token,
    /// How long the browser keeps the cookie; `None` ends with the browser.
    pub keep_for: Option<Duration>,
    /// What its beginning found out about the browser; `None` where it was only renewed.
    pub arrival: Option<Arrival>,
}

/// Finds out who asks. A cookie that is wrong, old or ended is nobody.
pub async fn resolve(
    platform: &Platform,
    cookies: &Cookies,
    request: &RequestFacts,
) -> Result<Actor, AppError> {
    let now = platform.now();
    if let Some(hash) = cookies.session.as_deref().and_then(TokenHash::of)
        && let Some(actor) = recognize(platform, &hash, request, now).await?
    {
        return Ok(actor);
    }
    if let Some(hash) = cookies.pending.as_deref().and_then(TokenHash::of)
        && let Some(pending) = store::find_pending(platform.db(), &hash, now).await?
    {
        return Ok(Actor::HalfWay(HalfWay { sign_in: pending.id, user: pending.user_id }));
    }
    Ok(Actor::Nobody)
}

async fn recognize(
    platform: &Platform,
    hash: &TokenHash,
    request: &RequestFacts,
    now: Timestamp,
) -> Result<Option<Actor>, AppError> {
    let used_since = used_since(platform, now);
    let Some(mut row) = store::find(platform.db(), hash, request, now, used_since).await? else {
        return Ok(None);
    };
    row.person.place = place(platform.rules().session_binding, &row.user_agent, row.near, request);
    if (now - row.last_seen_at) > SEEN_RESOLUTION {
        // A full disk is in the log by now, and no reason to refuse somebody who only reads.
        let _ = store::touch(platform.db(), row.person.session, row.person.user, now).await;
    }
    if row.person.proved_at > now + SKEW {
        row.person.proved_at = LONG_AGO.into();
    }
    if let Some(begun) = &row.impersonation
        && let Some(impersonating) = impersonation::resume(platform, &row.person, begun).await?
    {
        return Ok(Some(Actor::Impersonating(impersonating)));
    }
    Ok(Some(Actor::Person(row.person)))
}

fn place(binding: Binding, proved_in: &str, near: bool, request: &RequestFacts) -> Place {
    // The same text is the same browser; reading it costs more than the rest of the request's beginning.
    let same_browser = || {
        proved_in == request.user_agent
            || device::describe(proved_in) == device::describe(&request.user_agent)
    };
    let kept = match binding {
        Binding::BrowserAndNetwork => near && same_browser(),
        Binding::Browser => same_browser(),
        Binding::Nothing => true,
    };
    if kept { Place::Proved } else { Place::Moved }
}

/// Keeps an account as it is until the transaction ends, and says how it is; `None` when it is locked or gone.
///
/// Comes first in every transaction that opens, renews or proves something: what was looked at before may have changed
/// while the password was hashed, and a transaction that locks the account first never meets another one crosswise.
pub async fn hold(tx: &mut Tx, user: Uuid) -> Result<Option<Held>, AppError> {
    Ok(store::hold(tx.conn(), user).await?.filter(|account| !account.locked))
}

/// How much of what an account can ask for was proved just now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proved {
    /// All of it: for some minutes the session may do what needs a fresh proof.
    Whole,
    /// Enough to sign in, and not all: in a trusted browser, by a provider that stands for both factors, or by one at which
    /// they were signed in before.
    InPart,
}

/// Keeps the caller's account as it is until the transaction ends, and makes sure that their session has not ended while
/// they waited for it: whoever is shut out does nothing afterwards, not even what they had asked for before.
///
/// # Errors
/// [`AppError::SignInRequired`] for an account that is locked or gone, or a session that has ended.
pub(crate) async fn hold_caller(tx: &mut Tx, person: &Person) -> Result<Held, AppError> {
    let account = hold(tx, person.user).await?.ok_or(AppError::SignInRequired)?;
    let goes_on = match person.via {
        Via::Cookie => store::goes_on(tx.conn(), person.session).await?,
        Via::AccessToken => tokens::service::family_goes_on(tx, person.session).await?,
        Via::ApiToken(_) => tokens::service::api_token_goes_on(tx, person.session).await?,
    };
    if goes_on { Ok(account) } else { Err(AppError::SignInRequired) }
}

/// Begins a session for somebody who has proved everything that was asked, and keeps by what they came in.
pub(crate) async fn begin(
    tx: &mut Tx,
    platform: &Platform,
    user: Uuid,
    remembered: bool,
    (method, proved): (SignInMethod, Proved),
) -> Result<NewSession, AppError> {
    let now = platform.now();
    let lifetime = lifetime(platform, remembered);
    let token = Token::new();
    let id = platform.new_id();
    let request = tx.request().clone();
    let arrival = known_devices::arrive(tx, platform, user).await?;
    let row = NewRow { id, user, method, remembered, now, expires_at: now + lifetime };
    let proved_at = if proved == Proved::Whole { now } else { LONG_AGO.into() };
    store::insert(tx.conn(), &row, proved_at, &token.hash(), &request, arrival.device).await?;
    let used_since = used_since(platform, now);
    store::end_unused(tx.conn(), user, id, MOST_SESSIONS - 1, (now, used_since)).await?;
    Ok(NewSession { id, token, keep_for: remembered.then_some(lifetime), arrival: Some(arrival) })
}

/// The session that a request came with.
#[must_use]
pub fn of_actor(actor: &Actor) -> Option<Uuid> {
    match actor {
        Actor::Person(person) if person.via == Via::Cookie => Some(person.session),
        Actor::Person(_) | Actor::Impersonating(_) | Actor::HalfWay(_) | Actor::Nobody => None,
    }
}

/// Ends the session whose cookie a new one is about to replace; nobody could use or end it any more.
pub async fn give_up(tx: &mut Tx, session: Option<Uuid>) -> Result<(), AppError> {
    if let Some(session) = session
        && store::give_up(tx.conn(), session).await?
    {
        audit::note(tx, Deed::SessionReplaced { session }).await?;
    }
    Ok(())
}

/// Gives a session a new secret: after a change of privilege the old one is worth nothing. How fresh its proof is does not
/// change.
pub(crate) async fn renew(tx: &mut Tx, platform: &Platform, session: Uuid) -> Result<NewSession, AppError> {
    let token = Token::new();
    let remembered = store::renew(tx.conn(), session, &token.hash(), platform.now())
        .await?
        .ok_or(AppError::SignInRequired)?;
    let keep_for = remembered.then(|| lifetime(platform, true));
    Ok(NewSession { id: session, token, keep_for, arrival: None })
}

/// Renews the session of somebody who has just proved everything, and keeps where that was.
pub(crate) async fn prove(tx: &mut Tx, platform: &Platform, session: Uuid) -> Result<NewSession, AppError> {
    let renewed = renew(tx, platform, session).await?;
    let request = tx.request().clone();
    store::prove(tx.conn(), session, &request, platform.now()).await?;
    Ok(renewed)
}

/// What was not used since then is over.
fn used_since(platform: &Platform, now: Timestamp) -> UsedSince {
    let rules = platform.rules();
    UsedSince { plain: now - rules.session_idle, remembered: now - rules.session_remembered_idle }
}

fn lifetime(platform: &Platform, remembered: bool) -> Duration {
    let rules = platform.rules();
    if remembered { rules.session_remembered } else { rules.session_absolute }
}

/// Holds a sign-in between password and second factor.
pub(crate) async fn begin_pending(
    tx: &mut Tx,
    platform: &Platform,
    user: Uuid,
    (remembered, method): (bool, SignInMethod),
    next: Option<&str>,
) -> Result<Token, AppError> {
    let token = Token::new();
    let (id, now) = (platform.new_id(), platform.now());
    let row = NewRow { id, user, method, remembered, now, expires_at: now + PENDING_LIFETIME };
    store::insert_pending(tx.conn(), &row, &token.hash(), next).await?;
    Ok(token)
}

/// Takes a waiting sign-in, once: of two at the same time only one gets it.
pub(crate) async fn take_pending(
    tx: &mut Tx,
    platform: &Platform,
    sign_in: Uuid,
) -> Result<PendingRow, AppError> {
    store::take_pending(tx.conn(), sign_in, platform.now()).await?.ok_or(AppError::SignInRequired)
}

/// Where the caller is signed in, the newest first.
pub async fn list(grant: &Grant<Own>) -> Result<Vec<Device>, AppError> {
    of_account(grant.platform(), grant.user(), Some(grant.person().session)).await
}

/// Where an account is signed in, for a room whose grant allows to look.
pub(crate) async fn of_account(
    platform: &Platform,
    user: Uuid,
    current: Option<Uuid>,
) -> Result<Vec<Device>, AppError> {
    let now = platform.now();
    let rows = store::list(platform.db(), user, now, used_since(platform, now)).await?;
    Ok(rows
        .into_iter()
        .map(|row| Device {
            id: row.id,
            device: device::describe(&row.user_agent),
            address: row.address.ip().to_string(),
            place: platform.places().find(row.address.ip()),
            created_at: row.created_at.into(),
            last_seen_at: row.last_seen_at.into(),
            current: Some(row.id) == current,
        })
        .collect())
}

/// Ends one of the caller's sessions.
///
/// # Errors
/// [`AppError::NotFound`] for a session that has ended or is somebody else's.
pub async fn end(grant: &Grant<SteppedUp>, session: Uuid) -> Result<(), AppError> {
    let mut tx = grant.begin().await?;
    if !store::end(tx.conn(), grant.user(), session).await? {
        return Err(AppError::NotFound);
    }
    audit::note(&mut tx, Deed::SessionEnded { user: grant.user(), session }).await?;
    tx.commit().await
}

/// Ends every session of the caller but the one that asks, and asks for the second factor everywhere again. Answers how
/// many.
pub async fn end_others(grant: &Grant<SteppedUp>) -> Result<u64, AppError> {
    let mut tx = grant.begin().await?;
    let ended = end_all(&mut tx, grant.user(), Some(grant.person().session)).await?;
    audit::note(&mut tx, Deed::SessionsEnded { user: grant.user(), count: ended }).await?;
    tx.commit().await?;
    Ok(ended)
}

/// Ends the session that asks.
pub async fn sign_out(grant: &Grant<Own>) -> Result<(), AppError> {
    let mut tx = grant.begin().await?;
    store::end(tx.conn(), grant.user(), grant.person().session).await?;
    audit::note(&mut tx, Deed::SignedOut { user: grant.user() }).await?;
    tx.commit().await
}

/// Ends every session and waiting sign-in of an account, and where its scripts are signed in, and trusts no browser any
/// more, inside the transaction that gives the reason. `except` is the session, or the scripts' one, that goes on.
pub(crate) async fn end_all(tx: &mut Tx, user: Uuid, except: Option<Uuid>) -> Result<u64, AppError> {
    impersonation::end_all(tx, user).await?;
    let scripts = tokens::service::end_families(tx, user, except).await?;
    known_devices::distrust_all(tx, user).await?;
    Ok(store::end_all(tx.conn(), user, except).await? + scripts)
}

/// What this room holds about somebody, for the copy of their data.
pub(crate) async fn copy_of(tx: &mut Tx, user: Uuid) -> Result<Value, AppError> {
    let sessions = store::sessions_of(tx.conn(), user).await?;
    let browsers = store::browsers_of(tx.conn(), user).await?;
    let looks = store::looks_of(tx.conn(), user).await?;
    Ok(json!({ "sessions": sessions, "known_browsers": browsers, "looks": looks }))
}

/// Forgets what has expired. Safe to run on every replica at once.
pub async fn sweep(platform: &Platform) -> Result<u64, AppError> {
    let now = platform.now();
    let swept = store::sweep(platform.db(), now, used_since(platform, now))
        .await
        .while_doing("forgetting expired sessions")?;
    let devices = store::sweep_devices(platform.db(), now - KNOWN_FOR)
        .await
        .while_doing("forgetting browsers unused for long")?;
    let impersonations = store::impersonations::sweep(platform.db(), now)
        .await
        .while_doing("forgetting impersonations that are over")?;
    Ok(swept + devices + impersonations)
}
