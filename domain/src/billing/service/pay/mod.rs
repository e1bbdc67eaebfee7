//! Plans that are paid at Stripe.
//!
//! What somebody wants is written down first (`change`), then asked of Stripe (`acts`), then learned like everything that Stripe
//! tells. Only the `keeper` changes what an organization has: from the objects that Stripe was seen to have, and nothing else.
//! So it does not matter who acts, here or at Stripe, nor in which order that is told. What was used is charged here all the same,
//! with the end of each `period` that Stripe tells of.
//! Promise: an act is done once, whatever process dies; what is written down and not answered is asked again by the `worker`.

mod acts;
mod change;
mod items;
mod keeper;
mod period;
mod prices;
mod worker;

pub(super) use change::end_later;
pub use change::{cancel, change, resume, subscription};
pub use worker::{run, run_once};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use self::keeper::Plans;
use super::{
    super::{
        Currency,
        stripe::{
            Stripe, StripeProblem,
            inbox::{self, Apply, Applying, Kind as ObjectKind, Object},
        },
    },
    UsageSource,
    from_stripe::StripeInvoices,
};
use crate::{AppError, access::Tx, platform::Platform};

/// Keeps what follows from what Stripe tells: plans, with what was used until they change, and invoices.
#[derive(Clone, Copy)]
pub struct Keeper<'a> {
    /// What was used.
    pub usage: &'a dyn UsageSource,
}

impl Apply for Keeper<'_> {
    fn apply<'a>(&'a self, platform: &'a Platform, tx: &'a mut Tx, object: &'a Object) -> Applying<'a> {
        Box::pin(async move {
            Plans { usage: self.usage }.apply(platform, tx, object).await?;
            StripeInvoices.apply(platform, tx, object).await
        })
    }
}

impl Keeper<'_> {
    /// What an act has done is learned as it is from events, at once.
    pub(super) async fn learn(
        &self,
        platform: &Platform,
        stripe: &Stripe,
        kind: ObjectKind,
        id: &str,
    ) -> Result<(), AppError> {
        inbox::learn(platform, stripe, &[self], kind, id).await
    }
}

/// The ways in which an organization can pay, and what counts what it uses.
#[derive(Clone, Copy)]
pub struct Payments<'a> {
    /// What was used.
    pub usage: &'a dyn UsageSource,
    /// Stripe, where the operator chose it.
    pub stripe: Option<&'a Stripe>,
}

impl<'a> Payments<'a> {
    /// Who keeps what follows from what is done at Stripe.
    pub(super) fn keeper(&self) -> Keeper<'a> {
        Keeper { usage: self.usage }
    }
}

/// What is wanted, as it is written down: everything that is asked of Stripe follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Wish {
    version: Uuid,
    plan: String,
    extra_seats: i64,
    currency: Currency,
    /// The name of the organization in addresses.
    slug: String,
}

/// Kinds of acts, as they are written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Somebody pays for the first time, on a page of Stripe's.
    Checkout,
    /// Something that costs more, at once.
    Change,
    /// Something that costs less, with the period's end.
    Schedule,
    /// Nothing any more, with the period's end.
    End,
    /// What was to come does not.
    Keep,
    /// Nothing any more, at once: there is nobody who could have it.
    Stop,
}

impl Kind {
    const ALL: [Self; 6] = [Self::Checkout, Self::Change, Self::Schedule, Self::End, Self::Keep, Self::Stop];

    fn name(self) -> &'static str {
        match self {
            Self::Checkout => "checkout",
            Self::Change => "change",
            Self::Schedule => "schedule",
            Self::End => "end",
            Self::Keep => "keep",
            Self::Stop => "stop",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Why an act did not come to its end.
#[derive(Debug, thiserror::Error)]
enum Trouble {
    /// Stripe has no answer, or says no.
    #[error(transparent)]
    Stripe(#[from] StripeProblem),
    /// Something here stands in the way.
    #[error("{0}")]
    Here(#[from] AppError),
}
