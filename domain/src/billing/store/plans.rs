//! The tables `plan_versions`, `plan_prices` and `plan_entitlements`.

use sqlx::PgConnection;
use uuid::Uuid;

use super::currency;
use crate::{
    AppError, Timestamp,
    billing::{Currency, Entitled, Entitlement, Minor, Money, Plan},
    platform::log::WhileDoing,
};

/// What is on offer at a moment in a currency, the smallest plan first.
pub(in crate::billing) async fn offered(
    conn: &mut PgConnection,
    currency: Currency,
    now: Timestamp,
) -> Result<Vec<Plan>, AppError> {
    list(conn, currency, None, now).await
}

/// The newest version of a plan that had a price in a currency at a moment, also where that is not on offer any more.
pub(in crate::billing) async fn newest(
    conn: &mut PgConnection,
    plan: &str,
    currency: Currency,
    at: Timestamp,
) -> Result<Option<Uuid>, AppError> {
    sqlx::query_scalar!(
        "SELECT v.id FROM plan_versions v JOIN plan_prices p ON p.plan_version_id = v.id AND p.currency = $2
         WHERE v.plan = $1 AND v.valid_from <= $3 ORDER BY v.valid_from DESC LIMIT 1",
        plan,
        currency.code(),
        at.get(),
    )
    .fetch_optional(conn)
    .await
    .while_doing("looking for the newest version of a plan")
}

/// One version with its price in a currency.
pub(in crate::billing) async fn version(
    conn: &mut PgConnection,
    id: Uuid,
    currency: Currency,
) -> Result<Plan, AppError> {
    // The moment does not matter: the version is named.
    let found = list(conn, currency, Some(id), Timestamp::new(time::OffsetDateTime::UNIX_EPOCH)).await?;
    found.into_iter().next().ok_or_else(|| {
        tracing::error!(plan.version = %id, currency = currency.code(), "a subscription has a plan that is not there");
        AppError::Internal
    })
}

/// The currencies in which a version has a price.
pub(in crate::billing) async fn currencies(
    conn: &mut PgConnection,
    version: Uuid,
) -> Result<Vec<Currency>, AppError> {
    let codes = sqlx::query_scalar!(
        "SELECT currency FROM plan_prices WHERE plan_version_id = $1 ORDER BY currency",
        version,
    )
    .fetch_all(conn)
    .await
    .while_doing("reading in which currencies a plan has a price")?;
    codes.iter().map(|code| currency(code)).collect()
}

async fn list(
    conn: &mut PgConnection,
    currency: Currency,
    only: Option<Uuid>,
    now: Timestamp,
) -> Result<Vec<Plan>, AppError> {
    let rows = sqlx::query!(
        r#"SELECT v.id, v.plan, v.title, v.lead, v.valid_from, p.month_minor, p.seat_minor, p.included_minor,
                  ARRAY(SELECT e.entitlement FROM plan_entitlements e
                        WHERE e.plan_version_id = v.id ORDER BY e.entitlement) AS "names!",
                  ARRAY(SELECT e.amount FROM plan_entitlements e
                        WHERE e.plan_version_id = v.id ORDER BY e.entitlement) AS "amounts!: Vec<Option<i64>>"
           FROM plan_versions v JOIN plan_prices p ON p.plan_version_id = v.id AND p.currency = $1
           WHERE CASE WHEN $2::uuid IS NULL
                      THEN v.valid_from = (SELECT max(w.valid_from) FROM plan_versions w
                                           WHERE w.plan = v.plan AND w.valid_from <= $3)
                      ELSE v.id = $2 END
           ORDER BY v.rank, v.plan"#,
        currency.code(),
        only,
        now.get(),
    )
    .fetch_all(conn)
    .await
    .while_doing("reading plans")?;
    let plans = rows.into_iter().map(|row| {
        let named = row.names.iter().map(String::as_str).zip(row.amounts);
        let mut entitlements: Vec<Entitled> = named
            // What this version does not know yet, it does not give.
            .filter_map(|(name, amount)| Some(Entitled::new(Entitlement::parse(name)?, amount)))
            .collect();
        entitlements.sort_by_key(|it| it.entitlement);
        let money = |minor| Money::new(Minor::new(minor), currency);
        Plan {
            version_id: row.id,
            plan: row.plan,
            title: row.title,
            lead: row.lead,
            valid_from: row.valid_from.into(),
            price: money(row.month_minor),
            seat_price: row.seat_minor.map(money),
            included_usage: money(row.included_minor),
            entitlements,
        }
    });
    Ok(plans.collect())
}
