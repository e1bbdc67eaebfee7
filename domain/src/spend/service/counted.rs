//! How much this room has made of what a plan limits.

use sqlx::PgConnection;
use uuid::Uuid;

use super::super::store::budgets;
use crate::billing::{
    Entitlement,
    service::{Counting, Counts},
};

/// Counts budgets.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counter;

impl Counts for Counter {
    fn count<'a>(
        &'a self,
        conn: &'a mut PgConnection,
        organization: Uuid,
        entitlement: Entitlement,
    ) -> Counting<'a> {
        Box::pin(async move {
            match entitlement {
                Entitlement::Budgets => budgets::count(conn, organization).await.map(Some),
                _ => Ok(None),
            }
        })
    }
}
