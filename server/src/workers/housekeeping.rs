//! Forgets what has expired and renews what is due, every ten minutes. Safe on every replica at once.

use std::time::Duration;

use domain::{
    access::{Grant, idempotency},
    admin::reseal::reseal_all,
    audit,
    billing::stripe::inbox,
    federation, identity, operations, organizations,
    platform::Platform,
    second_factor::passkeys::service as passkeys,
    sessions, tokens, webhooks,
};
use tokio_util::sync::CancellationToken;

const EVERY: Duration = Duration::from_mins(10);

pub(super) async fn run(platform: Platform, stop: CancellationToken) {
    reseal(&platform).await;
    let mut turns = tokio::time::interval(EVERY);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = turns.tick() => {}
        }
        // What fails is in the log already, and comes round again.
        if let Ok(count) = sessions::service::sweep(&platform).await
            && count > 0
        {
            tracing::info!(sessions = count, "forgot expired sessions");
        }
        let _ = identity::service::sweep(&platform).await;
        let _ = idempotency::sweep(&platform).await;
        let _ = passkeys::sweep(&platform).await;
        if let Ok(count) = organizations::service::delete_due(&platform).await
            && count > 0
        {
            tracing::info!(
                organizations = count,
                "deleted organizations whose owners asked for it two weeks ago"
            );
        }
        let _ = organizations::service::sweep(&platform).await;
        if let Ok(count) = identity::service::delete_due(&platform).await
            && count > 0
        {
            tracing::info!(accounts = count, "deleted accounts whose owners asked for it two weeks ago");
        }
        let _ = federation::service::sweep(&platform).await;
        let _ = tokens::service::sweep(&platform).await;
        let _ = operations::service::sweep(&platform).await;
        let _ = webhooks::service::sweep(&platform).await;
        let _ = inbox::sweep(&platform).await;
        let keys = Grant::system(&platform, "keeping a signing key");
        if tokens::service::keep_signing_key(&keys).await == Ok(true) {
            tracing::info!("made a signing key");
        }
        if let Ok(count) = audit::service::retain(&platform).await
            && count > 0
        {
            tracing::info!(entries = count, "removed old entries of the audit trail under a checkpoint");
        }
    }
}

/// Another key seals since the last start, or this finds nothing.
async fn reseal(platform: &Platform) {
    let grant = Grant::system(platform, "sealing anew");
    match reseal_all(&grant).await {
        Ok(found) if found.done > 0 => {
            tracing::info!(values = found.done, "sealed with the active key what an older one had sealed");
        }
        // What fails is in the log already; the next start and `gatehouse admin reseal` go on with it.
        Ok(_) | Err(_) => {}
    }
}
