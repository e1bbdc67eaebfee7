//! Which way to pay is charged, and which one goes: written down first, then asked of Stripe, then learned.

use std::time::Duration;

use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    super::{
        super::{
            store::methods::{self as store, MethodAct},
            stripe::{
                Act, Change, Stripe, StripeProblem,
                customers::{self, CustomerRow},
                inbox::{self, Kind},
            },
        },
        conflict, given,
        pay::{Keeper, Payments},
    },
    demand, is_of, kept,
};
use crate::{
    AppError, FieldIssue,
    access::{Grant, Organization, Permission, System, Tx, hold_organization},
    audit::{self, BillingDeed},
    platform::{Platform, log::Cause as _},
};

/// The kinds of acts, as they are written down.
const DEFAULT: &str = "default";
const REMOVE: &str = "remove";
/// For how long whoever asked may take. Then a worker asks once more.
const THEIRS: Duration = Duration::from_mins(2);
/// How often it is looked for what was asked and not answered.
const POLL: Duration = Duration::from_secs(15);
/// How many are looked for at a time.
const BATCH: i64 = 100;

/// Chooses which way to pay is charged.
///
/// # Errors
/// [`AppError::NotFound`] for one of somebody else; [`AppError::Conflict`] where it is that one already, while another change is
/// under way, and where nothing is paid through Stripe; [`AppError::Busy`] while Stripe is away: then it is done later.
pub async fn set_default_payment_method(
    grant: &Grant<Organization>,
    payments: &Payments<'_>,
    id: &str,
) -> Result<(), AppError> {
    ask(grant, payments, DEFAULT, id).await
}

/// Takes a way to pay away.
///
/// # Errors
/// As [`set_default_payment_method`]; [`AppError::Conflict`] also for the one by which a plan is paid.
pub async fn remove_payment_method(
    grant: &Grant<Organization>,
    payments: &Payments<'_>,
    id: &str,
) -> Result<(), AppError> {
    ask(grant, payments, REMOVE, id).await
}

async fn ask(
    grant: &Grant<Organization>,
    payments: &Payments<'_>,
    kind: &'static str,
    id: &str,
) -> Result<(), AppError> {
    grant.demand(Permission::UpdateBilling)?;
    let stripe = demand(payments.stripe)?;
    let id = given(Some(id)).ok_or_else(|| AppError::invalid("payment_method_id", FieldIssue::Required))?;
    let (platform, mut tx) = (grant.platform(), grant.begin().await?);
    grant.hold(&mut tx).await?;
    let customer = customers::of(tx.conn(), grant.organization()).await?.ok_or(AppError::NotFound)?;
    demand_possible(&mut tx, &customer, kind, id).await?;
    let (now, organization) = (platform.now(), grant.organization());
    let act = MethodAct {
        id: platform.new_id(),
        organization,
        kind: kind.to_owned(),
        method: id.to_owned(),
        asked_by: grant.person().user,
    };
    store::insert(tx.conn(), &act, now, now + THEIRS).await?;
    tx.commit().await?;
    carry_out(platform, stripe, payments.keeper(), &act).await
}

async fn demand_possible(tx: &mut Tx, customer: &CustomerRow, kind: &str, id: &str) -> Result<(), AppError> {
    let all = kept(tx, customer).await?;
    let method = all.iter().find(|method| method.id == id).ok_or(AppError::NotFound)?;
    let issue = match (kind, customer.subscription_id.is_some()) {
        (DEFAULT, _) if method.is_default => FieldIssue::Unchanged,
        (REMOVE, true) if all.len() == 1 => FieldIssue::LastPaymentMethod,
        (REMOVE, true) if method.is_default => FieldIssue::ChargedPaymentMethod,
        _ => return Ok(()),
    };
    Err(conflict("payment_method_id", issue))
}

/// Asks again for what was asked and not answered, until told to stop. Outlives restarts of Postgres.
pub async fn run_methods(
    platform: Platform,
    stripe: Stripe,
    keeper: Keeper<'static>,
    stop: CancellationToken,
) {
    while !stop.is_cancelled() {
        // What fails is in the log already, and the next look is not far.
        let _ = resume(&platform, &stripe, keeper).await;
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(POLL) => {}
        }
    }
}

/// Asks again for everything that is due right now; answers how much that was. What fails for one organization holds up no other.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn resume(platform: &Platform, stripe: &Stripe, keeper: Keeper<'_>) -> Result<usize, AppError> {
    let grant = Grant::system(platform, "asking Stripe again for what is wanted of a way to pay");
    let mut tx = grant.begin().await?;
    let due = store::due(tx.conn(), platform.now(), BATCH).await?;
    drop(tx);
    let mut count = 0;
    for (id, organization) in due {
        if let Some(act) = take(&grant, id, organization).await? {
            count += 1;
            // What fails is in the log, and comes round again.
            let _ = carry_out(platform, stripe, keeper, &act).await;
        }
    }
    Ok(count)
}

async fn take(grant: &Grant<System>, id: Uuid, organization: Uuid) -> Result<Option<MethodAct>, AppError> {
    let mut tx = grant.begin().await?;
    tx.enter(organization).await?;
    let now = grant.platform().now();
    let act = store::take(tx.conn(), id, now, now + THEIRS).await?;
    tx.commit().await?;
    Ok(act)
}

/// Does what was written down, and learns what came of it. Whoever comes second does the same once more, which changes nothing.
async fn carry_out(
    platform: &Platform,
    stripe: &Stripe,
    keeper: Keeper<'_>,
    act: &MethodAct,
) -> Result<(), AppError> {
    let grant = Grant::system(platform, "asking Stripe for what is wanted of a way to pay");
    let mut tx = grant.begin().await?;
    tx.enter(act.organization).await?;
    let customer = customers::of(tx.conn(), act.organization).await?.ok_or(AppError::NotFound)?;
    drop(tx);
    match at_stripe(stripe, act, &customer).await {
        Ok(()) => {
            learn(platform, stripe, keeper, (act, &customer)).await?;
            end(&grant, act, Some(deed(act))).await
        }
        Err(problem) if problem.is_final() => {
            // A try before may have done it, longer ago than Stripe remembers acts. What Stripe does not know cannot be learned.
            if let Err(busy @ AppError::Busy { .. }) = learn(platform, stripe, keeper, (act, &customer)).await
            {
                return Err(busy);
            }
            let is_done = is_done(&grant, act, &customer).await?;
            end(&grant, act, is_done.then(|| deed(act))).await?;
            if is_done { Ok(()) } else { Err(refused(problem)) }
        }
        Err(problem) => Err(problem.met("asking Stripe for what is wanted of a way to pay")),
    }
}

/// What is refused for ever is told as what it is: no longer there, or not good enough.
fn refused(problem: StripeProblem) -> AppError {
    match problem {
        StripeProblem::Missing | StripeProblem::Refused { .. } | StripeProblem::Declined { .. } => {
            conflict("payment_method_id", FieldIssue::MovedOn)
        }
        other => other.met("asking Stripe for what is wanted of a way to pay"),
    }
}

async fn at_stripe(stripe: &Stripe, act: &MethodAct, customer: &CustomerRow) -> Result<(), StripeProblem> {
    let method = act.method.as_str();
    if act.kind == REMOVE {
        return stripe.detach_payment_method(&Act::new("remove-method", act.id), method).await.map(drop);
    }
    let of_customer = Act::new("default-method", act.id);
    stripe.set_default_payment_method(&of_customer, customer.customer_id.as_str(), method).await?;
    if let Some(subscription) = &customer.subscription_id {
        // What it is paid by goes before what its customer has chosen.
        let act = Act::new("default-method-of-subscription", act.id);
        stripe.change_subscription(&act, subscription, Change::PaidBy(method)).await?;
    }
    Ok(())
}

/// Reads from Stripe what is different now.
async fn learn(
    platform: &Platform,
    stripe: &Stripe,
    keeper: Keeper<'_>,
    (act, customer): (&MethodAct, &CustomerRow),
) -> Result<(), AppError> {
    let removed = (act.kind == REMOVE).then_some((Kind::PaymentMethod, act.method.as_str()));
    let charged = customer.subscription_id.as_deref().map(|id| (Kind::Subscription, id));
    let of_customer = Some((Kind::Customer, customer.customer_id.as_str()));
    for (kind, id) in [removed, charged, of_customer].into_iter().flatten() {
        keeper.learn(platform, stripe, kind, id).await?;
    }
    Ok(())
}

/// Whether it is as it was wanted, as far as Stripe has told.
async fn is_done(grant: &Grant<System>, act: &MethodAct, customer: &CustomerRow) -> Result<bool, AppError> {
    let mut tx = grant.begin().await?;
    tx.enter(act.organization).await?;
    if act.kind == REMOVE {
        let found = inbox::known(&mut tx, Kind::PaymentMethod, &act.method).await?;
        return Ok(found.is_none_or(|found| !is_of(&found.state, customer)));
    }
    let all = kept(&mut tx, customer).await?;
    Ok(all.iter().any(|method| method.id == act.method && method.is_default))
}

/// What stands in the trail where it is done.
fn deed(act: &MethodAct) -> BillingDeed {
    let (organization, payment_method) = (act.organization, act.method.clone());
    if act.kind == REMOVE {
        BillingDeed::PaymentMethodRemoved { organization, payment_method }
    } else {
        BillingDeed::DefaultPaymentMethodSet { organization, payment_method }
    }
}

/// Forgets what was written down, and notes what was done, unless somebody else has.
async fn end(grant: &Grant<System>, act: &MethodAct, deed: Option<BillingDeed>) -> Result<(), AppError> {
    let mut tx = grant.begin().await?;
    tx.enter(act.organization).await?;
    hold_organization(&mut tx).await?;
    if let (true, Some(deed)) = (store::remove(tx.conn(), act.id).await?, deed) {
        tx.act_as(act.asked_by);
        audit::note(&mut tx, deed).await?;
    }
    tx.commit().await
}
