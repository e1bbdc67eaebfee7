//! What Redis remembers: that a budget is certainly used up, for a moment. To lose it costs nothing but a question to Postgres,
//! and nobody is let in by it.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use sha2::{Digest as _, Sha256};

use super::{Call, lease::key};
use crate::{
    AppError,
    access::{Grant, Organization},
    platform::Platform,
};

/// How long, in milliseconds: so long a raised cap may go unnoticed on this lane.
const MEMORY_MS: u64 = 2_000;

/// The refusal of a moment ago, for a call that is not smaller than the one that was refused.
pub(super) async fn known(platform: &Platform, grant: &Grant<Organization>, call: &Call) -> Option<AppError> {
    let name = name(grant, call);
    let read = |mut redis: ::redis::aio::ConnectionManager| async move {
        ::redis::cmd("GET").arg(name).query_async::<Option<String>>(&mut redis).await
    };
    let text = platform.redis().run("asking whether a budget is used up", read).await??;
    let (amount, refusal) = text.split_once(' ')?;
    let amount: i64 = amount.parse().ok()?;
    serde_json::from_str(refusal).ok().filter(|_| call.amount.get() >= amount)
}

/// Remembers a refusal that no ending call can undo: what is spent alone leaves too little.
pub(super) async fn remember(
    platform: &Platform,
    grant: &Grant<Organization>,
    call: &Call,
    refusal: &AppError,
) {
    let AppError::SpendCapReached { cap, spent, .. } = refusal else { return };
    let is_certain = spent.checked_add(call.amount).is_none_or(|sum| sum > *cap);
    let (true, Ok(text)) = (is_certain, serde_json::to_string(refusal)) else { return };
    let (name, text) = (name(grant, call), format!("{} {text}", call.amount.get()));
    let write = |mut redis: ::redis::aio::ConnectionManager| async move {
        ::redis::cmd("SET").arg(name).arg(text).arg("PX").arg(MEMORY_MS).query_async::<()>(&mut redis).await
    };
    let _ = platform.redis().run("remembering that a budget is used up", write).await;
}

fn name(grant: &Grant<Organization>, call: &Call) -> String {
    let hash = Sha256::digest(format!("{:?}", key(grant, call)));
    format!("spend:exhausted:{}", BASE64_URL_SAFE_NO_PAD.encode(hash))
}
