//! What somebody wants to be paid at Stripe, and everything else as it was: the entrance for both.

use std::time::Duration;

use uuid::Uuid;

use super::{
    super::{
        super::{
            PaymentProvider, PlanChanged, Subscription, When,
            store::subscriptions::Row,
            stripe::{
                Stripe,
                customers::THEIRS,
                store::intents::{self, Ending, Intent},
            },
        },
        FREE, PlanRequest, agreed_now, change as on_invoice,
        change::{Decided, Timing, decide, demand_agreed, hold},
        conflict,
        counts::Counts,
        given, read, subscribed, terms,
    },
    Keeper, Kind, Payments, Trouble, Wish, acts,
};
use crate::{
    AppError, FieldIssue, Timestamp,
    access::{Grant, Organization, Permission, Tx},
    audit::{self, BillingDeed},
    platform::{Platform, log::Cause as _},
};

/// For how long an act that is not answered keeps others from being asked.
const WAITED_FOR: Duration = Duration::from_mins(10);

/// Takes another plan, or other seats, paid as it was or as `provider` says. At Stripe, what costs more is there when it is paid:
/// the first time on a page of Stripe's, whose address is answered, and by the same card from then on. What costs less comes with
/// the period's end.
///
/// # Errors
/// As [`super::super::change()`]; [`AppError::Conflict`] also where the card is declined, where something is being done at Stripe
/// already, and where what is there is paid in another way; [`AppError::Busy`] while Stripe is away: what was written down
/// until then is asked again later.
pub async fn change(
    grant: &Grant<Organization>,
    payments: &Payments<'_>,
    request: &PlanRequest,
) -> Result<PlanChanged, AppError> {
    grant.demand(Permission::UpdateBilling)?;
    match way(grant, payments, request.provider.as_deref()).await? {
        Some(stripe) => ask(grant, payments, stripe, Wanted::This(request)).await,
        None => {
            if let Some(stripe) = payments.stripe {
                // Nobody pays for a plan on a page that is still open, after they have taken one on invoice.
                no_page(grant, stripe, payments.keeper()).await?;
            }
            on_invoice::change(grant, payments.usage, request).await
        }
    }
}

/// Ends what costs something with the end of what was paid for.
///
/// # Errors
/// As [`change`](change()).
pub async fn cancel(grant: &Grant<Organization>, payments: &Payments<'_>) -> Result<PlanChanged, AppError> {
    grant.demand(Permission::UpdateBilling)?;
    let request = PlanRequest { plan: FREE.into(), extra_seats: Some("0".into()), ..PlanRequest::default() };
    match way(grant, payments, None).await? {
        Some(stripe) => ask(grant, payments, stripe, Wanted::This(&request)).await,
        None => on_invoice::cancel(grant, payments.usage).await,
    }
}

/// Keeps what was to end with the period.
///
/// # Errors
/// As [`change`](change()).
pub async fn resume(grant: &Grant<Organization>, payments: &Payments<'_>) -> Result<PlanChanged, AppError> {
    grant.demand(Permission::UpdateBilling)?;
    match way(grant, payments, None).await? {
        Some(stripe) => ask(grant, payments, stripe, Wanted::Present).await,
        None => on_invoice::resume(grant, payments.usage).await,
    }
}

/// What an organization has, and whether it can be paid by card.
///
/// # Errors
/// As [`super::super::subscription`].
pub async fn subscription(
    grant: &Grant<Organization>,
    payments: &Payments<'_>,
    rooms: &[&dyn Counts],
) -> Result<Subscription, AppError> {
    let told = read::subscription(grant, rooms).await?;
    Ok(Subscription { takes_cards: payments.stripe.is_some(), ..told })
}

/// Whether something is done at Stripe, as somebody says, or else as what is there is paid.
async fn way<'a>(
    grant: &Grant<Organization>,
    payments: &Payments<'a>,
    said: Option<&str>,
) -> Result<Option<&'a Stripe>, AppError> {
    let mut tx = grant.begin().await?;
    let present = subscribed(&mut tx).await?.paid_by();
    tx.commit().await?;
    let wanted = match given(said) {
        None => Some(present),
        Some(name) => PaymentProvider::parse(name),
    };
    match (wanted, payments.stripe) {
        // What Stripe looks after is changed there, or not at all.
        (Some(PaymentProvider::Invoice), _) if present == PaymentProvider::Stripe => {
            Err(conflict("provider", FieldIssue::PaidOtherwise))
        }
        (Some(PaymentProvider::Invoice), _) => Ok(None),
        (Some(PaymentProvider::Stripe), Some(stripe)) => Ok(Some(stripe)),
        (Some(PaymentProvider::Stripe), None) | (None, _) => {
            Err(AppError::invalid("provider", FieldIssue::NotAnOption))
        }
    }
}

/// What is asked for.
enum Wanted<'a> {
    This(&'a PlanRequest),
    /// What is there already, and nothing after it.
    Present,
}

/// Writes down what is wanted, and asks Stripe for it.
async fn ask(
    grant: &Grant<Organization>,
    payments: &Payments<'_>,
    stripe: &Stripe,
    wanted: Wanted<'_>,
) -> Result<PlanChanged, AppError> {
    let (platform, mut tx) = (grant.platform(), grant.begin().await?);
    let (row, now, meter) = hold(grant, &mut tx, payments.usage).await?;
    let decided = match wanted {
        Wanted::This(request) => {
            let decided = decide(&mut tx, &row, request, now).await?;
            demand_agreed(&mut tx, platform, &decided, request, meter).await?;
            decided
        }
        Wanted::Present => {
            let plan = terms::present(tx.conn(), &row).await?.plan.plan;
            decide(&mut tx, &row, &PlanRequest { plan, ..PlanRequest::default() }, now).await?
        }
    };
    if decided.provider != PaymentProvider::Stripe {
        // It has ended there since it was looked at.
        return Err(conflict("plan", FieldIssue::MovedOn));
    }
    let kind = kind(&decided)?;
    let intent = written_down(&mut tx, platform, &decided, kind).await?;
    tx.commit().await?;
    let continue_at = acts::perform(platform, stripe, payments.keeper(), &intent).await?;
    let when = match kind {
        Kind::Checkout => When::OncePaid,
        Kind::Schedule | Kind::End => When::PeriodEnd,
        Kind::Change | Kind::Keep | Kind::Stop => When::Now,
    };
    Ok(PlanChanged { when, at: decided.at, invoice: None, continue_at })
}

fn kind(decided: &Decided) -> Result<Kind, AppError> {
    Ok(match decided.timing {
        Timing::Start => Kind::Checkout,
        Timing::Rest => Kind::Change,
        Timing::Stay => Kind::Keep,
        Timing::Later if decided.after.month()?.get() == 0 => Kind::End,
        Timing::Later => Kind::Schedule,
    })
}

/// What was written down already, if it is the same, or is now.
async fn written_down(
    tx: &mut Tx,
    platform: &Platform,
    decided: &Decided,
    kind: Kind,
) -> Result<Intent, AppError> {
    let Decided { row, after, .. } = decided;
    let wish = wish(row, &after.plan.plan, (after.plan.version_id, after.extra_seats));
    let now = agreed_now(tx, platform).await?;
    let intent = intent(platform, row, kind, &wish, now)?;
    if let Some(open) = intents::open_act(tx.conn(), row.organization).await? {
        if now < open.created_at() + WAITED_FOR {
            let is_the_same = open.kind == intent.kind && open.wish == intent.wish;
            return if is_the_same { Ok(open) } else { Err(conflict("plan", FieldIssue::OnItsWay)) };
        }
        // Whatever became of it: the next act begins with what Stripe has.
        let ending = Ending { subject: None, problem: Some("superseded") };
        intents::end(tx.conn(), open.id, ending, now).await?;
    }
    let actor = tx.actor();
    intents::insert(tx.conn(), &intent, actor, now + THEIRS).await?;
    let (organization, plan, extra_seats) = (row.organization, wish.plan, wish.extra_seats);
    let act = kind.name();
    audit::note(tx, BillingDeed::AskedAtStripe { organization, act, plan, extra_seats }).await?;
    Ok(intent)
}

fn wish(row: &Row, plan: &str, (version, extra_seats): (Uuid, i64)) -> Wish {
    Wish { version, plan: plan.to_owned(), extra_seats, currency: row.currency, slug: row.slug.clone() }
}

fn intent(
    platform: &Platform,
    row: &Row,
    kind: Kind,
    wish: &Wish,
    now: Timestamp,
) -> Result<Intent, AppError> {
    let wish = serde_json::to_value(wish).map_err(|error| {
        tracing::error!(%error, "what is to be asked of Stripe cannot be written down");
        AppError::Internal
    })?;
    Ok(Intent::new(platform.new_id(), row.organization, kind.name(), wish, now))
}

/// Writes down that what an organization pays for at Stripe ends with its period; a worker asks. The transaction holds the
/// organization.
///
/// # Errors
/// [`AppError::Conflict`] where something is being done at Stripe.
pub(in crate::billing::service) async fn end_later(
    tx: &mut Tx,
    platform: &Platform,
    row: &Row,
    free: Uuid,
) -> Result<(), AppError> {
    if intents::open_act(tx.conn(), row.organization).await?.is_some() {
        return Err(conflict("organization_id", FieldIssue::OnItsWay));
    }
    let now = platform.now();
    let intent = intent(platform, row, Kind::End, &wish(row, FREE, (free, 0)), now)?;
    let actor = tx.actor();
    intents::insert(tx.conn(), &intent, actor, now).await
}

/// Closes the page of Stripe's on which somebody of the organization could still pay.
async fn no_page(grant: &Grant<Organization>, stripe: &Stripe, keeper: Keeper<'_>) -> Result<(), AppError> {
    let system = Grant::system(grant.platform(), "closing a page on which somebody could pay");
    match acts::close_checkout(&system, stripe, keeper, (grant.organization(), Uuid::nil())).await {
        Ok(()) => Ok(()),
        Err(Trouble::Here(problem)) => Err(problem),
        Err(Trouble::Stripe(problem)) => Err(problem.met("closing a page on which somebody could pay")),
    }
}
