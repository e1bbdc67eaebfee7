//! How much the database has read: what a question costs, the same on every machine.

use sqlx::{PgPool, Row};

/// The pages of tables and indexes that every statement so far has read, from the disk or from memory.
pub(crate) async fn pages_read(db: &PgPool) -> i64 {
    // Each connection reports what it read when it next rests, if it is told to.
    let mut all = Vec::new();
    while all.len() < db.options().get_max_connections() as usize {
        let mut connection = db.acquire().await.expect("a connection");
        sqlx::raw_sql("SELECT pg_stat_force_next_flush()").execute(&mut *connection).await.expect("reports");
        all.push(connection);
    }
    let sum = "SELECT blks_hit + blks_read FROM pg_stat_database WHERE datname = current_database()";
    sqlx::raw_sql(sum).fetch_one(&mut *all.remove(0)).await.expect("a sum").get(0)
}
