//! The table `billing_details`.

use sqlx::PgConnection;
use uuid::Uuid;

use crate::{AppError, billing::BillingDetails, platform::log::WhileDoing};

/// To whom invoices of an organization are written; everything empty where nobody has said.
pub(in crate::billing) async fn read(
    conn: &mut PgConnection,
    organization: Uuid,
) -> Result<BillingDetails, AppError> {
    let row = sqlx::query!(
        "SELECT company, address, country, tax_id, email, reference FROM billing_details WHERE organization_id = $1",
        organization,
    )
    .fetch_optional(conn)
    .await
    .while_doing("reading to whom invoices are written")?;
    let details = row.map(|row| BillingDetails {
        company: row.company,
        address: row.address,
        country: row.country,
        tax_id: row.tax_id,
        email: row.email,
        reference: row.reference,
        currency: None,
        currencies: Vec::new(),
    });
    Ok(details.unwrap_or_default())
}

pub(in crate::billing) async fn write(
    conn: &mut PgConnection,
    organization: Uuid,
    details: &BillingDetails,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO billing_details (organization_id, company, address, country, tax_id, email, reference)
         VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (organization_id) DO UPDATE SET company = $2, address = $3, country = $4, tax_id = $5, email = $6,
             reference = $7",
        organization,
        details.company,
        details.address,
        details.country,
        details.tax_id,
        details.email,
        details.reference,
    )
    .execute(conn)
    .await
    .while_doing("writing down to whom invoices are written")?;
    Ok(())
}
