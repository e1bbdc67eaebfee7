//! The way to Postgres: the pool, the migrations, and what readiness asks.
//!
//! Promise: the server starts, answers and recovers by itself, whether Postgres is there, away or just
//! restarted.

use std::{str::FromStr as _, time::Duration};

use futures::future::join_all;
use secrecy::{ExposeSecret as _, SecretString};
use sqlx::{
    Connection as _, PgPool,
    migrate::{Migrate as _, MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::Timestamp;

/// Every migration, embedded; tests name it too.
pub static MIGRATOR: Migrator = sqlx::migrate!("../migrations");

/// A connection that was idle for longer is asked whether it still lives before it is handed out. A younger
/// one was asked when it came back to the pool, and a restart of Postgres takes longer than this.
const TRUSTED_IDLE: Duration = Duration::from_millis(500);

/// What the operator decided about the database.
#[derive(Clone, Debug)]
pub struct DbSettings {
    /// `postgres://…`, with the password in it.
    pub url: SecretString,
    /// How many connections this process opens at most.
    pub max_connections: u32,
    /// How long a request waits for a connection before it is told to come back; a second or two.
    pub acquire_timeout: Duration,
    /// How long one statement may run.
    pub statement_timeout: Duration,
}

/// A pool that opens its first connection when it is first used, and keeps what it has opened.
///
/// # Errors
/// Only when the address cannot be read; it is not in the error.
pub fn connect_lazy(settings: &DbSettings) -> Result<PgPool, sqlx::Error> {
    let statement_ms = settings.statement_timeout.as_millis().to_string();
    let options = PgConnectOptions::from_str(settings.url.expose_secret())?
        .application_name("gatehouse")
        // A transaction that waits for us longer than its longest statement holds locks for nothing.
        .options([
            ("statement_timeout", statement_ms.as_str()),
            ("idle_in_transaction_session_timeout", "60000"),
        ]);
    let pool = PgPoolOptions::new()
        .max_connections(settings.max_connections)
        .acquire_timeout(settings.acquire_timeout)
        .idle_timeout(None)
        .max_lifetime(None)
        .test_before_acquire(false)
        .before_acquire(|connection, meta| {
            Box::pin(async move {
                if meta.idle_for > TRUSTED_IDLE {
                    connection.ping().await?;
                }
                Ok(true)
            })
        });
    Ok(pool.connect_lazy_with(options))
}

/// Opens every connection the pool may have, before the crowd comes.
///
/// The password exchange of a new connection (SCRAM) gives way to other tasks 800 times. Beside a crowd that keeps every
/// core busy it takes longer than a request waits for a connection, so a pool that grows on demand refuses people whom
/// it could serve.
pub async fn open_all(pool: &PgPool) {
    let most = pool.options().get_max_connections();
    // Held until the last is there: one that was given back would be handed out again.
    let opened = join_all((0..most).map(|_| pool.acquire())).await;
    let failed = opened.iter().filter(|connection| connection.is_err()).count();
    if failed > 0 {
        tracing::warn!(failed, "connections to Postgres could not be opened; they are when they are needed");
    }
}

/// Applies what is missing, one process at a time.
///
/// # Errors When an applied migration was changed or is unknown to this version, when one fails, and when
/// Postgres is away.
pub async fn migrate(pool: &PgPool) -> Result<(), MigrateError> {
    let mut connection = pool.acquire().await?.detach();
    // A migration may take longer than any statement of a request, and so may waiting for another process's.
    sqlx::raw_sql("SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0")
        .execute(&mut connection)
        .await?;
    let result = MIGRATOR.run_direct(None, &mut connection, false).await;
    // Closing gives the advisory lock back, also after a failure.
    connection.close().await?;
    result
}

/// Whether every migration of this version is applied and unchanged. Those of a newer version do not matter:
/// a deploy runs beside the version before it.
///
/// # Errors
/// When Postgres is away or refuses.
pub async fn schema_is_current(pool: &PgPool) -> Result<bool, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let exists = sqlx::query_scalar!("SELECT to_regclass('_sqlx_migrations') IS NOT NULL")
        .fetch_one(&mut *connection)
        .await?;
    if exists != Some(true) {
        return Ok(false);
    }
    let applied = connection.list_applied_migrations(&MIGRATOR.table_name).await.map_err(into_sqlx)?;
    let dirty = connection.dirty_version(&MIGRATOR.table_name).await.map_err(into_sqlx)?;
    let all_there = MIGRATOR
        .iter()
        .all(|ours| applied.iter().any(|it| it.version == ours.version && it.checksum == ours.checksum));
    Ok(all_there && dirty.is_none())
}

/// Whether Postgres answers.
///
/// # Errors
/// When it does not.
pub async fn ping(pool: &PgPool) -> Result<(), sqlx::Error> {
    pool.acquire().await?.ping().await
}

/// What the database says of itself, and of the role we come with.
#[derive(Clone, Debug)]
pub struct DbFacts {
    /// Such as 150008 for 15.8.
    pub version: i32,
    /// Who we are there.
    pub role: String,
    /// Whether no rule holds for that role.
    pub is_superuser: bool,
    /// Whether row-level security does not hold for it.
    pub bypasses_row_security: bool,
    /// What time it is there.
    pub now: Timestamp,
}

/// Asks the database about itself.
///
/// # Errors
/// When Postgres is away or refuses.
pub async fn facts(pool: &PgPool) -> Result<DbFacts, sqlx::Error> {
    let row = sqlx::query!(
        r#"SELECT current_setting('server_version_num')::int AS "version!", rolname::text AS "role!",
                  rolsuper AS "is_superuser!", rolbypassrls AS "bypasses_row_security!",
                  clock_timestamp() AS "now!"
             FROM pg_roles WHERE rolname = current_user"#
    )
    .fetch_one(pool)
    .await?;
    Ok(DbFacts {
        version: row.version,
        role: row.role,
        is_superuser: row.is_superuser,
        bypasses_row_security: row.bypasses_row_security,
        now: row.now.into(),
    })
}

fn into_sqlx(error: MigrateError) -> sqlx::Error {
    match error {
        MigrateError::Execute(error) => error,
        other => sqlx::Error::Migrate(Box::new(other)),
    }
}
