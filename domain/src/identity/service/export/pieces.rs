//! The text of a copy, cut into pieces that are sealed each for its place.

use uuid::Uuid;
use zeroize::Zeroizing;

use super::{super::super::store, SEAL};
use crate::{
    AppError,
    access::Tx,
    platform::{Platform, log::WhileDoing, random::id},
};

/// How long a piece gets before the next one begins, in bytes.
const ENOUGH: usize = 48 * 1024;
/// Which copy and which piece of it, in front of the text: a piece that was moved does not open.
const PLACE: usize = 16 + 4;

/// Writes pieces, one behind the other.
pub(super) struct Pieces<'a> {
    platform: &'a Platform,
    operation: Uuid,
    position: i32,
    text: Zeroizing<Vec<u8>>,
}

impl<'a> Pieces<'a> {
    /// Begins with the piece of this number.
    pub(super) fn from(platform: &'a Platform, operation: Uuid, position: i32) -> Self {
        Self { platform, operation, position, text: Zeroizing::default() }
    }

    /// Appends a text, and keeps what is long enough.
    pub(super) async fn put(&mut self, tx: &mut Tx, text: &str) -> Result<(), AppError> {
        self.text.extend_from_slice(text.as_bytes());
        if self.text.len() >= ENOUGH { self.keep(tx).await } else { Ok(()) }
    }

    /// Keeps the rest.
    pub(super) async fn end(mut self, tx: &mut Tx) -> Result<(), AppError> {
        if self.text.is_empty() { Ok(()) } else { self.keep(tx).await }
    }

    async fn keep(&mut self, tx: &mut Tx) -> Result<(), AppError> {
        let text = std::mem::take(&mut self.text);
        let plain = Zeroizing::new([&place(self.operation, self.position)[..], &text[..]].concat());
        let id = id(self.platform.now());
        let piece = store::NewPiece {
            id,
            operation: self.operation,
            position: self.position,
            bytes: i32::try_from(text.len()).unwrap_or(i32::MAX),
            sealed: self.platform.vault().seal(SEAL, id, &plain),
        };
        self.position += 1;
        store::put_piece(tx.conn(), &piece).await
    }
}

/// Opens a piece that was sealed for this place.
pub(super) fn open(platform: &Platform, operation: Uuid, piece: &store::Piece) -> Result<Vec<u8>, AppError> {
    let plain = platform.vault().open(SEAL, piece.id, &piece.sealed).while_doing("opening a copy of data")?;
    match plain.split_at_checked(PLACE) {
        Some((place_of, text)) if place_of == place(operation, piece.position) => Ok(text.to_vec()),
        _ => {
            tracing::error!(operation.id = %operation, position = piece.position, "a piece of a copy is in the wrong place");
            Err(AppError::Internal)
        }
    }
}

fn place(operation: Uuid, position: i32) -> [u8; PLACE] {
    let mut place = [0; PLACE];
    let (of, at) = place.split_at_mut(16);
    of.copy_from_slice(operation.as_bytes());
    at.copy_from_slice(&position.to_be_bytes());
    place
}
