//! Prices.

use serde_json::json;

use super::super::{Act, Listed, Price, Stripe, StripeProblem};

/// What is sold for a month at a time.
#[derive(Clone, Copy, Debug)]
pub struct NewPrice<'a> {
    /// What it is, as it stands on what somebody pays for.
    pub name: &'a str,
    /// Three letters.
    pub currency: &'a str,
    /// Of one, in the smallest unit of the currency.
    pub unit_amount: i64,
    /// By which it is found again. Stripe has it once.
    pub lookup_key: &'a str,
}

impl Stripe {
    /// Makes a price.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn create_price(&self, act: &Act, price: &NewPrice<'_>) -> Result<Price, StripeProblem> {
        let params = json!({
            "product_data": { "name": price.name },
            "currency": price.currency.to_ascii_lowercase(),
            "unit_amount": price.unit_amount,
            "recurring": { "interval": "month" },
            "lookup_key": price.lookup_key,
        });
        self.post(&["prices"], &params, act).await
    }

    /// The price that is found by a key, where there is one.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn price_by_key(&self, lookup_key: &str) -> Result<Option<Price>, StripeProblem> {
        let params = json!({ "lookup_keys": [lookup_key], "limit": 1 });
        let found: Listed<Price> = self.get(&["prices"], &params).await?;
        Ok(found.data.into_iter().next())
    }
}
