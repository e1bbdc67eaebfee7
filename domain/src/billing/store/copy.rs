//! What the tables of this room hold about somebody, for the copy of their data: that of their own organization.

use serde_json::{Value, json};
use sqlx::PgConnection;
use uuid::Uuid;

use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// To whom the invoices of somebody's own organization are written; nothing where they have not said.
pub(in crate::billing) async fn details_of(
    conn: &mut PgConnection,
    user: Uuid,
) -> Result<Option<Value>, AppError> {
    let row = sqlx::query!(
        "SELECT d.company, d.address, d.country, d.tax_id, d.email, d.reference
         FROM billing_details d JOIN organizations o ON o.id = d.organization_id WHERE o.personal_of = $1",
        user,
    )
    .fetch_optional(conn)
    .await
    .while_doing("copying to whom invoices are written")?;
    Ok(row.map(|row| {
        json!({
            "company": row.company,
            "address": row.address,
            "country": row.country,
            "tax_id": row.tax_id,
            "email": row.email,
            "reference": row.reference,
        })
    }))
}

/// Every document of it that is issued, oldest first.
pub(in crate::billing) async fn documents_of(
    conn: &mut PgConnection,
    user: Uuid,
) -> Result<Vec<Value>, AppError> {
    let rows = sqlx::query!(
        r#"SELECT i.kind, i.number AS "number!", i.state, i.issued_at AS "issued_at!", i.currency, i.total AS "total!",
                  i.customer AS "customer!"
           FROM invoices i JOIN organizations o ON o.id = i.organization_id
           WHERE o.personal_of = $1 AND i.state <> 'draft' ORDER BY i.issued_at, i.id"#,
        user,
    )
    .fetch_all(conn)
    .await
    .while_doing("copying invoices")?;
    let told = rows.into_iter().map(|row| {
        json!({
            "kind": row.kind,
            "number": row.number,
            "state": row.state,
            "issued_at": Timestamp::from(row.issued_at),
            "total": { "minor": row.total, "currency": row.currency },
            "customer": row.customer,
        })
    });
    Ok(told.collect())
}
