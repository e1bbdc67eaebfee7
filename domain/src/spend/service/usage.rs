//! What was spent by day and by dimension, and what will have been.

use std::collections::HashMap;

use time::{Date, Duration, macros::format_description};

use super::{
    super::{
        DayTotal, Forecast, KeyTotal, Nano, Period, Scope, UsageOfDay, UsageReport,
        calendar::{first_of_month, next_month},
        forecast::{Question, Spent, expect},
        store::{budgets, daily},
    },
    given,
};
use crate::{
    AppError, FieldIssue,
    access::{Grant, Organization, Permission, Tx, permissions_of},
    platform::zones,
};

/// How many days one report shows at most.
const MOST_DAYS: i64 = 366;
/// How many days one shows when nobody says.
const USUAL_DAYS: i64 = 30;
/// How many keys one shows.
const MOST_KEYS: i64 = 20;
/// How many days a forecast goes by.
const KNOWN_DAYS: i64 = 84;
/// How many lines of a file are read at a time.
const PAGE: i64 = 1_000;

/// By what usage is told.
#[derive(Clone, Copy)]
enum Dimension {
    /// What budgets count by.
    Scope(Scope),
    /// Whose prices it is billed at.
    Provider,
}

impl Dimension {
    fn parse(name: &str) -> Option<Self> {
        let scope = Scope::parse(name).filter(|scope| *scope != Scope::Organization).map(Self::Scope);
        scope.or_else(|| (name == "provider").then_some(Self::Provider))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Scope(scope) => scope.name(),
            Self::Provider => "provider",
        }
    }
}

/// Which usage somebody wants to see, as typed.
#[derive(Clone, Debug, Default)]
pub struct UsageQuery {
    /// The first day.
    pub from: Option<String>,
    /// The last day.
    pub to: Option<String>,
    /// By what; by model when nobody says.
    pub dimension: Option<String>,
}

/// What was spent, by day and by dimension. Both add up to the same, where calls have one key of the dimension each.
///
/// # Errors
/// [`AppError::InvalidInput`].
pub async fn usage(grant: &Grant<Organization>, query: &UsageQuery) -> Result<UsageReport, AppError> {
    grant.demand(Permission::ReadSpend)?;
    let organization = grant.organization();
    let mut tx = grant.begin().await?;
    let Asked { dimension, from, to } = asked(grant, &mut tx, query).await?;
    let whole = (Scope::Organization.name(), "");
    let rows = daily::days(tx.conn(), organization, whole, from, to).await?;
    let keys = daily::keys(tx.conn(), organization, dimension, from, to, MOST_KEYS).await?;
    tx.commit().await?;
    let total = rows.iter().fold(Nano::ZERO, |sum, row| sum.saturating_add(Nano::new(row.amount)));
    let calls = rows.iter().map(|row| row.calls).sum();
    let keys = keys.into_iter().map(|row| KeyTotal {
        key: row.key,
        amount: Nano::new(row.amount),
        calls: row.calls,
    });
    Ok(UsageReport {
        from: written(from),
        to: written(to),
        dimension: dimension.to_owned(),
        total,
        calls,
        days: every_day(from, to, &rows),
        keys: keys.collect(),
    })
}

/// Which usage is meant.
struct Asked {
    dimension: &'static str,
    from: Date,
    to: Date,
}

async fn asked(grant: &Grant<Organization>, tx: &mut Tx, query: &UsageQuery) -> Result<Asked, AppError> {
    let name = given(query.dimension.as_deref()).unwrap_or(Scope::Model.name());
    let dimension =
        Dimension::parse(name).ok_or_else(|| AppError::invalid("dimension", FieldIssue::NotAnOption))?;
    let (from, to) = (read_day("from", query.from.as_deref())?, read_day("to", query.to.as_deref())?);
    let zone = budgets::named(tx.conn(), grant.organization()).await?.time_zone;
    let to = to.unwrap_or_else(|| zones::day(&zone, grant.platform().now()));
    let from = from.or_else(|| to.checked_sub(Duration::days(USUAL_DAYS - 1))).unwrap_or(to);
    if from > to || (to - from).whole_days() >= MOST_DAYS {
        return Err(AppError::invalid("from", FieldIssue::OutOfRange { min: 1, max: MOST_DAYS }));
    }
    Ok(Asked { dimension: dimension.name(), from, to })
}

/// What was used, page after page, for a file. Only one page of it is in memory.
pub struct UsageExport {
    grant: Grant<Organization>,
    asked: Asked,
    after: Option<(Date, String)>,
}

/// Begins a file of what was used, by day and by key of a dimension.
///
/// # Errors
/// [`AppError::InvalidInput`].
pub async fn export_usage(grant: &Grant<Organization>, query: &UsageQuery) -> Result<UsageExport, AppError> {
    grant.demand(Permission::ReadSpend)?;
    let mut tx = grant.begin().await?;
    let asked = asked(grant, &mut tx, query).await?;
    tx.commit().await?;
    Ok(UsageExport { grant: grant.clone(), asked, after: None })
}

impl UsageExport {
    /// The next lines, the oldest day first; nothing after the last.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`] once whoever asked may not read it any more.
    pub async fn next_page(&mut self) -> Result<Option<Vec<UsageOfDay>>, AppError> {
        let Self { grant, asked: Asked { dimension, from, to }, after } = self;
        let mut tx = grant.begin().await?;
        // A file may take longer than somebody stays a member.
        if !permissions_of(&mut tx, grant.person().user).await?.has(Permission::ReadSpend) {
            return Err(AppError::NotAllowed);
        }
        let span = (*from, *to);
        let rows =
            daily::by_day_and_key(tx.conn(), grant.organization(), *dimension, span, after.as_ref(), PAGE)
                .await?;
        tx.commit().await?;
        let Some(last) = rows.last() else { return Ok(None) };
        *after = Some((last.day, last.key.clone()));
        let lines = rows.into_iter().map(|row| UsageOfDay {
            day: written(row.day),
            dimension: (*dimension).to_owned(),
            key: row.key,
            calls: row.calls,
            amount: Nano::new(row.amount),
        });
        Ok(Some(lines.collect()))
    }
}

fn every_day(from: Date, to: Date, rows: &[daily::Day]) -> Vec<DayTotal> {
    let found: HashMap<Date, &daily::Day> = rows.iter().map(|row| (row.day, row)).collect();
    std::iter::successors(Some(from), |day| day.next_day().filter(|next| *next <= to))
        .map(|day| {
            let (amount, calls) = found.get(&day).map(|row| (row.amount, row.calls)).unwrap_or_default();
            DayTotal { day: written(day), amount: Nano::new(amount), calls }
        })
        .collect()
}

/// What will have been spent at the end of the month.
///
/// # Errors
/// [`AppError::Busy`] while the database is away.
pub async fn forecast(grant: &Grant<Organization>) -> Result<Forecast, AppError> {
    grant.demand(Permission::ReadSpend)?;
    let organization = grant.organization();
    let mut tx = grant.begin().await?;
    let zone = budgets::named(tx.conn(), organization).await?.time_zone;
    let today = zones::day(&zone, grant.platform().now());
    let first = first_of_month(today);
    let from = today.checked_sub(Duration::days(KNOWN_DAYS)).unwrap_or(first);
    let whole = Scope::Organization.name();
    let rows = daily::days(tx.conn(), organization, (whole, ""), from, today).await?;
    let all = budgets::list(tx.conn(), organization, None).await?;
    let budget = all.into_iter().find(|it| it.scope == whole && it.period == Period::Month.name());
    tx.commit().await?;
    let sum = |since: Date| {
        let days = rows.iter().filter(|row| row.day >= since);
        days.fold(Nano::ZERO, |sum, row| sum.saturating_add(Nano::new(row.amount)))
    };
    let spent = sum(first);
    let question = Question {
        today,
        ends_on: next_month(first),
        spent,
        spent_today: sum(today),
        cap: budget.map(|budget| Nano::new(budget.cap_nano)),
    };
    let past: Vec<Spent> = rows
        .iter()
        .filter(|row| row.day < today)
        .map(|row| Spent { day: row.day, amount: Nano::new(row.amount) })
        .collect();
    let told = expect(&question, &past);
    Ok(Forecast {
        month: written(first).chars().take(7).collect(),
        spent,
        expected: told.expected,
        low: told.low,
        high: told.high,
        past_error_percent: told.past_error_percent,
        days_known: told.days_known,
        cap_reached_on: told.cap_reached_on.map(written),
    })
}

/// `2026-11-21`.
pub(super) fn written(day: Date) -> String {
    day.format(format_description!("[year]-[month]-[day]")).unwrap_or_default()
}

fn read_day(field: &str, text: Option<&str>) -> Result<Option<Date>, AppError> {
    let shape = format_description!("[year]-[month]-[day]");
    let read = |text| Date::parse(text, shape).map_err(|_| AppError::invalid(field, FieldIssue::Unreadable));
    given(text).map(read).transpose()
}
