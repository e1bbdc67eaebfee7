//! Takes a copy away, piece by piece.

use uuid::Uuid;

use super::{super::super::store, pieces};
use crate::{
    AppError,
    access::{Grant, SteppedUp, Tx},
    audit::{self, Deed},
    sessions,
};

/// A copy that is being taken away.
pub struct Download {
    grant: Grant<SteppedUp>,
    operation: Uuid,
    /// How long it is, in bytes.
    bytes: u64,
    last: Option<i32>,
}

/// Finds the caller's newest copy.
///
/// # Errors
/// [`AppError::NotFound`] where none is ready, or not any more.
pub async fn download(grant: &Grant<SteppedUp>) -> Result<Download, AppError> {
    let platform = grant.platform();
    let ready = store::ready_export(platform.db(), grant.user(), platform.now()).await?;
    let ready = ready.ok_or(AppError::NotFound)?;
    let bytes = u64::try_from(ready.bytes).unwrap_or_default();
    Ok(Download { grant: grant.clone(), operation: ready.operation_id, bytes, last: None })
}

impl Download {
    /// How long the file is, in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The next piece; `None` after the last one. The first one is noted as the download.
    ///
    /// # Errors
    /// [`AppError::SignInRequired`] once the caller was shut out; [`AppError::NotFound`] once the copy has gone.
    pub async fn next_piece(&mut self) -> Result<Option<Vec<u8>>, AppError> {
        let mut tx = self.grant.begin().await?;
        // It may take longer than somebody stays in.
        sessions::service::hold_caller(&mut tx, self.grant.person()).await?;
        let Some(piece) = store::next_piece(tx.conn(), self.operation, self.last).await? else {
            return if self.last.is_some() { Ok(None) } else { Err(AppError::NotFound) };
        };
        if self.last.is_none() {
            self.note(&mut tx).await?;
        }
        tx.commit().await?;
        self.last = Some(piece.position);
        pieces::open(self.grant.platform(), self.operation, &piece).map(Some)
    }

    async fn note(&self, tx: &mut Tx) -> Result<(), AppError> {
        audit::note(tx, Deed::DataDownloaded { user: self.grant.user(), operation: self.operation }).await
    }
}
