//! What is asked of Stripe: one act after the other, each under a key that follows from what was written down.
//!
//! Whatever was done by a try before is seen in what Stripe has, or answered again under the same key. So an act can be begun
//! anew at any point, by anybody.

use std::time::Duration;

use uuid::Uuid;

use super::{
    super::{
        super::{
            PaymentProvider, Plan,
            store::{plans, subscriptions},
            stripe::{
                Act, Change, CheckoutMode, CheckoutSession, NewCheckout, NewPhase, Priced, Proration, Stripe,
                StripeProblem, Subscription, SubscriptionStatus as Status, customers,
                inbox::Kind as Object,
                store::{
                    customers as mapping,
                    intents::{self, Ending, Intent},
                },
            },
        },
        conflict,
    },
    Keeper, Kind, Trouble, Wish,
    items::{self, Item},
    prices::{self, Prices},
};
use crate::{
    AppError, FieldIssue,
    access::{Grant, System, hold_organization},
    audit::{self, BillingDeed},
    platform::{Platform, log::Cause as _},
};

/// For how long a page of Stripe's can be paid on; a bit more than that.
const PAGES_LAST: Duration = Duration::from_hours(25);

/// Where somebody goes on, if they have to.
pub(super) type ContinueAt = Option<String>;

/// What came of an act.
#[derive(Debug, Default)]
struct Reached {
    subject: Option<String>,
    continue_at: ContinueAt,
}

/// Everything that an act needs.
struct Acting<'a> {
    grant: Grant<System>,
    stripe: &'a Stripe,
    keeper: Keeper<'a>,
    intent: &'a Intent,
    wish: Wish,
}

/// Does what was written down, and notes what came of it.
///
/// # Errors
/// [`AppError::Conflict`] where nobody pays for it, or it is not what it was any more; [`AppError::Busy`] while Stripe or the
/// database is away: then it is asked again later.
pub(super) async fn perform(
    platform: &Platform,
    stripe: &Stripe,
    keeper: Keeper<'_>,
    intent: &Intent,
) -> Result<ContinueAt, AppError> {
    let grant = Grant::system(platform, "asking Stripe for what was written down");
    let read = Kind::parse(&intent.kind).zip(serde_json::from_value::<Wish>(intent.wish.clone()).ok());
    let Some((kind, wish)) = read else {
        tracing::error!(intent.id = %intent.id, intent.kind, "what was written down to be asked of Stripe cannot be read");
        return Err(AppError::Internal);
    };
    let acting = Acting { grant, stripe, keeper, intent, wish };
    // On the heap: it would make every future around it large.
    match Box::pin(acting.act(kind)).await {
        Ok(Reached { subject, continue_at }) => {
            let ending = Ending { subject: subject.as_deref(), problem: None };
            acting.end(ending).await?;
            Ok(continue_at)
        }
        Err(Trouble::Stripe(problem)) if problem.is_final() => {
            acting.end(Ending { subject: None, problem: Some(&problem.to_string()) }).await?;
            Err(match problem {
                StripeProblem::Declined { .. } => conflict("plan", FieldIssue::PaymentDeclined),
                other => other.met("asking Stripe for a plan"),
            })
        }
        Err(Trouble::Here(problem @ AppError::Conflict { .. })) => {
            acting.end(Ending { subject: None, problem: Some("moved-on") }).await?;
            Err(problem)
        }
        Err(Trouble::Stripe(problem)) => Err(problem.met("asking Stripe for a plan")),
        Err(Trouble::Here(problem)) => Err(problem),
    }
}

/// Gives up what was written down: nobody asks for it any more.
pub(super) async fn give_up(platform: &Platform, intent: &Intent) -> Result<(), AppError> {
    end(
        &Grant::system(platform, "giving up an act at Stripe"),
        intent,
        Ending { subject: None, problem: Some("unanswered") },
    )
    .await
}

/// Notes how an act ended. That it was refused stands in the trail, as long as there is one.
async fn end(grant: &Grant<System>, intent: &Intent, ending: Ending<'_>) -> Result<(), AppError> {
    let mut tx = grant.begin().await?;
    tx.enter(intent.organization).await?;
    let is_there = match hold_organization(&mut tx).await {
        Ok(_) => true,
        Err(AppError::NotFound) => false,
        Err(problem) => return Err(problem),
    };
    let is_ended = intents::end(tx.conn(), intent.id, ending, grant.platform().now()).await?;
    if let (true, true, Some(problem)) = (is_ended, is_there, ending.problem) {
        let (organization, act) = (intent.organization, intent.kind.clone());
        let deed = BillingDeed::RefusedAtStripe { organization, act, problem: problem.to_owned() };
        audit::note(&mut tx, deed).await?;
    }
    tx.commit().await
}

impl Acting<'_> {
    async fn act(&self, kind: Kind) -> Result<Reached, Trouble> {
        match kind {
            Kind::Checkout => self.open_checkout().await,
            Kind::Stop => self.stop().await,
            Kind::Change => {
                let present = self.present().await?;
                self.change(&present).await?;
                self.reached(present).await
            }
            Kind::Schedule => {
                let present = self.present().await?;
                self.schedule(&present).await?;
                self.reached(present).await
            }
            Kind::End => {
                let present = self.present().await?;
                self.end_with_period(&present).await?;
                self.reached(present).await
            }
            Kind::Keep => {
                let present = self.present().await?;
                self.keep(&present).await?;
                self.reached(present).await
            }
        }
    }

    /// What is paid for, as it is before the act, or in the middle of it.
    async fn present(&self) -> Result<Subscription, Trouble> {
        let id = self.paid_for().await?.ok_or(StripeProblem::Missing)?;
        Ok(self.stripe.subscription(&id).await?)
    }

    /// What came of it is learned before the act ends.
    async fn reached(&self, subscription: Subscription) -> Result<Reached, Trouble> {
        self.learn(&subscription.id).await?;
        Ok(Reached { subject: Some(subscription.id), continue_at: None })
    }

    /// The name of a step of this act.
    fn key(&self, what: &'static str) -> Act {
        Act::new(what, self.intent.id)
    }

    async fn end(&self, ending: Ending<'_>) -> Result<(), AppError> {
        end(&self.grant, self.intent, ending).await
    }

    /// The name of what is paid for.
    async fn paid_for(&self) -> Result<Option<String>, AppError> {
        let mut tx = self.grant.begin().await?;
        let row = mapping::of(tx.conn(), self.intent.organization).await?;
        Ok(row.and_then(|row| row.subscription_id))
    }

    async fn plan(&self) -> Result<Plan, AppError> {
        let mut tx = self.grant.begin().await?;
        plans::version(tx.conn(), self.wish.version, self.wish.currency).await
    }

    async fn prices(&self) -> Result<Prices, Trouble> {
        prices::ensure(&self.grant, self.stripe, &self.plan().await?).await
    }

    async fn items(&self, present: &Subscription) -> Result<Vec<Item>, AppError> {
        let mut tx = self.grant.begin().await?;
        items::of(tx.conn(), present).await
    }

    fn seats(&self) -> u64 {
        u64::try_from(self.wish.extra_seats).unwrap_or_default()
    }

    /// Something that costs more. The prices come first: where nobody pays for them, nothing else is different either.
    async fn change(&self, present: &Subscription) -> Result<(), Trouble> {
        let (prices, items) = (self.prices().await?, self.items(present).await?);
        let changed = items::changed(&items, &prices, self.seats());
        if !changed.is_empty() {
            let change = Change::Prices(&changed, Proration::InvoiceNow);
            self.stripe.change_subscription(&self.key("change"), &present.id, change).await?;
        }
        self.keep(present).await
    }

    /// Something that costs less, from the next period on.
    async fn schedule(&self, present: &Subscription) -> Result<(), Trouble> {
        let (prices, items) = (self.prices().await?, self.items(present).await?);
        let schedule = match &present.schedule {
            Some(id) => self.stripe.schedule(id).await?,
            None => {
                self.go_on(present).await?;
                self.stripe.create_schedule(&self.key("schedule"), &present.id).await?
            }
        };
        let end = present
            .items
            .data
            .first()
            .map(|item| item.current_period_end)
            .ok_or(StripeProblem::Unreadable)?;
        let phase = schedule.phases.iter().find(|phase| phase.end_date >= end).or(schedule.phases.last());
        let start = phase.ok_or(StripeProblem::Unreadable)?.start_date;
        let (now, then) = (items::present(&items), items::to_come(&items, &prices, self.seats()));
        let phases = [
            NewPhase { prices: &now, start, end: Some(end) },
            NewPhase { prices: &then, start: end, end: None },
        ];
        self.stripe.plan_phases(&self.key("phases"), &schedule.id, &phases).await?;
        self.learn_schedule(&schedule.id).await
    }

    /// Nothing from the next period on.
    async fn end_with_period(&self, present: &Subscription) -> Result<(), Trouble> {
        self.release(present).await?;
        if !present.cancel_at_period_end {
            self.stripe.change_subscription(&self.key("end"), &present.id, Change::EndWithPeriod).await?;
        }
        Ok(())
    }

    /// What was to come does not.
    async fn keep(&self, present: &Subscription) -> Result<(), Trouble> {
        self.release(present).await?;
        self.go_on(present).await
    }

    async fn go_on(&self, present: &Subscription) -> Result<(), Trouble> {
        if present.cancel_at_period_end {
            self.stripe.change_subscription(&self.key("go-on"), &present.id, Change::GoOn).await?;
        }
        Ok(())
    }

    async fn release(&self, present: &Subscription) -> Result<(), Trouble> {
        let Some(schedule) = &present.schedule else { return Ok(()) };
        let key = Act::new("release", format!("{}:{schedule}", self.intent.id));
        self.stripe.release_schedule(&key, schedule).await?;
        self.learn_schedule(schedule).await
    }

    /// Nothing any more, at once.
    async fn stop(&self) -> Result<Reached, Trouble> {
        let Some(id) = self.paid_for().await? else { return Ok(Reached::default()) };
        self.cancel(&id).await?;
        Ok(Reached { subject: Some(id), continue_at: None })
    }

    async fn cancel(&self, id: &str) -> Result<(), Trouble> {
        let ended = [Status::Canceled, Status::IncompleteExpired];
        if !ended.contains(&self.stripe.subscription(id).await?.status) {
            self.stripe.cancel_subscription(id).await?;
        }
        self.learn(id).await
    }

    /// A page on which somebody pays for the first time. There is one at a time: two would be paid for twice.
    async fn open_checkout(&self) -> Result<Reached, Trouble> {
        let of = (self.intent.organization, self.intent.id);
        close_checkout(&self.grant, self.stripe, self.keeper, of).await?;
        if let Some(unpaid) = self.paid_for().await? {
            self.cancel(&unpaid).await?;
        }
        let platform = self.grant.platform();
        let customer = customers::ensure(platform, self.stripe, self.intent.organization).await?;
        let prices = self.prices().await?;
        let mut priced = vec![Priced { item: None, price: &prices.plan, quantity: Some(1) }];
        if let Some(price) = prices.seat.as_deref().filter(|_| self.wish.extra_seats > 0) {
            priced.push(Priced { item: None, price, quantity: Some(self.seats()) });
        }
        let back = format!("{}/o/{}/billing", platform.rules().public_url, self.wish.slug);
        let checkout = NewCheckout {
            customer: customer.as_str(),
            mode: CheckoutMode::Subscribe(&priced),
            reference: &self.intent.organization.to_string(),
            success_url: &format!("{back}?payment=made"),
            cancel_url: &format!("{back}?payment=left"),
        };
        let made = self.stripe.create_checkout(&self.key("checkout"), &checkout).await?;
        let continue_at = Some(made.url.ok_or(StripeProblem::Unreadable)?);
        Ok(Reached { subject: Some(made.id), continue_at })
    }

    async fn learn(&self, subscription: &str) -> Result<(), Trouble> {
        let platform = self.grant.platform();
        Ok(self.keeper.learn(platform, self.stripe, Object::Subscription, subscription).await?)
    }

    async fn learn_schedule(&self, id: &str) -> Result<(), Trouble> {
        Ok(self.keeper.learn(self.grant.platform(), self.stripe, Object::Schedule, id).await?)
    }
}

/// Lets nobody pay any more on the page that was opened last, but for the act that opens it: another may be at the same. Where
/// somebody has paid, what is wanted now is not what they saw.
pub(super) async fn close_checkout(
    grant: &Grant<System>,
    stripe: &Stripe,
    keeper: Keeper<'_>,
    (organization, but_for): (Uuid, Uuid),
) -> Result<(), Trouble> {
    let platform = grant.platform();
    let mut tx = grant.begin().await?;
    let last = intents::last_checkout(tx.conn(), organization, but_for, platform.now() - PAGES_LAST).await?;
    drop(tx);
    let Some(page) = last else { return Ok(()) };
    let mut session = stripe.checkout(&page).await?;
    if is(&session, "open") {
        session = match stripe.expire_checkout(&Act::new("expire", &page), &page).await {
            // Somebody was quicker, on either side.
            Err(StripeProblem::Refused { .. }) => stripe.checkout(&page).await?,
            other => other?,
        };
    }
    match &session.subscription {
        Some(paid) if is(&session, "complete") => {
            keeper.learn(platform, stripe, Object::Subscription, paid).await?;
            let mut tx = grant.begin().await?;
            let row = subscriptions::read(tx.conn(), organization).await?;
            let is_paid = row.is_some_and(|row| row.paid_by() == PaymentProvider::Stripe);
            // What has ended since, or is not paid any more, stands in nobody's way.
            if is_paid { Err(conflict("plan", FieldIssue::MovedOn).into()) } else { Ok(()) }
        }
        _ => Ok(()),
    }
}

fn is(session: &CheckoutSession, status: &str) -> bool {
    session.status.as_deref() == Some(status)
}
