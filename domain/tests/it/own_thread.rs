//! Where the thousands of cases of a model run.

use sqlx::{PgPool, postgres::PgPoolOptions};
use tokio::runtime::{Builder, Runtime};

/// A runtime of the thread that asks for the cases, and connections in it. In those of the test, which wait in another
/// thread, each answer of Postgres would wake the one to wake the other.
pub(crate) struct OwnThread {
    pub(crate) db: PgPool,
    runtime: Runtime,
}

impl OwnThread {
    /// With connections to the same database.
    pub(crate) fn new(db: &PgPool) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let options = (*db.connect_options()).clone();
        let connected = PgPoolOptions::new().max_connections(5).connect_with(options);
        let db = runtime.block_on(connected).expect("connections");
        Self { db, runtime }
    }

    /// Waits for this, and for nothing else.
    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }
}

impl Drop for OwnThread {
    /// A database with connections to it could not be removed.
    fn drop(&mut self) {
        self.runtime.block_on(self.db.close());
    }
}
