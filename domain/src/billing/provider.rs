//! By what a subscription is paid.

/// By what a subscription is paid.
///
/// Everything of a provider that the rest of the room asks stands here; one more provider is one more variant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PaymentProvider {
    /// Nobody else: plans switch at once, and somebody who looks after money notes that an invoice is paid.
    #[default]
    Invoice,
    /// Stripe: it says what is there and until when, takes the money, and writes invoices of its own.
    Stripe,
}

impl PaymentProvider {
    /// The name in the API and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Stripe => "stripe",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Invoice, Self::Stripe].into_iter().find(|it| it.name() == name)
    }

    /// Whether an invoice is open until a person says that it is paid. Otherwise the provider does.
    #[must_use]
    pub fn is_paid_by_hand(self) -> bool {
        match self {
            Self::Invoice => true,
            Self::Stripe => false,
        }
    }
}
