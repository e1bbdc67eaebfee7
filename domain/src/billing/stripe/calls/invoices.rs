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

    /// An invoice as it is written, with what an answer leaves out: lines behind the first ten, and the tax rates of which it has
    /// only the ids.
    pub(in crate::billing::stripe) async fn with_parts(
        &self,
        mut invoice: Value,
    ) -> Result<Value, StripeProblem> {
        self.add_lines(&mut invoice).await?;
        self.add_rates(&mut invoice).await?;
        Ok(invoice)
    }

    async fn add_lines(&self, invoice: &mut Value) -> Result<(), StripeProblem> {
        let id = invoice["id"].as_str().unwrap_or_default().to_owned();
        let Some(lines) = invoice.get_mut("lines") else { return Ok(()) };
        while lines["has_more"] == true {
            let last = lines["data"].as_array().and_then(|all| all.last()?["id"].as_str());
            let params = json!({ "limit": 100, "starting_after": last });
            let page: Listed<Value> = self.get(&["invoices", &id, "lines"], &params).await?;
            let Some(all) = lines["data"].as_array_mut().filter(|_| !page.data.is_empty()) else {
                return Err(StripeProblem::Unreadable);
            };
            all.extend(page.data);
            lines["has_more"] = page.has_more.into();
        }
        Ok(())
    }

    async fn add_rates(&self, invoice: &mut Value) -> Result<(), StripeProblem> {
        let taxes = invoice.get_mut("total_taxes").and_then(Value::as_array_mut);
        for tax in taxes.into_iter().flatten() {
            let Some(rate) = tax.pointer_mut("/tax_rate_details/tax_rate") else { continue };
            if let Some(id) = rate.as_str().map(str::to_owned) {
                *rate = self.get(&["tax_rates", &id], &Value::Null).await?;
            }
        }
        Ok(())
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
