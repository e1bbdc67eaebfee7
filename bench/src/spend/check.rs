//! Asks the database by statements that share nothing with the program: at every moment that can be seen, and afterwards.

use std::time::Duration;

use sqlx::{AssertSqlSafe, PgPool, Row as _};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::Outcome;

/// Looks again and again whether a budget is above its cap.
pub(super) struct Watch {
    stop: CancellationToken,
    task: JoinHandle<i64>,
}

impl Watch {
    /// By how much one was at most.
    pub(super) async fn stop(self) -> i64 {
        self.stop.cancel();
        self.task.await.unwrap_or(i64::MAX)
    }
}

/// Begins to look.
pub(super) fn watch(database: PgPool, organization: Uuid) -> Watch {
    let stop = CancellationToken::new();
    let stopped = stop.clone();
    let task = tokio::spawn(async move {
        let mut most = 0;
        while !stopped.is_cancelled() {
            if let Ok(over) = over(&database, organization).await {
                most = most.max(over);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        most
    });
    Watch { stop, task }
}

async fn over(database: &PgPool, organization: Uuid) -> Outcome<i64> {
    let statement = "SELECT coalesce(max(greatest(w.spent_nano + w.held_nano - b.cap_nano, 0)), 0)::bigint
                     FROM spend_budgets b JOIN spend_windows w ON w.budget_id = b.id WHERE b.organization_id = $1";
    Ok(asking(database, organization, statement).await?.try_get(0)?)
}

/// What the ledger says when all is over.
pub(super) struct Book {
    /// By how much the entries, one after the other, were above a cap at most.
    pub(super) over: i64,
    /// The sum of all lines.
    pub(super) sum: i64,
    /// How many sums of days are not those of the lines.
    pub(super) differing: i64,
    /// What is held for calls nobody knows of.
    pub(super) withheld: i64,
}

/// Adds the ledger up.
pub(super) async fn book(database: &PgPool, organization: Uuid) -> Outcome<Book> {
    let over = "SELECT coalesce(max(greatest(run.sum - b.cap_nano, 0)), 0)::bigint
                FROM (SELECT k.key, sum(l.amount_nano) OVER (PARTITION BY k.key ORDER BY j.number) AS sum
                      FROM spend_journal j
                      JOIN spend_entries l ON l.journal_id = j.id AND l.account = 'unbilled'
                      JOIN spend_events e ON e.organization_id = j.organization_id AND e.event_id = j.event_id
                      CROSS JOIN LATERAL unnest(e.dimensions, e.keys) AS k (dimension, key)
                      WHERE j.organization_id = $1 AND k.dimension = 'project') AS run
                JOIN spend_budgets b ON b.organization_id = $1 AND b.subject = run.key";
    let sum = "SELECT coalesce(sum(amount_nano), 0)::bigint FROM spend_entries WHERE organization_id = $1";
    let differing = "SELECT count(*) FROM spend_daily d
                     WHERE d.organization_id = $1 AND d.dimension = 'project' AND d.cost_nano <>
                           (SELECT sum(l.amount_nano) FROM spend_events e
                            JOIN spend_journal j ON j.organization_id = $1 AND j.event_id = e.event_id
                            JOIN spend_entries l ON l.journal_id = j.id AND l.account = 'unbilled'
                            WHERE e.organization_id = $1 AND e.day = d.day AND d.key = ANY (e.keys))";
    let withheld = "SELECT coalesce(sum(amount_nano - used_nano), 0)::bigint FROM spend_holds
                    WHERE organization_id = $1 AND kind = 'slice' AND state IN ('held', 'expired')";
    Ok(Book {
        over: asking(database, organization, over).await?.try_get(0)?,
        sum: asking(database, organization, sum).await?.try_get(0)?,
        differing: asking(database, organization, differing).await?.try_get(0)?,
        withheld: asking(database, organization, withheld).await?.try_get(0)?,
    })
}

/// The one row of a statement about the organization.
async fn asking(
    database: &PgPool,
    organization: Uuid,
    statement: &'static str,
) -> Outcome<sqlx::postgres::PgRow> {
    let mut tx = database.begin().await?;
    let enter = format!(
        "SELECT set_config('app.organization_id', '{organization}', true); SET LOCAL statement_timeout = 0"
    );
    sqlx::raw_sql(AssertSqlSafe(enter)).execute(&mut *tx).await?;
    // The only part that is not written above is an id.
    let statement = statement.replace("$1", &format!("'{organization}'"));
    Ok(sqlx::raw_sql(AssertSqlSafe(statement)).fetch_one(&mut *tx).await?)
}
