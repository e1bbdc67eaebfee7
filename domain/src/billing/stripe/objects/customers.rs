//! Customers.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Who pays.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Customer {
    /// `cus_…`.
    pub id: String,
    /// Where its letters go.
    #[serde(default)]
    pub email: Option<String>,
    /// What it is called.
    #[serde(default)]
    pub name: Option<String>,
    /// What we wrote on it.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// How its invoices are paid.
    #[serde(default)]
    pub invoice_settings: InvoiceSettings,
    /// Whether it is gone.
    #[serde(default)]
    pub deleted: bool,
}

/// How the invoices of a customer are paid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct InvoiceSettings {
    /// `pm_…`.
    #[serde(default)]
    pub default_payment_method: Option<String>,
}
