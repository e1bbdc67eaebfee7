//! The same question without anything around it: one row and one statement, one key and one script.

use std::time::{Duration, Instant};

use sqlx::PgPool;

use super::{p99, redis_client, worker::Summary};
use crate::Outcome;

/// For how long each is measured.
const SPAN: Duration = Duration::from_secs(5);
/// How many ask at once.
const TASKS: usize = 8;

/// A conditional `UPDATE` of one row, each committed to the disk.
pub(super) async fn update(database: &PgPool) -> Outcome<Summary> {
    sqlx::raw_sql(
        "CREATE TABLE IF NOT EXISTS bench_cap (id int PRIMARY KEY, held bigint NOT NULL, cap bigint NOT NULL);
         INSERT INTO bench_cap VALUES (1, 0, 9000000000000000000) ON CONFLICT DO NOTHING",
    )
    .execute(database)
    .await?;
    let ask = |database: PgPool| async move {
        sqlx::raw_sql("UPDATE bench_cap SET held = held + 1 WHERE id = 1 AND held + 1 <= cap")
            .execute(&database)
            .await
            .map(drop)
    };
    let summary = many(|| ask(database.clone())).await?;
    sqlx::raw_sql("DROP TABLE bench_cap").execute(database).await?;
    Ok(summary)
}

/// A script that compares and adds.
pub(super) async fn script() -> Outcome<Summary> {
    const SCRIPT: &str = "local held = tonumber(redis.call('GET', KEYS[1]) or '0')
        if held + 1 > tonumber(ARGV[1]) then return 0 end
        redis.call('INCRBY', KEYS[1], 1) return 1";
    let connection = redis_client()?.get_multiplexed_async_connection().await?;
    let ask = |mut connection: redis::aio::MultiplexedConnection| async move {
        redis::Script::new(SCRIPT)
            .key("bench:cap")
            .arg(9_000_000_000_000_i64)
            .invoke_async::<i64>(&mut connection)
            .await
            .map(drop)
    };
    many(|| ask(connection.clone())).await
}

async fn many<F, E>(ask: impl Fn() -> F) -> Outcome<Summary>
where
    F: Future<Output = Result<(), E>>,
    E: std::error::Error + Send + Sync + 'static,
{
    let begun = Instant::now();
    let one = || async {
        let mut times = Vec::new();
        while begun.elapsed() < SPAN {
            let asked = Instant::now();
            ask().await?;
            times.push(u32::try_from(asked.elapsed().as_micros()).unwrap_or(u32::MAX));
        }
        Ok::<_, E>(times)
    };
    let mut times: Vec<u32> =
        futures::future::try_join_all((0..TASKS).map(|_| one())).await?.into_iter().flatten().collect();
    let asked = u64::try_from(times.len())?;
    Ok(Summary { asked, admitted: asked, p99_us: p99(&mut times), took: begun.elapsed() })
}
