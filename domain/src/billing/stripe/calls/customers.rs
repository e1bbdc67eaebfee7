//! Customers.

use serde_json::{Value, json};

use super::super::{Act, Customer, Stripe, StripeProblem};

/// What is said of a customer; what is nothing stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewCustomer<'a> {
    /// What it is called.
    pub name: Option<&'a str>,
    /// Where its letters go.
    pub email: Option<&'a str>,
    /// By which we find our own thing again: it is written on it as `gatehouse_id`.
    pub reference: Option<&'a str>,
}

impl NewCustomer<'_> {
    fn params(&self) -> Value {
        let metadata = self.reference.map(|id| json!({ "gatehouse_id": id }));
        json!({ "name": self.name, "email": self.email, "metadata": metadata })
    }
}

impl Stripe {
    /// Makes a customer.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn create_customer(
        &self,
        act: &Act,
        customer: &NewCustomer<'_>,
    ) -> Result<Customer, StripeProblem> {
        self.post(&["customers"], &customer.params(), act).await
    }

    /// Reads a customer.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn customer(&self, id: &str) -> Result<Customer, StripeProblem> {
        self.get(&["customers", id], &Value::Null).await
    }

    /// Changes a customer.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn update_customer(
        &self,
        act: &Act,
        id: &str,
        customer: &NewCustomer<'_>,
    ) -> Result<Customer, StripeProblem> {
        self.post(&["customers", id], &customer.params(), act).await
    }

    /// Chooses how its invoices are paid.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn set_default_payment_method(
        &self,
        act: &Act,
        customer: &str,
        payment_method: &str,
    ) -> Result<Customer, StripeProblem> {
        let params = json!({ "invoice_settings": { "default_payment_method": payment_method } });
        self.post(&["customers", customer], &params, act).await
    }
}
