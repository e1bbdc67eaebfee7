//! The table `site_settings`.

use sqlx::{PgConnection, PgExecutor};

use super::super::policy::{Registering, RegistrationPolicy};
use crate::{AppError, platform::log::WhileDoing};

pub(crate) async fn policy(db: impl PgExecutor<'_>) -> Result<RegistrationPolicy, AppError> {
    let row = sqlx::query!("SELECT registration, allowed_domains FROM site_settings")
        .fetch_one(db)
        .await
        .while_doing("reading who may open an account")?;
    // What is unknown to this version lets nobody in.
    let registration = Registering::parse(&row.registration).unwrap_or(Registering::Closed);
    Ok(RegistrationPolicy { registration, allowed_domains: row.allowed_domains })
}

/// The same, held until the transaction ends.
pub(crate) async fn hold_policy(conn: &mut PgConnection) -> Result<RegistrationPolicy, AppError> {
    sqlx::query!("SELECT id FROM site_settings FOR UPDATE")
        .fetch_one(&mut *conn)
        .await
        .while_doing("holding who may open an account")?;
    policy(conn).await
}

pub(crate) async fn put_policy(conn: &mut PgConnection, policy: &RegistrationPolicy) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE site_settings SET registration = $1, allowed_domains = $2",
        policy.registration.name(),
        &policy.allowed_domains,
    )
    .execute(conn)
    .await
    .while_doing("writing who may open an account")?;
    Ok(())
}
