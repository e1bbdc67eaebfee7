//! The table `stripe_customers`.

use sqlx::PgConnection;
use uuid::Uuid;

use super::super::customers::{CustomerId, CustomerRow};
use crate::{AppError, Timestamp, platform::log::WhileDoing};

/// The customer that an organization is. One that was deleted at Stripe is none.
pub(in crate::billing) async fn of(
    conn: &mut PgConnection,
    organization: Uuid,
) -> Result<Option<CustomerRow>, AppError> {
    let row = sqlx::query!(
        "SELECT customer_id, subscription_id FROM stripe_customers c
         WHERE organization_id = $1
           AND NOT EXISTS (SELECT FROM stripe_objects o
                           WHERE o.kind = 'customer' AND o.id = c.customer_id AND (o.state -> 'deleted') = 'true')",
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
pub(in crate::billing) async fn organization_of(
    conn: &mut PgConnection,
    customer: &str,
) -> Result<Option<Uuid>, AppError> {
    sqlx::query_scalar!("SELECT organization_id FROM stripe_customers WHERE customer_id = $1", customer)
        .fetch_optional(conn)
        .await
        .while_doing("reading which organization a customer of Stripe's is")
}

/// Notes which customer an organization is; one that is noted already stays, unless it was deleted at Stripe.
pub(in crate::billing) async fn insert(
    conn: &mut PgConnection,
    organization: Uuid,
    customer: &str,
    now: Timestamp,
) -> Result<(), AppError> {
    sqlx::query!(
        "INSERT INTO stripe_customers (organization_id, customer_id, created_at) VALUES ($1, $2, $3)
         ON CONFLICT (organization_id) DO UPDATE
         SET customer_id = EXCLUDED.customer_id, subscription_id = NULL, created_at = EXCLUDED.created_at
         WHERE EXISTS (SELECT FROM stripe_objects o
                       WHERE o.kind = 'customer' AND o.id = stripe_customers.customer_id
                         AND (o.state -> 'deleted') = 'true')",
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
pub(in crate::billing) async fn name_of(
    conn: &mut PgConnection,
    organization: Uuid,
) -> Result<Option<String>, AppError> {
    sqlx::query_scalar!("SELECT name FROM organizations WHERE id = $1", organization)
        .fetch_optional(conn)
        .await
        .while_doing("reading what an organization is called")
}

/// Notes what an organization pays for, or nothing.
pub(in crate::billing) async fn set_subscription(
    conn: &mut PgConnection,
    organization: Uuid,
    subscription: Option<&str>,
) -> Result<(), AppError> {
    sqlx::query!(
        "UPDATE stripe_customers SET subscription_id = $2
         WHERE organization_id = $1 AND subscription_id IS DISTINCT FROM $2",
        organization,
        subscription,
    )
    .execute(conn)
    .await
    .while_doing("noting what is paid for at Stripe")?;
    Ok(())
}

/// Organizations that are gone while Stripe goes on, and of which nothing was asked since a moment.
pub(in crate::billing) async fn left_behind(
    conn: &mut PgConnection,
    since: Timestamp,
    limit: i64,
) -> Result<Vec<Uuid>, AppError> {
    sqlx::query_scalar!(
        "SELECT c.organization_id FROM stripe_customers c
         WHERE c.subscription_id IS NOT NULL
           AND NOT EXISTS (SELECT FROM organizations o WHERE o.id = c.organization_id)
           AND NOT EXISTS (SELECT FROM stripe_intents i
                           WHERE i.organization_id = c.organization_id AND i.kind <> 'customer'
                             AND (i.state = 'asked' OR i.created_at > $1))
         ORDER BY c.organization_id LIMIT $2",
        since.get(),
        limit,
    )
    .fetch_all(conn)
    .await
    .while_doing("looking for what Stripe goes on with for nobody")
}
