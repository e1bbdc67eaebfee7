//! Wakes a worker when a transaction that has work for it is committed, in whichever process.

use std::{convert::Infallible, sync::Arc, time::Duration};

use sqlx::{
    PgConnection, PgPool,
    postgres::{PgListener, PgPoolOptions},
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use super::{
    Platform,
    log::{WhileDoing as _, chain},
};
use crate::AppError;

/// How long the listener waits after it has lost the database.
const RECONNECT: Duration = Duration::from_secs(1);

/// Rings on `channel`. Delivered by Postgres when, and only when, the transaction is committed.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn ring(conn: &mut PgConnection, channel: &str) -> Result<(), AppError> {
    sqlx::query!("SELECT pg_notify($1, '')", channel).fetch_one(conn).await.while_doing("waking a worker")?;
    Ok(())
}

/// Notifies `bell` whenever somebody rings on `channel`, and after every gap in listening.
pub async fn listen(platform: Platform, channel: &'static str, bell: Arc<Notify>, stop: CancellationToken) {
    // A connection of its own: one of the pool's would be missing there for good.
    let options = platform.db().connect_options();
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .connect_lazy_with(options.as_ref().clone());
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            lost = hear(&pool, channel, &bell) => {
                let Err(error) = lost;
                let error = chain(&error);
                tracing::info!(error, channel, "not listening for work; looking every few seconds");
            }
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(RECONNECT) => {}
        }
    }
}

async fn hear(pool: &PgPool, channel: &str, bell: &Notify) -> Result<Infallible, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(channel).await?;
    loop {
        bell.notify_one();
        listener.try_recv().await?;
    }
}
