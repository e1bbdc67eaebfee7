//! Who shows a token.

use time::OffsetDateTime;

use super::{
    super::{
        family::IDLE,
        jwt::Unverified,
        secret,
        store::{api_tokens, families},
    },
    keys,
};
use crate::{AppError, access::Person, platform::Platform};

/// `last_used_at` is written at most so often: a script of many calls is one write a minute.
const USED_RESOLUTION: std::time::Duration = std::time::Duration::from_mins(1);
/// By how much the clocks of two replicas may differ; what was proved later than that was proved before a clock was set
/// back, and its age is unknown.
const SKEW: std::time::Duration = std::time::Duration::from_secs(2);

/// The person behind the text of an `Authorization: Bearer` header; `None` for a token that is wrong, old or ended.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn resolve_bearer(platform: &Platform, text: &str) -> Result<Option<Person>, AppError> {
    if secret::looks_like(text) {
        by_api_token(platform, text).await
    } else {
        by_access_token(platform, text).await
    }
}

async fn by_api_token(platform: &Platform, text: &str) -> Result<Option<Person>, AppError> {
    let Some((public, hash)) = secret::read(text) else { return Ok(None) };
    let now = platform.now();
    let Some(found) = api_tokens::find(platform.db(), public, now).await? else { return Ok(None) };
    if !hash.is(&found.secret_hash) && !found.previous_hash.is_some_and(|previous| hash.is(&previous)) {
        return Ok(None);
    }
    if found.last_used_at.is_none_or(|at| now - at >= USED_RESOLUTION) {
        // What fails is in the log by now, and no reason to refuse a script.
        let _ = api_tokens::touch(platform.db(), found.person.session, now).await;
    }
    Ok(Some(found.person))
}

async fn by_access_token(platform: &Platform, text: &str) -> Result<Option<Person>, AppError> {
    let Some(token) = Unverified::read(text) else { return Ok(None) };
    let Some(key) = keys::published(platform, token.kid).await? else { return Ok(None) };
    let now = platform.now();
    let Some(claims) = token.verify(&key, &platform.rules().public_url, now) else { return Ok(None) };
    let person = families::person(platform.db(), claims.sid, claims.sub, now, now - IDLE).await?;
    Ok(person.map(|mut person| {
        if person.proved_at > now + SKEW {
            person.proved_at = OffsetDateTime::UNIX_EPOCH.into();
        }
        person
    }))
}
