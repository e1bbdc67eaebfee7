//! Pages of Stripe's: checkout, where a card is typed, and the portal, where a customer looks after everything.

use serde_json::{Value, json};

use super::{
    super::{Act, CheckoutSession, PortalSession, Stripe, StripeProblem},
    subscriptions::Priced,
};

/// What a checkout is for.
#[derive(Clone, Copy, Debug)]
pub enum CheckoutMode<'a> {
    /// To begin a subscription to these.
    Subscribe(&'a [Priced<'a>]),
    /// To leave a card for later, in this currency.
    Setup(&'a str),
}

/// What a checkout is made of.
#[derive(Clone, Copy, Debug)]
pub struct NewCheckout<'a> {
    /// Who pays.
    pub customer: &'a str,
    /// What for.
    pub mode: CheckoutMode<'a>,
    /// By which we find our own thing again.
    pub reference: &'a str,
    /// Where somebody goes on who has paid.
    pub success_url: &'a str,
    /// Where somebody goes on who has not.
    pub cancel_url: &'a str,
}

impl NewCheckout<'_> {
    fn params(&self) -> Value {
        let mut params = json!({
            "customer": self.customer,
            "client_reference_id": self.reference,
            "success_url": self.success_url,
            "cancel_url": self.cancel_url,
        });
        let more = match self.mode {
            CheckoutMode::Subscribe(prices) => json!({
                "mode": "subscription",
                "line_items": prices.iter().map(Priced::params).collect::<Vec<_>>(),
                "subscription_data": { "metadata": { "gatehouse_id": self.reference } },
            }),
            CheckoutMode::Setup(currency) => json!({ "mode": "setup", "currency": currency }),
        };
        if let (Some(params), Value::Object(more)) = (params.as_object_mut(), more) {
            params.extend(more);
        }
        params
    }
}

impl Stripe {
    /// Opens a page on which somebody pays.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn create_checkout(
        &self,
        act: &Act,
        checkout: &NewCheckout<'_>,
    ) -> Result<CheckoutSession, StripeProblem> {
        self.post(&["checkout", "sessions"], &checkout.params(), act).await
    }

    /// Reads what came of one.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn checkout(&self, id: &str) -> Result<CheckoutSession, StripeProblem> {
        self.get(&["checkout", "sessions", id], &Value::Null).await
    }

    /// Lets nobody pay on one any more.
    ///
    /// # Errors
    /// [`StripeProblem`]; [`StripeProblem::Refused`] for one that is over.
    pub async fn expire_checkout(&self, act: &Act, id: &str) -> Result<CheckoutSession, StripeProblem> {
        self.post(&["checkout", "sessions", id, "expire"], &json!({}), act).await
    }

    /// Opens a page on which a customer looks after cards, invoices and subscriptions.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn create_portal(
        &self,
        act: &Act,
        customer: &str,
        return_url: &str,
    ) -> Result<PortalSession, StripeProblem> {
        let params = json!({ "customer": customer, "return_url": return_url });
        self.post(&["billing_portal", "sessions"], &params, act).await
    }
}
