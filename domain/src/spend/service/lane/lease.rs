//! Leases a slice: by the same statement as any hold, so that all slices and holds together never are more than a cap.

use std::{
    sync::{Mutex, atomic::AtomicI64},
    time::Instant,
};

use super::{
    super::{
        super::{
            Nano,
            store::{
                budgets::{self, Budget, Stand},
                holds::{self, NewHold},
            },
        },
        attribution::Attribution,
        reserve::{refuse, windows},
    },
    ADMITS_FOR, Call, HELD_FOR_S, Key, Slice, exhausted,
};
use crate::{
    AppError,
    access::{Grant, Organization, Via},
    platform::Platform,
};

/// A slice is at most so much of what is left: near the cap slices become as small as single calls.
const SHARE: i64 = 20;
/// And never more than this.
const MOST: Nano = Nano::dollars(50);

pub(super) fn key(grant: &Grant<Organization>, call: &Call) -> Key {
    let person = grant.person();
    Key {
        organization: grant.organization(),
        person: person.user,
        token: matches!(person.via, Via::ApiToken(_)).then_some(person.session),
        provider: call.provider.clone(),
        item: call.item.clone(),
        scope: call.scope.clone(),
    }
}

/// A new slice, with at least enough in it for the call.
pub(super) async fn lease(
    platform: &Platform,
    grant: &Grant<Organization>,
    call: &Call,
) -> Result<Slice, AppError> {
    // Counted from before the database does, so that it ends here first.
    let admits_until = Instant::now() + ADMITS_FOR;
    let organization = grant.organization();
    let attribution = Attribution::read(grant, Some(&call.scope))?;
    let mut tx = grant.begin().await?;
    let place = budgets::enter(tx.conn(), organization, Some(grant.person().user)).await?;
    let attribution = attribution.and(&place.groups, &call.provider, &call.item);
    let above =
        budgets::hold_above(tx.conn(), organization, &attribution.dimensions, &attribution.keys).await?;
    let today = place.today(platform);
    let (ids, starts_on, counts_from) = windows(&above, today);
    let stands = budgets::stands(tx.conn(), &ids, &counts_from).await?;
    let id = platform.new_id();
    let amount = amount(call.amount.get(), &above, &stands);
    let request_id = format!("slice {id}");
    let hold = NewHold {
        id,
        organization,
        request_id: &request_id,
        kind: "slice",
        amount,
        dimensions: &attribution.dimensions,
        keys: &attribution.keys,
        provider: &call.provider,
        item: &call.item,
        now: place.now(platform),
        expires_in_s: HELD_FOR_S,
        budgets: &ids,
        starts_on: &starts_on,
        counts_from: &counts_from,
    };
    let verdicts = holds::reserve(tx.conn(), &hold).await?;
    if verdicts.first().is_some_and(|verdict| verdict.expires_at.is_some()) {
        tx.commit().await?;
        let left = AtomicI64::new(amount);
        let (done, booked) = (Mutex::default(), tokio::sync::Mutex::default());
        return Ok(Slice { id, organization, left, admits_until, done, booked });
    }
    let refusal = refuse(tx, grant, &above, &verdicts, today).await?;
    exhausted::remember(platform, grant, call, &refusal).await;
    Err(refusal)
}

/// A share of what is left of the budget that has the least left, but enough for the call.
fn amount(call: i64, above: &[Budget], stands: &[Stand]) -> i64 {
    let left = |budget: &Budget| {
        let stand = stands.iter().find(|stand| stand.budget_id == budget.id)?;
        Some(budget.cap_nano.saturating_sub(stand.spent).saturating_sub(stand.held))
    };
    let stops = above.iter().filter(|budget| budget.action != "notify");
    let least = stops.filter_map(left).min().unwrap_or(i64::MAX);
    (least / SHARE).min(MOST.get()).max(call)
}
