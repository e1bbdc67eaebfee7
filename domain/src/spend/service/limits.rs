//! Budgets: seen, set and removed.

use std::collections::HashMap;

use time::Date;
use uuid::Uuid;

use super::{
    super::{
        Action, Limit, LimitSet, LimitState, Limits, MOST_LIMITS, Nano, Period, Scope,
        store::budgets::{self, Budget, NewBudget, Stand},
    },
    given, read_id, read_name,
    reserve::windows,
    warn::{is_used_up, step},
};
use crate::{
    AppError, FieldIssue, Timestamp,
    access::{Grant, Organization, Permission},
    audit::{self, SpendDeed},
    billing::{Entitlement, service::entitled_beside},
    platform::{Platform, zones},
};

/// At how many per cent people are told when nobody says.
pub const WARN_AT: [i16; 3] = [50, 80, 100];
/// How many warnings a budget can have.
const MOST_WARNINGS: usize = 10;
/// The longest rolling window, in days.
const MOST_DAYS: i32 = 366;

/// A budget, as typed.
#[derive(Clone, Debug, Default)]
pub struct NewLimit {
    /// Whose calls it counts; those of the organization when nobody says.
    pub scope: Option<String>,
    /// Of which workspace, project …
    pub subject: Option<String>,
    /// `month`, `day` or `rolling`; a month when nobody says.
    pub period: Option<String>,
    /// How many days a rolling one counts.
    pub rolling_days: Option<String>,
    /// The most that may be spent.
    pub cap: Option<String>,
    /// At how many per cent people are told.
    pub warn_at: Vec<i16>,
    /// `block`, `throttle` or `notify`; what it was, or `block`, when nobody says.
    pub action: Option<String>,
}

/// What is to be.
struct Wanted {
    scope: Scope,
    subject: String,
    period: Period,
    rolling_days: Option<i32>,
    cap: Nano,
    warn_at: Vec<i16>,
    action: Option<Action>,
}

impl Wanted {
    fn read(typed: &NewLimit) -> Result<Self, AppError> {
        let scope = option("scope", typed.scope.as_deref(), Scope::parse)?.unwrap_or(Scope::Organization);
        let period = option("period", typed.period.as_deref(), Period::parse)?.unwrap_or(Period::Month);
        let action = option("action", typed.action.as_deref(), Action::parse)?;
        let subject = match (scope, given(typed.subject.as_deref())) {
            (Scope::Organization, None) => String::new(),
            (Scope::Organization, Some(_)) => {
                return Err(AppError::invalid("subject", FieldIssue::NotAnOption));
            }
            (Scope::Group | Scope::Person | Scope::Token, text) => {
                read_id("subject", text.unwrap_or_default())?.to_string()
            }
            (_, text) => read_subject(text.unwrap_or_default())?,
        };
        let days = given(typed.rolling_days.as_deref()).filter(|_| period == Period::Rolling);
        let rolling_days = match (period, days) {
            (Period::Rolling, None) => return Err(AppError::invalid("rolling_days", FieldIssue::Required)),
            (_, days) => days.map(read_days).transpose()?,
        };
        let cap = Nano::parse(typed.cap.as_deref().unwrap_or_default());
        let cap = cap.map_err(|issue| AppError::invalid("cap", issue))?;
        Ok(Self {
            scope,
            subject,
            period,
            rolling_days,
            cap,
            warn_at: read_warnings(&typed.warn_at)?,
            action,
        })
    }
}

/// Every budget and how it stands.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn limits(grant: &Grant<Organization>) -> Result<Limits, AppError> {
    grant.demand(Permission::ReadSpend)?;
    let (organization, platform) = (grant.organization(), grant.platform());
    let mut tx = grant.begin().await?;
    let named = budgets::named(tx.conn(), organization).await?;
    let all = budgets::list(tx.conn(), organization, None).await?;
    let today = zones::day(&named.time_zone, platform.clock().agreed(named.now.into()));
    let (ids, _, counts_from) = windows(&all, today);
    let stands = budgets::stands(tx.conn(), &ids, &counts_from).await?;
    tx.commit().await?;
    let stands: HashMap<Uuid, Stand> = stands.into_iter().map(|stand| (stand.budget_id, stand)).collect();
    let items: Vec<Limit> =
        all.iter().map(|budget| shown(budget, stands.get(&budget.id), &named.time_zone, today)).collect();
    let is_monthly = |limit: &&Limit| limit.scope == Scope::Organization && limit.period == Period::Month;
    Ok(Limits {
        organization_id: organization,
        monthly_cap: items.iter().find(is_monthly).map(|limit| limit.cap),
        items,
        manage_url: manage_url(platform, &named.slug),
        time_zone: named.time_zone,
        may_update: grant.permissions().has(Permission::UpdateSpend),
    })
}

fn manage_url(platform: &Platform, slug: &str) -> String {
    format!("{}/o/{slug}/limits", platform.rules().public_url)
}

fn shown(budget: &Budget, stand: Option<&Stand>, zone: &str, today: Date) -> Limit {
    let window = budget.window(today);
    let (spent, held) = stand.map(|stand| (stand.spent, stand.held)).unwrap_or_default();
    let (spent, held) = (Nano::new(spent), Nano::new(held));
    let state = match step(budget, spent) {
        _ if is_used_up(budget, spent, held) => LimitState::Reached,
        0 => LimitState::Fine,
        _ => LimitState::Near,
    };
    Limit {
        id: budget.id,
        // The table knows no others.
        scope: Scope::parse(&budget.scope).unwrap_or(Scope::Organization),
        subject: budget.subject.clone(),
        period: Period::parse(&budget.period).unwrap_or(Period::Month),
        rolling_days: budget.rolling_days,
        cap: budget.cap(),
        warn_at: budget.warn_at.clone(),
        action: budget.action(),
        spent,
        held,
        state,
        since: window.since(zone),
        resets_at: window.resets_at(zone),
    }
}

/// Sets the budget of a scope and period. A new one counts what was spent before it in its window, and what is held; one that
/// is below what was spent refuses every call from then on.
///
/// # Errors
/// [`AppError::InvalidInput`]; [`AppError::Conflict`] for one too many; [`AppError::QuotaExceeded`] for more than the plan gives.
pub async fn set_limit(grant: &Grant<Organization>, typed: &NewLimit) -> Result<LimitSet, AppError> {
    grant.demand(Permission::UpdateSpend)?;
    let wanted = Wanted::read(typed)?;
    let (organization, platform) = (grant.organization(), grant.platform());
    let mut tx = grant.begin().await?;
    grant.hold(&mut tx).await?;
    let place = budgets::enter_alone(tx.conn(), organization).await?;
    let (now, today) = (place.now(platform), place.today(platform));
    let (scope, period) = (wanted.scope.name(), wanted.period.name());
    let found = budgets::find(tx.conn(), organization, scope, &wanted.subject, period).await?;
    let before = found.as_ref().map(Budget::cap);
    let mut budget = if let Some(budget) = found {
        let is_longer = wanted.rolling_days > budget.rolling_days;
        let budget = changed(budget, &wanted);
        if is_longer {
            let counts_from = budget.window(today).counts_from;
            budgets::count_earlier(tx.conn(), organization, budget.id, counts_from).await?;
        }
        budget
    } else {
        let count = budgets::count(tx.conn(), organization).await?;
        if count >= i64::from(MOST_LIMITS) {
            return Err(super::conflict("scope", FieldIssue::TooMany { max: MOST_LIMITS }));
        }
        entitled_beside(&mut tx, Entitlement::Budgets, count, 1).await?;
        let budget = fresh(platform.new_id(), &wanted);
        let row = new_row(organization, &budget, now);
        budgets::insert(tx.conn(), &row).await?;
        let window = budget.window(today);
        budgets::count_past(tx.conn(), &row, window.counts_from, window.starts_on).await?;
        budget
    };
    // Whoever sets it sees where it stands: only what is crossed from now on is told.
    let (ids, _, counts_from) = windows(std::slice::from_ref(&budget), today);
    let stands = budgets::stands(tx.conn(), &ids, &counts_from).await?;
    let spent = stands.first().map(|stand| stand.spent).unwrap_or_default();
    budget.warned = step(&budget, Nano::new(spent));
    budget.warned_on = Some(budget.window(today).starts_on);
    budgets::change(tx.conn(), &budget).await?;
    let deed = SpendDeed::LimitSet {
        budget: budget.id,
        scope: wanted.scope,
        subject: wanted.subject,
        cap: wanted.cap,
        before,
    };
    audit::note(&mut tx, deed).await?;
    tx.commit().await?;
    Ok(LimitSet { id: budget.id })
}

fn changed(mut budget: Budget, wanted: &Wanted) -> Budget {
    budget.cap_nano = wanted.cap.get();
    budget.rolling_days = wanted.rolling_days;
    if !wanted.warn_at.is_empty() {
        budget.warn_at.clone_from(&wanted.warn_at);
    }
    if let Some(action) = wanted.action {
        action.name().clone_into(&mut budget.action);
    }
    budget
}

fn fresh(id: Uuid, wanted: &Wanted) -> Budget {
    Budget {
        id,
        scope: wanted.scope.name().to_owned(),
        subject: wanted.subject.clone(),
        period: wanted.period.name().to_owned(),
        rolling_days: wanted.rolling_days,
        cap_nano: wanted.cap.get(),
        warn_at: if wanted.warn_at.is_empty() { WARN_AT.to_vec() } else { wanted.warn_at.clone() },
        action: wanted.action.unwrap_or(Action::Block).name().to_owned(),
        warned: 0,
        warned_on: None,
        refused_on: None,
        is_removed: false,
    }
}

fn new_row(organization: Uuid, budget: &Budget, now: Timestamp) -> NewBudget<'_> {
    NewBudget {
        id: budget.id,
        organization,
        scope: &budget.scope,
        subject: &budget.subject,
        period: &budget.period,
        rolling_days: budget.rolling_days,
        cap_nano: budget.cap_nano,
        warn_at: &budget.warn_at,
        action: &budget.action,
        now,
    }
}

/// Removes a budget: it refuses nothing any more.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::MalformedRequest`] for what is no id.
pub async fn remove_limit(grant: &Grant<Organization>, id: &str) -> Result<(), AppError> {
    grant.demand(Permission::UpdateSpend)?;
    let id = read_id("id", id)?;
    let (organization, now) = (grant.organization(), grant.platform().now());
    let mut tx = grant.begin().await?;
    grant.hold(&mut tx).await?;
    budgets::enter_alone(tx.conn(), organization).await?;
    let was = budgets::remove(tx.conn(), organization, id, now).await?.ok_or(AppError::NotFound)?;
    let scope = Scope::parse(&was.scope).unwrap_or(Scope::Organization);
    let deed = SpendDeed::LimitRemoved { budget: id, scope, subject: was.subject.clone(), cap: was.cap() };
    audit::note(&mut tx, deed).await?;
    tx.commit().await
}

fn option<T>(
    field: &str,
    text: Option<&str>,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, AppError> {
    let read = |name| parse(name).ok_or_else(|| AppError::invalid(field, FieldIssue::NotAnOption));
    given(text).map(read).transpose()
}

/// The name of a workspace, project, tag or model, as calls say it.
fn read_subject(text: &str) -> Result<String, AppError> {
    let subject = read_name("subject", text, 100)?;
    if subject.contains(',') {
        Err(AppError::invalid("subject", FieldIssue::Unreadable))
    } else {
        Ok(subject)
    }
}

fn read_days(text: &str) -> Result<i32, AppError> {
    let days: i32 = text.parse().map_err(|_| AppError::invalid("rolling_days", FieldIssue::Unreadable))?;
    let issue = FieldIssue::OutOfRange { min: 1, max: MOST_DAYS.into() };
    if (1..=MOST_DAYS).contains(&days) { Ok(days) } else { Err(AppError::invalid("rolling_days", issue)) }
}

/// Each once, the lowest first.
fn read_warnings(steps: &[i16]) -> Result<Vec<i16>, AppError> {
    let mut steps = steps.to_vec();
    steps.sort_unstable();
    steps.dedup();
    if steps.iter().any(|step| !(1..=100).contains(step)) {
        return Err(AppError::invalid("warn_at", FieldIssue::OutOfRange { min: 1, max: 100 }));
    }
    if steps.len() > MOST_WARNINGS {
        let max = u32::try_from(MOST_WARNINGS).unwrap_or(u32::MAX);
        return Err(AppError::invalid("warn_at", FieldIssue::TooMany { max }));
    }
    Ok(steps)
}
