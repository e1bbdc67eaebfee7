//! Tells people that a budget comes to its end: once for each crossing of a warning, and once per window for the first refusal.
//! What was told is remembered in the transaction in which it happened.

use time::Date;
use uuid::Uuid;

use super::{
    super::{
        Action, Nano, Scope,
        calendar::Window,
        model,
        store::budgets::{self, Budget},
    },
    reserve::windows,
};
use crate::{
    AppError,
    access::{Permission, Tx, evaluator::holders},
    audit::{self, SpendDeed},
    identity::service::{SpendNews, tell_of_spend},
    platform::Platform,
};

/// How many people get a letter at most.
const MOST_LETTERS: i64 = 100;
/// The longest that a call is put off at once, in seconds.
const LONGEST_WAIT_S: i64 = 3600;

/// A budget and what is in its window.
pub(super) struct Stands<'a> {
    pub(super) budget: &'a Budget,
    pub(super) spent: Nano,
    pub(super) held: Nano,
    pub(super) window: Window,
}

/// What whoever was refused is told. The first time in a window others are told as well.
pub(super) async fn refused(
    tx: &mut Tx,
    platform: &Platform,
    stands: &Stands<'_>,
) -> Result<AppError, AppError> {
    let Stands { budget, spent, held, window } = *stands;
    let id = tx.organization()?;
    let organization = budgets::named(tx.conn(), id).await?;
    let resets_at = window.resets_at(&organization.time_zone);
    if budget.refused_on != Some(window.starts_on) {
        budgets::note_refused(tx.conn(), budget.id, window.starts_on).await?;
        tell(tx, platform, stands, None).await?;
        let deed = SpendDeed::CapReached { budget: budget.id, cap: budget.cap(), spent, held };
        audit::note(tx, deed).await?;
    }
    if budget.action() == Action::Throttle {
        let wait = (resets_at - platform.clock().agreed(organization.now.into()))
            .whole_seconds()
            .clamp(1, LONGEST_WAIT_S);
        return Ok(AppError::TooManyRequests { retry_after_s: u32::try_from(wait).unwrap_or(1) });
    }
    Ok(AppError::SpendCapReached {
        scope: scope(budget),
        subject: budget.subject.clone(),
        cap: budget.cap(),
        spent,
        held,
        resets_at,
        manage_url: format!("{}/o/{}/limits", platform.rules().public_url, organization.slug),
    })
}

/// Looks whether what was just counted has crossed a warning of these budgets, which the transaction holds.
pub(super) async fn crossings(
    tx: &mut Tx,
    platform: &Platform,
    of: &[Budget],
    today: Date,
) -> Result<(), AppError> {
    let of: Vec<Budget> = of.iter().filter(|budget| !budget.is_removed).cloned().collect();
    if of.is_empty() {
        return Ok(());
    }
    let (ids, _, counts_from) = windows(&of, today);
    let found = budgets::stands(tx.conn(), &ids, &counts_from).await?;
    for budget in &of {
        let Some(stand) = found.iter().find(|stand| stand.budget_id == budget.id) else { continue };
        let window = budget.window(today);
        let (spent, held) = (Nano::new(stand.spent), Nano::new(stand.held));
        let (step, before) = (step(budget, spent), warned(budget, window));
        if step == before {
            continue;
        }
        budgets::note_warned(tx.conn(), budget.id, step, window.starts_on).await?;
        // Below a warning again, by a correction or because days went out of the window: it will be told anew.
        if step > before {
            let stands = Stands { budget, spent, held, window };
            tell(tx, platform, &stands, Some(step)).await?;
            let deed = SpendDeed::Warned { budget: budget.id, percent: step, cap: budget.cap(), spent, held };
            audit::note(tx, deed).await?;
        }
    }
    Ok(())
}

/// Whether nothing is left. That a call was refused does not say so: it may have been larger than what is left.
pub(super) fn is_used_up(budget: &Budget, spent: Nano, held: Nano) -> bool {
    spent.saturating_add(held) >= budget.cap()
}

/// The highest warning that is reached.
pub(super) fn step(budget: &Budget, spent: Nano) -> i16 {
    let percent = model::percent(spent, budget.cap());
    let reached =
        budget.warn_at.iter().copied().filter(|step| u32::try_from(*step).is_ok_and(|step| step <= percent));
    reached.max().unwrap_or(0)
}

/// The warning that was given last in this window. A rolling window is one that never ends.
fn warned(budget: &Budget, window: Window) -> i16 {
    let is_now = budget.warned_on == Some(window.starts_on) || budget.rolling_days.is_some();
    if is_now { budget.warned } else { 0 }
}

/// A letter to everybody who may raise the budget.
async fn tell(
    tx: &mut Tx,
    platform: &Platform,
    stands: &Stands<'_>,
    percent: Option<i16>,
) -> Result<(), AppError> {
    let id = tx.organization()?;
    let organization = budgets::named(tx.conn(), id).await?;
    let people = holders(tx.conn(), id, Permission::UpdateSpend, Uuid::nil(), MOST_LETTERS).await?;
    let Stands { budget, spent, held, window } = *stands;
    let news = SpendNews {
        organization: &organization.name,
        path: format!("/o/{}/limits", organization.slug),
        budget: named(budget),
        percent,
        is_used_up: is_used_up(budget, spent, held),
        spent: spent.told(),
        held: held.told(),
        cap: budget.cap().told(),
        blocks: budget.action() == Action::Block,
        resets_at: window.resets_at(&organization.time_zone),
    };
    tell_of_spend(tx, platform, &people, &news).await
}

/// `the organization`, `project alpha`.
fn named(budget: &Budget) -> String {
    match scope(budget) {
        Scope::Organization => "the organization".to_owned(),
        scope => format!("the {} {}", scope.name(), budget.subject),
    }
}

fn scope(budget: &Budget) -> Scope {
    // The table knows no other.
    Scope::parse(&budget.scope).unwrap_or(Scope::Organization)
}
