//! The kinds of objects that are kept, and who is told when one is new.

use std::pin::Pin;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::super::StripeProblem;
use crate::{AppError, access::Tx, platform::Platform};

/// An object that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Who pays.
    Customer,
    /// A way to pay.
    PaymentMethod,
    /// A page on which somebody pays.
    Checkout,
    /// What a customer gets and pays for.
    Subscription,
    /// What is planned for one.
    Schedule,
    /// What is to be paid.
    Invoice,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Customer,
        Self::PaymentMethod,
        Self::Checkout,
        Self::Subscription,
        Self::Schedule,
        Self::Invoice,
    ];

    /// What Stripe calls it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Customer => "customer",
            Self::PaymentMethod => "payment_method",
            Self::Checkout => "checkout.session",
            Self::Subscription => "subscription",
            Self::Schedule => "subscription_schedule",
            Self::Invoice => "invoice",
        }
    }

    /// By what Stripe calls it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Where all of them are.
    pub(super) fn path(self) -> &'static [&'static str] {
        match self {
            Self::Customer => &["customers"],
            Self::PaymentMethod => &["payment_methods"],
            Self::Checkout => &["checkout", "sessions"],
            Self::Subscription => &["subscriptions"],
            Self::Schedule => &["subscription_schedules"],
            Self::Invoice => &["invoices"],
        }
    }
}

/// An object as Stripe described it. One that is gone has `deleted: true` and little else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Of which kind.
    pub kind: Kind,
    /// Which.
    pub id: String,
    /// As it was written.
    pub state: Value,
}

impl Object {
    /// As one of our types.
    ///
    /// # Errors
    /// [`StripeProblem::Unreadable`].
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, StripeProblem> {
        T::deserialize(&self.state).map_err(|_| StripeProblem::Unreadable)
    }

    /// Whether it is gone.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.state.get("deleted") == Some(&Value::Bool(true))
    }
}

/// Something that is being applied.
pub type Applying<'a> = Pin<Box<dyn Future<Output = Result<(), AppError>> + Send + 'a>>;

/// Whoever keeps something that follows from an object of Stripe's.
///
/// It is told in the transaction in which the object is noted, and only of what is newer than what it was told before; never of
/// the same object by two at once. What it does must follow from the object alone, because an object may be told again.
pub trait Apply: Send + Sync {
    /// Does what follows.
    fn apply<'a>(&'a self, platform: &'a Platform, tx: &'a mut Tx, object: &'a Object) -> Applying<'a>;
}

/// All who are told.
pub type Keepers<'a> = &'a [&'a dyn Apply];
