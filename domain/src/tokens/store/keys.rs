//! The table `signing_keys`.

use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use crate::{
    AppError, Timestamp,
    platform::{log::WhileDoing, signing::PublicKey},
};

/// A key with its private half, still sealed.
pub(in crate::tokens) struct Signer {
    pub(in crate::tokens) id: Uuid,
    pub(in crate::tokens) sealed: Vec<u8>,
}

/// A key that is published.
pub(in crate::tokens) struct Published {
    pub(in crate::tokens) id: Uuid,
    pub(in crate::tokens) public: PublicKey,
}

/// What a new row says.
pub(in crate::tokens) struct NewKey {
    pub(in crate::tokens) id: Uuid,
    pub(in crate::tokens) public: PublicKey,
    pub(in crate::tokens) sealed: Vec<u8>,
    pub(in crate::tokens) now: Timestamp,
    pub(in crate::tokens) signs_from: Timestamp,
}

/// Lets one transaction at a time make or withdraw keys.
pub(in crate::tokens) async fn lock(conn: &mut PgConnection) -> Result<(), AppError> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('signing keys')::bigint)")
        .execute(conn)
        .await
        .while_doing("waiting for the only change of signing keys")?;
    Ok(())
}

/// The key whose turn it is.
pub(in crate::tokens) async fn current(
    db: impl PgExecutor<'_>,
    now: Timestamp,
) -> Result<Option<Signer>, AppError> {
    sqlx::query_as!(
        Signer,
        "SELECT id, sealed FROM signing_keys WHERE signs_from <= $1 ORDER BY signs_from DESC, id DESC LIMIT 1",
        now.get(),
    )
    .fetch_optional(db)
    .await
    .while_doing("reading the signing key")
}

/// When the newest key was made, whether or not its turn has come.
pub(in crate::tokens) async fn newest(conn: &mut PgConnection) -> Result<Option<Timestamp>, AppError> {
    let at = sqlx::query_scalar!(r#"SELECT max(created_at) AS "at" FROM signing_keys"#)
        .fetch_one(conn)
        .await
        .while_doing("looking for the newest signing key")?;
    Ok(at.map(Timestamp::from))
}

pub(in crate::tokens) async fn insert(conn: &mut PgConnection, key: &NewKey) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO signing_keys (id, public_x, public_y, sealed, created_at, signs_from)
         VALUES ($1, $2, $3, $4, $5, $6)",
        key.id,
        &key.public.x[..],
        &key.public.y[..],
        key.sealed,
        key.now.get(),
        key.signs_from.get(),
    )
    .execute(conn)
    .await
    .while_doing("keeping a signing key")?;
    Ok(())
}

/// Every key but those whose successor has signed since before `superseded`, the newest first; only one of them, when
/// `id` says which.
pub(in crate::tokens) async fn published(
    db: impl PgExecutor<'_>,
    id: Option<Uuid>,
    superseded: Timestamp,
) -> Result<Vec<Published>, AppError> {
    let rows = sqlx::query!(
        "SELECT k.id, k.public_x, k.public_y FROM signing_keys k
         WHERE ($1::uuid IS NULL OR k.id = $1)
           AND NOT EXISTS (SELECT FROM signing_keys n
                           WHERE (n.signs_from, n.id) > (k.signs_from, k.id) AND n.signs_from <= $2)
         ORDER BY k.signs_from DESC, k.id DESC",
        id,
        superseded.get(),
    )
    .fetch_all(db)
    .await
    .while_doing("reading the published keys")?;
    let point = |x: Vec<u8>, y: Vec<u8>| Some(PublicKey { x: x.try_into().ok()?, y: y.try_into().ok()? });
    let published = rows
        .into_iter()
        .filter_map(|row| Some(Published { id: row.id, public: point(row.public_x, row.public_y)? }));
    Ok(published.collect())
}

/// Deletes the keys whose successor has signed since before `superseded`.
pub(in crate::tokens) async fn forget(
    conn: &mut PgConnection,
    superseded: Timestamp,
) -> Result<u64, AppError> {
    let done = sqlx::query!(
        "DELETE FROM signing_keys k
         WHERE EXISTS (SELECT FROM signing_keys n
                       WHERE (n.signs_from, n.id) > (k.signs_from, k.id) AND n.signs_from <= $1)",
        superseded.get(),
    )
    .execute(conn)
    .await
    .while_doing("forgetting signing keys")?;
    Ok(done.rows_affected())
}

/// Deletes every key.
pub(in crate::tokens) async fn withdraw_all(conn: &mut PgConnection) -> Result<u64, AppError> {
    let done = sqlx::query!("DELETE FROM signing_keys")
        .execute(conn)
        .await
        .while_doing("withdrawing the signing keys")?;
    Ok(done.rows_affected())
}
