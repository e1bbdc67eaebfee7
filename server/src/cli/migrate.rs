//! `gatehouse migrate`: before a new version serves; the version before it goes on beside it.

use domain::platform::{db, log::chain};

use super::print;
use crate::{
    boot::{self, BootProblem},
    config::Config,
};

/// Why the schema is not current.
#[derive(Debug, thiserror::Error)]
pub(super) enum MigrateProblem {
    /// The configuration.
    #[error(transparent)]
    Boot(#[from] BootProblem),
    /// The database, or a migration.
    #[error(
        "the migrations were not applied: {0}. Check that the database answers and that the account owns it."
    )]
    Refused(String),
}

pub(super) async fn run(config: &Config) -> Result<(), MigrateProblem> {
    let pool = boot::database(config)?;
    db::migrate(&pool).await.map_err(|error| MigrateProblem::Refused(chain(&error)))?;
    pool.close().await;
    print::line(&"The schema is current.");
    Ok(())
}
