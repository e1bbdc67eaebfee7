//! A copy of everything the site holds about somebody, for them to take away.
//!
//! It is made by an operation of three steps: what the rooms hold, what the trail says, and the letter that it is ready.
//! Promise: it is whole or not there; it lies sealed for a week; only its owner takes it away, with a fresh proof; nothing in
//! it lets anybody in.

mod download;
mod pieces;
mod steps;

pub use download::{Download, download};
pub use steps::MakeDataExport;

use std::time::Duration;

use super::super::{DataExport, ReadyExport, store};
use crate::{
    AppError,
    access::{Grant, Own, SteppedUp},
    audit::{self, Deed},
    operations::{self, OperationAsked},
    platform::{Platform, vault::Column},
    sessions,
};

/// How long a copy waits to be taken away.
const KEPT: Duration = Duration::from_hours(7 * 24);
/// What the pieces of a copy are sealed for.
const SEAL: &str = "data-export";
/// Where they are sealed.
pub const SEALED_EXPORTS: Column = Column { table: "data_export_parts", record: "id", purpose: SEAL };

/// Asks for a copy of everything the site holds about the caller, or answers the operation that makes one already.
pub async fn export_data(grant: &Grant<SteppedUp>) -> Result<OperationAsked, AppError> {
    let (platform, user) = (grant.platform(), grant.user());
    let mut tx = grant.begin().await?;
    sessions::service::hold_caller(&mut tx, grant.person()).await?;
    let asked = operations::service::ask(&mut tx, platform, &MakeDataExport, user, user).await?;
    if asked.is_new {
        audit::note(&mut tx, Deed::DataExportAsked { user, operation: asked.id }).await?;
    }
    tx.commit().await?;
    Ok(OperationAsked { operation_id: asked.id })
}

/// Where the copy of the caller's data stands. `proof` says whether it could be taken away now.
pub async fn data_export(
    grant: &Grant<Own>,
    proof: Option<&Grant<SteppedUp>>,
) -> Result<DataExport, AppError> {
    let (platform, user) = (grant.platform(), grant.user());
    let operation = operations::service::newest(platform, &MakeDataExport, user).await?;
    let ready = store::ready_export(platform.db(), user, platform.now()).await?;
    let ready = ready.map(|row| ReadyExport {
        made_at: row.made_at,
        expires_at: row.expires_at,
        bytes: u64::try_from(row.bytes).unwrap_or_default(),
    });
    Ok(DataExport { operation, ready, is_proved: proof.is_some() })
}

/// Forgets copies that nobody has taken away in time. Safe on every replica at once.
pub(super) async fn forget_expired(platform: &Platform) -> Result<u64, AppError> {
    store::forget_exports(platform.db(), platform.now()).await
}
