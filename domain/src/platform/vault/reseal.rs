//! Sealing anew what an older key of the ring has sealed, so that the older key can go.

#![expect(
    clippy::disallowed_methods,
    reason = "two statements for every table; a checked one is of one table"
)]

use sqlx::{AssertSqlSafe, Row as _};
use uuid::Uuid;

use super::{HEADER, VERSION, Vault};
use crate::{
    AppError,
    platform::{Platform, log::WhileDoing},
};

/// How many rows are read at a time.
const BATCH: i64 = 200;

/// Where sealed values lie: a column of a table, each value sealed for the id of its row.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The table; its column is always `sealed`.
    pub table: &'static str,
    /// The column with the id that the value is sealed for.
    pub record: &'static str,
    /// What the value is sealed for beside that.
    pub purpose: &'static str,
}

/// What came of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// So many are under the active key now.
    pub done: u64,
    /// So many opened with no key of the ring, and are as they were.
    pub closed: u64,
}

impl std::ops::Add for Resealed {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { done: self.done + other.done, closed: self.closed + other.closed }
    }
}

/// Seals every value of a column with the active key that is not yet. Safe beside everything else: a value that somebody
/// changes meanwhile stays as they left it, and can be ended at any row.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn reseal(platform: &Platform, column: &Column) -> Result<Resealed, AppError> {
    let Column { table, record, .. } = column;
    // Both names are constants of the program.
    let read = format!(
        "SELECT {record} AS record, sealed FROM {table}
         WHERE sealed <> '' AND substr(sealed, 1, {HEADER}) <> $1 AND ($2::uuid IS NULL OR {record} > $2) ORDER BY {record} LIMIT {BATCH}"
    );
    // The trail of the site has the id that comes before all others.
    let (mut last, mut found) = (None::<Uuid>, Resealed::default());
    loop {
        let rows = sqlx::query(AssertSqlSafe(read.clone()))
            .bind(platform.vault().active_header())
            .bind(last)
            .fetch_all(platform.db())
            .await
            .while_doing("looking for values under older keys")?;
        let Some(end) = rows.last() else { return Ok(found) };
        last = Some(end.try_get("record").while_doing("reading a sealed value")?);
        for row in &rows {
            let id = row.try_get("record").while_doing("reading a sealed value")?;
            let sealed: Vec<u8> = row.try_get("sealed").while_doing("reading a sealed value")?;
            found = found + one(platform, column, id, &sealed).await?;
        }
    }
}

async fn one(platform: &Platform, column: &Column, id: Uuid, sealed: &[u8]) -> Result<Resealed, AppError> {
    let Column { table, record, purpose } = column;
    let Ok(plain) = platform.vault().open(purpose, id, sealed) else {
        tracing::error!(table, record = %id, "a value opens with no key of the ring");
        return Ok(Resealed { done: 0, closed: 1 });
    };
    let write = format!("UPDATE {table} SET sealed = $1 WHERE {record} = $2 AND sealed = $3");
    let done = sqlx::query(AssertSqlSafe(write))
        .bind(platform.vault().seal(purpose, id, &plain))
        .bind(id)
        .bind(sealed)
        .execute(platform.db())
        .await
        .while_doing("sealing a value with the active key")?;
    Ok(Resealed { done: done.rows_affected(), closed: 0 })
}

impl Vault {
    /// How everything begins that the active key seals.
    fn active_header(&self) -> Vec<u8> {
        let mut header = vec![VERSION];
        header.extend_from_slice(&self.0.active().to_be_bytes());
        header
    }
}
