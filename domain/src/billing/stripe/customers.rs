//! Which customer of Stripe's an organization is.
//!
//! Promise: an organization is one customer, whoever asks for it at the same time and whatever process dies meanwhile; it is made
//! when somebody first needs it.

use std::{fmt, time::Duration};

use serde_json::json;
use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    Act, NewCustomer, Stripe, StripeProblem,
    store::{
        customers as store,
        intents::{self, Ending, Intent},
    },
};
use crate::{
    AppError,
    access::{Grant, System, Tx, hold_organization},
    platform::{Platform, log::Cause as _},
};

/// The kind of an intent that makes a customer.
pub(in crate::billing) const CUSTOMER: &str = "customer";
/// For how long whoever asked first may take. Then a worker asks once more.
pub(in crate::billing) const THEIRS: Duration = Duration::from_mins(2);

/// The name of a customer at Stripe: `cus_…`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CustomerId(String);

impl CustomerId {
    pub(in crate::billing) fn new(id: String) -> Self {
        Self(id)
    }

    /// As Stripe writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CustomerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What an organization is at Stripe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerRow {
    /// Its customer.
    pub customer_id: CustomerId,
    /// What it pays for there, `sub_…`, where there is something.
    pub subscription_id: Option<String>,
}

/// The customer that an organization is, where it is one. The connection may see the organization's rows.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn of(conn: &mut PgConnection, organization: Uuid) -> Result<Option<CustomerRow>, AppError> {
    store::of(conn, organization).await
}

/// The organization that a customer is, where it is one of ours. The connection may see the rows of the whole site.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn organization_of(conn: &mut PgConnection, customer: &str) -> Result<Option<Uuid>, AppError> {
    store::organization_of(conn, customer).await
}

/// The customer that an organization is; makes it where there is none.
///
/// # Errors
/// [`AppError::NotFound`] for an organization that is gone; [`AppError::Busy`] while the database or Stripe is away.
pub async fn ensure(
    platform: &Platform,
    stripe: &Stripe,
    organization: Uuid,
) -> Result<CustomerId, AppError> {
    let grant = Grant::system(platform, "making a customer at Stripe");
    let mut tx = grant.begin().await?;
    tx.enter(organization).await?;
    if let Some(row) = store::of(tx.conn(), organization).await? {
        return Ok(row.customer_id);
    }
    // Of two who come here at once, the second finds what the first has written down.
    hold_organization(&mut tx).await?;
    if let Some(row) = store::of(tx.conn(), organization).await? {
        return Ok(row.customer_id);
    }
    let intent = asked(&mut tx, platform, organization).await?;
    tx.commit().await?;
    make(&grant, stripe, &intent).await
}

/// What was asked already, or is written down now.
async fn asked(tx: &mut Tx, platform: &Platform, organization: Uuid) -> Result<Intent, AppError> {
    if let Some(intent) = intents::open(tx.conn(), organization, CUSTOMER).await? {
        return Ok(intent);
    }
    let name = store::name_of(tx.conn(), organization).await?.ok_or(AppError::NotFound)?;
    let (id, now) = (platform.new_id(), platform.now());
    let intent = Intent::new(id, organization, CUSTOMER, json!({ "name": name }), now);
    intents::insert(tx.conn(), &intent, None, now + THEIRS).await?;
    Ok(intent)
}

/// Makes a customer at Stripe as it was written down, and notes which it is. Whoever comes second makes the same one.
pub(in crate::billing) async fn make(
    grant: &Grant<System>,
    stripe: &Stripe,
    intent: &Intent,
) -> Result<CustomerId, AppError> {
    let made = at_stripe(stripe, intent).await;
    let mut tx = grant.begin().await?;
    tx.enter(intent.organization).await?;
    let now = grant.platform().now();
    match made {
        Ok(customer) => {
            store::insert(tx.conn(), intent.organization, &customer, now).await?;
            let ending = Ending { subject: Some(&customer), problem: None };
            intents::end(tx.conn(), intent.id, ending, now).await?;
            // Somebody else may have noted one before.
            let row = store::of(tx.conn(), intent.organization).await?.ok_or(AppError::Internal)?;
            tx.commit().await?;
            Ok(row.customer_id)
        }
        Err(problem) => {
            if problem.is_final() {
                let why = problem.to_string();
                let ending = Ending { subject: None, problem: Some(&why) };
                intents::end(tx.conn(), intent.id, ending, now).await?;
                tx.commit().await?;
            }
            Err(problem.met("making a customer at Stripe"))
        }
    }
}

/// Everything that is asked follows from what was written down, so that it is the same at every try.
async fn at_stripe(stripe: &Stripe, intent: &Intent) -> Result<String, StripeProblem> {
    let reference = intent.organization.to_string();
    let new = NewCustomer { reference: Some(&reference), ..NewCustomer::default() };
    let made = stripe.create_customer(&Act::new("customer", intent.id), &new).await?;
    let named = NewCustomer { name: intent.wish["name"].as_str(), ..NewCustomer::default() };
    stripe.update_customer(&Act::new("customer-name", intent.id), &made.id, &named).await?;
    Ok(made.id)
}
