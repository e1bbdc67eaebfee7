//! Invoices.

use serde_json::{Value, json};

use super::{
    super::{Invoice, Listed, Stripe, StripeProblem},
    subscriptions::Priced,
};

impl Stripe {
    /// A page of those of a customer, newest first.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn invoices(
        &self,
        customer: &str,
        limit: u8,
        after: Option<&str>,
    ) -> Result<Listed<Invoice>, StripeProblem> {
        let params = json!({ "customer": customer, "limit": limit, "starting_after": after });
        self.get(&["invoices"], &params).await
    }

    /// The next invoice of a subscription; with other prices, what an immediate change to them would cost.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn preview_invoice(
        &self,
        subscription: &str,
        prices: &[Priced<'_>],
    ) -> Result<Invoice, StripeProblem> {
        let items: Vec<Value> = prices.iter().map(Priced::params).collect();
        let proration = (!items.is_empty()).then_some("always_invoice");
        let details = json!({ "items": items, "proration_behavior": proration });
        let params = json!({ "subscription": subscription, "subscription_details": details });
        self.compute(&["invoices", "create_preview"], &params).await
    }
}
