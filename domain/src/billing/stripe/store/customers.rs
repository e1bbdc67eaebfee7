//! The table `stripe_customers`.

use sqlx::PgConnection;
use uuid::Uuid;

use super::super::customers::{CustomerId, CustomerRow};
use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// The customer that an organization is.
pub(in crate::billing::stripe) async fn of(
    conn: &mut PgConnection,
    organization: Uuid,
) -> Result<Option<CustomerRow>, AppError> {
    let row = sqlx::query!(
        "SELECT customer_id, subscription_id FROM stripe_customers WHERE organization_id = $1",
        organization,
    )
    .fetch_optional(conn)
    .await
    .while_doing("reading which customer of Stripe's an organization is")?;
    Ok(row.map(|row| CustomerRow {
        customer_id: CustomerId::new(row.customer_id),
        subscription_id: row.subscription_id,
    }))
}

/// The organization that a customer is.
pub(in crate::billing::stripe) async fn organization_of(
    conn: &mut PgConnection,
    customer: &str,
) -> Result<Option<Uuid>, AppError> {
    sqlx::query_scalar!("SELECT organization_id FROM stripe_customers WHERE customer_id = $1", customer)
        .fetch_optional(conn)
        .await
        .while_doing("reading which organization a customer of Stripe's is")
}

/// Notes which customer an organization is; one that is noted already stays.
pub(in crate::billing::stripe) async fn insert(
    conn: &mut PgConnection,
    organization: Uuid,
    customer: &str,
    now: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO stripe_customers (organization_id, customer_id, created_at) VALUES ($1, $2, $3)
         ON CONFLICT (organization_id) DO NOTHING",
        organization,
        customer,
        now.get(),
    )
    .execute(conn)
    .await
    .while_doing("noting which customer of Stripe's an organization is")?;
    Ok(())
}

/// What an organization is called.
pub(in crate::billing::stripe) async fn name_of(
    conn: &mut PgConnection,
    organization: Uuid,
) -> Result<Option<String>, AppError> {
    sqlx::query_scalar!("SELECT name FROM organizations WHERE id = $1", organization)
        .fetch_optional(conn)
        .await
        .while_doing("reading what an organization is called")
}
