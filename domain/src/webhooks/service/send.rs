//! One attempt: signed, handed over, noted.

use std::time::Instant;

use url::Url;
use zeroize::Zeroizing;

use super::{
    super::{
        signing::{self, Secret},
        store::{endpoints, queue::Taken},
    },
    PURPOSE, record,
};
use crate::{
    AppError, Timestamp,
    platform::{
        Platform,
        courier::{Courier, Receipt},
        outbound::OutboundProblem,
    },
};

/// Why nobody answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unsent {
    /// No key of the vault's ring opens a secret; it may be put back.
    #[error("its secret cannot be opened")]
    Sealed,
    /// It could not be handed over.
    #[error(transparent)]
    Outbound(#[from] OutboundProblem),
}

/// What an attempt was like.
pub(super) struct Tried {
    pub(super) at: Timestamp,
    pub(super) duration_ms: i32,
    pub(super) result: Result<Receipt, Unsent>,
}

/// Sends a delivery that was taken, and notes what came of it.
///
/// # Errors
/// [`AppError::Busy`] while the database is away: then the lease ends, and it is sent again under the same id.
pub(super) async fn hand_over(platform: &Platform, courier: &Courier, taken: &Taken) -> Result<(), AppError> {
    let (at, begun) = (platform.now(), Instant::now());
    let secrets = endpoints::secrets(platform.db(), taken.endpoint_id, at).await?;
    let open = |it: endpoints::Sealed| platform.vault().open(PURPOSE, it.id, &it.sealed);
    let secrets: Result<Vec<Zeroizing<Vec<u8>>>, _> = secrets.into_iter().map(open).collect();
    let result = match secrets {
        Err(_) => Err(Unsent::Sealed),
        Ok(secrets) => {
            let secrets: Vec<Secret> = secrets.into_iter().map(Secret::opened).collect();
            post(courier, &secrets, taken, at).await.map_err(Unsent::from)
        }
    };
    let duration_ms = i32::try_from(begun.elapsed().as_millis()).unwrap_or(i32::MAX);
    record::note(platform, taken, &Tried { at, duration_ms, result }).await
}

async fn post(
    courier: &Courier,
    secrets: &[Secret],
    taken: &Taken,
    at: Timestamp,
) -> Result<Receipt, OutboundProblem> {
    let url = Url::parse(&taken.url).map_err(|_| OutboundProblem::Address)?;
    let headers = signing::headers(secrets, taken.id, at, &taken.body);
    courier.post(&url, &headers, taken.body.clone()).await
}
