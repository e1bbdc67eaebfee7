//! How much the database has read: what a question costs, the same on every machine.

use sqlx::{PgPool, Row};

/// The rows of tables and the entries of indexes that every statement so far has read.
pub(crate) async fn rows_read(db: &PgPool) -> i64 {
    // Each connection reports what it read when it next rests, if it is told to.
    let mut all = Vec::new();
    while all.len() < db.options().get_max_connections() as usize {
        let mut connection = db.acquire().await.expect("a connection");
        sqlx::raw_sql("SELECT pg_stat_force_next_flush()").execute(&mut *connection).await.expect("reports");
        all.push(connection);
    }
    let sum = "SELECT ((SELECT sum(seq_tup_read) FROM pg_stat_user_tables)
                       + (SELECT sum(idx_tup_read) FROM pg_stat_user_indexes))::bigint";
    sqlx::raw_sql(sum).fetch_one(&mut *all.remove(0)).await.expect("a sum").get(0)
}
