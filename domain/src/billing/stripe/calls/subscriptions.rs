//! Subscriptions.

use serde_json::{Value, json};

use super::super::{Act, Stripe, StripeProblem, Subscription, SubscriptionStatus};

/// So many of a price.
#[derive(Clone, Copy, Debug)]
pub struct Priced<'a> {
    /// The item of a subscription that is changed; nothing for a new one.
    pub item: Option<&'a str>,
    /// `price_…`.
    pub price: &'a str,
    /// How many; nothing where it is metered.
    pub quantity: Option<u64>,
}

impl Priced<'_> {
    pub(super) fn params(&self) -> Value {
        json!({ "id": self.item, "price": self.price, "quantity": self.quantity })
    }
}

/// A subscription that begins now, and is paid by the way to pay that its customer has.
#[derive(Clone, Copy, Debug)]
pub struct NewSubscription<'a> {
    /// Whose.
    pub customer: &'a str,
    /// What of.
    pub prices: &'a [Priced<'a>],
    /// By which we find our own thing again: it is written on it as `gatehouse_id`.
    pub reference: &'a str,
}

/// What becomes of the time that was paid for and is not used, and of the new price for the rest of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proration {
    /// The difference is paid at once. Where that fails, nothing is changed.
    InvoiceNow,
    /// The difference comes with the next invoice.
    NextInvoice,
    /// Nothing.
    None,
}

/// What is different about a subscription.
#[derive(Clone, Copy, Debug)]
pub enum Change<'a> {
    /// Other prices. Items that are not named stay.
    Prices(&'a [Priced<'a>], Proration),
    /// It ends with the present period.
    EndWithPeriod,
    /// It goes on after all.
    GoOn,
    /// Another way to pay is charged.
    PaidBy(&'a str),
}

impl Change<'_> {
    fn params(self) -> Value {
        let (prices, proration) = match self {
            Self::EndWithPeriod => return json!({ "cancel_at_period_end": true }),
            Self::GoOn => return json!({ "cancel_at_period_end": false }),
            Self::PaidBy(method) => return json!({ "default_payment_method": method }),
            Self::Prices(prices, proration) => (prices, proration),
        };
        let (proration, behavior) = match proration {
            Proration::InvoiceNow => ("always_invoice", Some("error_if_incomplete")),
            Proration::NextInvoice => ("create_prorations", None),
            Proration::None => ("none", None),
        };
        let items: Vec<Value> = prices.iter().map(Priced::params).collect();
        json!({ "items": items, "proration_behavior": proration, "payment_behavior": behavior })
    }
}

impl Stripe {
    /// Begins one.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn create_subscription(
        &self,
        act: &Act,
        new: &NewSubscription<'_>,
    ) -> Result<Subscription, StripeProblem> {
        let items: Vec<Value> = new.prices.iter().map(Priced::params).collect();
        let metadata = json!({ "gatehouse_id": new.reference });
        let params = json!({ "customer": new.customer, "items": items, "metadata": metadata });
        self.post(&["subscriptions"], &params, act).await
    }

    /// Reads one.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn subscription(&self, id: &str) -> Result<Subscription, StripeProblem> {
        self.get(&["subscriptions", id], &Value::Null).await
    }

    /// Changes one.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn change_subscription(
        &self,
        act: &Act,
        id: &str,
        change: Change<'_>,
    ) -> Result<Subscription, StripeProblem> {
        self.post(&["subscriptions", id], &change.params(), act).await
    }

    /// Ends one at once. One that has ended is an end as well: a try before may have done it.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn cancel_subscription(&self, id: &str) -> Result<Subscription, StripeProblem> {
        match self.delete(&["subscriptions", id], &Value::Null).await {
            Err(StripeProblem::Missing) => {
                let found = self.subscription(id).await?;
                let has_ended = found.status == SubscriptionStatus::Canceled;
                if has_ended { Ok(found) } else { Err(StripeProblem::Missing) }
            }
            other => other,
        }
    }
}
