//! Ways to pay.

use serde_json::json;

use super::super::{Act, Listed, PaymentMethod, Stripe, StripeProblem};

impl Stripe {
    /// Those of a customer, newest first, at most a hundred.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn payment_methods(&self, customer: &str) -> Result<Listed<PaymentMethod>, StripeProblem> {
        self.get(&["customers", customer, "payment_methods"], &json!({ "limit": 100 })).await
    }

    /// Gives one to a customer.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn attach_payment_method(
        &self,
        act: &Act,
        id: &str,
        customer: &str,
    ) -> Result<PaymentMethod, StripeProblem> {
        self.post(&["payment_methods", id, "attach"], &json!({ "customer": customer }), act).await
    }

    /// Takes one away from its customer, for ever.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn detach_payment_method(&self, act: &Act, id: &str) -> Result<PaymentMethod, StripeProblem> {
        self.post(&["payment_methods", id, "detach"], &json!({}), act).await
    }
}
