//! Letters that somebody asks for by an address: a new password, a confirmation.
//!
//! Who asks waits for one and the same row, whatever the address; a worker then finds out what letter it becomes.
//! Promise: the time of the answer tells nothing about an address; a request that was taken is answered even if the
//! process dies meanwhile, and once only.

use std::{net::IpAddr, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    super::{
        Address,
        store::{self, LetterKind, LetterRequest},
    },
    may_write_to, password, register,
};
use crate::{
    AppError,
    access::{Actor, Anonymous, Caller, Grant, Purpose, RequestFacts, Tx},
    platform::{Platform, bell, log::WhileDoing, vault::Column},
};

/// The channel that wakes the worker.
const CHANNEL: &str = "letter_requests";
/// What a request is sealed for.
const SEAL: &str = "letter-request";
/// Where this room seals.
pub const SEALED_REQUESTS: Column = Column { table: "letter_requests", record: "id", purpose: SEAL };
/// How often requests are looked for without being woken.
const POLL: Duration = Duration::from_secs(5);
/// The shortest wait after a failure; it grows with the age of the request.
const WAIT: Duration = Duration::from_secs(2);

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Asked {
    email: String,
    /// Whether the address may get one more letter; counted when it was asked for, so that a repetition counts once.
    may_write: bool,
    request: Uuid,
    from: IpAddr,
}

/// Keeps the request; the same work for every address.
///
/// # Errors
/// [`AppError::InvalidInput`] for what is no address.
pub(super) async fn ask(grant: &Grant<Anonymous>, kind: LetterKind, email: &str) -> Result<(), AppError> {
    let address = Address::parse(email).map_err(|issue| AppError::invalid("email", issue))?;
    let platform = grant.platform();
    let may_write = may_write_to(platform, address.as_str()).await;
    let facts = grant.request();
    let asked =
        Asked { email: address.as_str().to_owned(), may_write, request: facts.id, from: facts.address };
    let id = platform.new_id();
    let plain = zeroize::Zeroizing::new(serde_json::to_vec(&asked).unwrap_or_default());
    let request = LetterRequest { id, kind, sealed: platform.vault().seal(SEAL, id, &plain) };
    let mut tx = grant.begin().await?;
    store::put_letter_request(tx.conn(), &request, platform.now()).await?;
    bell::ring(tx.conn(), CHANNEL).await?;
    tx.commit().await
}

/// Forgets what was asked for this address: its account is gone.
pub(super) async fn withdraw(platform: &Platform, tx: &mut Tx, address: &str) -> Result<(), AppError> {
    for (id, sealed) in store::waiting_letter_requests(tx.conn()).await? {
        let Ok(plain) = platform.vault().open(SEAL, id, &sealed) else { continue };
        let is_theirs = serde_json::from_slice::<Asked>(&plain)
            .is_ok_and(|asked| asked.email.eq_ignore_ascii_case(address));
        if is_theirs {
            store::end_letter_request(tx.conn(), id).await?;
        }
    }
    Ok(())
}

/// Answers requests until told to stop. Safe on every replica at once.
pub async fn answer_letter_requests(platform: Platform, stop: CancellationToken) {
    let bell = Arc::new(Notify::new());
    let listener = tokio::spawn(bell::listen(platform.clone(), CHANNEL, Arc::clone(&bell), stop.clone()));
    while !stop.is_cancelled() {
        // What fails here is in the log, and is tried again.
        let _ = answer_letter_requests_once(&platform).await;
        tokio::select! {
            () = stop.cancelled() => {}
            () = bell.notified() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
    let _ = listener.await;
}

/// Answers everything that is due right now, one after the other, and says how many requests that were.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn answer_letter_requests_once(platform: &Platform) -> Result<usize, AppError> {
    let mut count = 0;
    while let Some((request, created_at)) = store::next_letter_request(platform.db(), platform.now()).await? {
        if answer(platform, &request).await.is_err() {
            // The cause is in the log. The others do not wait for this one.
            let now = platform.now();
            let age = Duration::try_from(now - created_at).unwrap_or_default();
            store::put_off_letter_request(platform.db(), request.id, now + age.max(WAIT)).await?;
        }
        count += 1;
    }
    Ok(count)
}

/// Turns a request into its letter, all in one transaction with the end of the request.
async fn answer(platform: &Platform, request: &LetterRequest) -> Result<(), AppError> {
    let plain = platform
        .vault()
        .open(SEAL, request.id, &request.sealed)
        .while_doing("opening a request for a letter")?;
    let asked: Asked = serde_json::from_slice(&plain).map_err(|_| {
        tracing::error!(request.id = %request.id, "a request for a letter cannot be read");
        AppError::Internal
    })?;
    let facts = RequestFacts {
        id: asked.request,
        address: asked.from,
        user_agent: String::new(),
        device: None,
        claim: None,
    };
    // What is noted of it names the request it was asked with.
    let grant = Caller::new(platform.clone(), Actor::Nobody, facts).anonymous(Purpose::Letter);
    let mut tx = grant.begin().await?;
    let is_ours = store::end_letter_request(tx.conn(), request.id).await?;
    if is_ours
        && asked.may_write
        && let Some(account) = store::by_address(tx.conn(), &asked.email).await?
    {
        match request.kind {
            LetterKind::NewPassword => password::send_forgotten(&mut tx, platform, &account).await?,
            LetterKind::Confirmation => register::confirm_again(&mut tx, platform, &account).await?,
        }
    }
    tx.commit().await
}
