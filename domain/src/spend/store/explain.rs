//! Where a call stands in the ledger, its prices and its budgets.

use sqlx::PgConnection;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::{AppError, platform::log::WhileDoing};

/// A unit of a call, and the price it was rated by.
pub(in crate::spend) struct Rating {
    pub(in crate::spend) unit: String,
    pub(in crate::spend) quantity: i64,
    pub(in crate::spend) price_id: Option<Uuid>,
    pub(in crate::spend) price_nano: Option<i64>,
    pub(in crate::spend) per: Option<i64>,
    pub(in crate::spend) cost_nano: i64,
}

pub(in crate::spend) async fn ratings(
    conn: &mut PgConnection,
    organization: Uuid,
    journal: Uuid,
) -> Result<Vec<Rating>, AppError> {
    sqlx::query_as!(
        Rating,
        r#"SELECT r.unit, r.quantity, r.price_id, p.price_nano AS "price_nano?", p.per AS "per?", r.cost_nano
           FROM spend_ratings r LEFT JOIN spend_prices p ON p.organization_id = $1 AND p.id = r.price_id
           WHERE r.organization_id = $1 AND r.journal_id = $2 ORDER BY r.line"#,
        organization,
        journal,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading how a call was rated")
}

/// A budget that a hold counts against.
pub(in crate::spend) struct Part {
    pub(in crate::spend) budget_id: Uuid,
    pub(in crate::spend) scope: String,
    pub(in crate::spend) subject: String,
    pub(in crate::spend) starts_on: Date,
}

pub(in crate::spend) async fn parts(
    conn: &mut PgConnection,
    organization: Uuid,
    hold: Uuid,
) -> Result<Vec<Part>, AppError> {
    sqlx::query_as!(
        Part,
        "SELECT p.budget_id, b.scope, b.subject, p.starts_on
         FROM spend_hold_parts p JOIN spend_budgets b ON b.id = p.budget_id
         WHERE p.organization_id = $1 AND p.hold_id = $2 ORDER BY b.scope, b.subject, p.budget_id",
        organization,
        hold,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading the budgets of a call")
}

/// A line of the ledger.
pub(in crate::spend) struct Line {
    pub(in crate::spend) journal_id: Uuid,
    pub(in crate::spend) kind: String,
    pub(in crate::spend) at: OffsetDateTime,
    pub(in crate::spend) account: String,
    pub(in crate::spend) amount_nano: i64,
}

pub(in crate::spend) async fn lines(
    conn: &mut PgConnection,
    organization: Uuid,
    event_id: &str,
) -> Result<Vec<Line>, AppError> {
    sqlx::query_as!(
        Line,
        "SELECT j.id AS journal_id, j.kind, j.at, l.account, l.amount_nano
         FROM spend_journal j JOIN spend_entries l ON l.journal_id = j.id
         WHERE j.organization_id = $1 AND j.event_id = $2 ORDER BY j.number, l.account",
        organization,
        event_id,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading the ledger")
}
