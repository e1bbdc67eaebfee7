//! Budgets, holds, prices and what was spent, as members of an organization read them. Shared with the browser.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Action, Nano, Period, Scope};
use crate::{Timestamp, billing::UsageExplained};

/// How many budgets an organization can have, whatever its plan.
pub const MOST_LIMITS: u32 = 500;

/// Every budget of an organization, and how each stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Limits {
    /// The organization.
    pub organization_id: Uuid,
    /// In whose months and days it counts.
    pub time_zone: String,
    /// The monthly cap of the whole organization; null where there is none.
    pub monthly_cap: Option<Nano>,
    /// The budgets, the widest first.
    pub items: Vec<Limit>,
    /// Where budgets are changed.
    pub manage_url: String,
    /// Whether the caller may change them.
    pub may_update: bool,
}

/// A budget, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Limit {
    /// The budget.
    pub id: Uuid,
    /// Whose calls it counts.
    pub scope: Scope,
    /// Of which workspace, project, group, person, token, tag or model; empty for the organization.
    pub subject: String,
    /// For how long it counts.
    pub period: Period,
    /// How many days a rolling one counts.
    pub rolling_days: Option<i32>,
    /// The most that may be spent.
    pub cap: Nano,
    /// At how many per cent people are told.
    pub warn_at: Vec<i16>,
    /// What happens at the cap.
    pub action: Action,
    /// What was spent in the present window.
    pub spent: Nano,
    /// What calls that go on may still cost.
    pub held: Nano,
    /// How it stands.
    pub state: LimitState,
    /// When the present window began.
    pub since: Timestamp,
    /// When something begins anew: the next month, or the next day.
    pub resets_at: Timestamp,
}

/// How a budget stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum LimitState {
    /// Below the first warning.
    Fine,
    /// At a warning, or beyond.
    Near,
    /// Nothing is left: what is spent and held has reached the cap.
    Reached,
}

impl Limit {
    /// What may still be spent.
    #[must_use]
    pub fn remaining(&self) -> Nano {
        self.cap.saturating_sub(self.spent).saturating_sub(self.held).max(Nano::ZERO)
    }

    /// How many per cent of the cap are spent, rounded down; a hundred where there is nothing to spend.
    #[must_use]
    pub fn percent(&self) -> u32 {
        percent(self.spent, self.cap)
    }
}

/// How many per cent of `cap` that is, rounded down; a hundred of nothing.
pub(super) fn percent(spent: Nano, cap: Nano) -> u32 {
    if cap <= Nano::ZERO {
        return 100;
    }
    let percent = i128::from(spent.get()).max(0) * 100 / i128::from(cap.get());
    u32::try_from(percent).unwrap_or(u32::MAX)
}

/// A budget that was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct LimitSet {
    /// The budget.
    pub id: Uuid,
}

/// What was reserved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Held {
    /// The hold, to settle or release.
    pub hold_id: Uuid,
    /// How much is held.
    pub amount: Nano,
    /// When it ends by itself, by the clock of the database.
    pub expires_at: Timestamp,
}

/// What a call has cost in the end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Settled {
    /// The event that tells of the call.
    pub event_id: String,
    /// What it cost.
    pub amount: Nano,
    /// How much more than was held.
    pub overrun: Nano,
    /// Whether there was a price for all of it; if not, it is billed at what was held until there is one.
    pub priced: bool,
    /// Whether it had been noted before, so that nothing was done.
    pub duplicate: bool,
}

/// A row of the price book.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Price {
    /// The row.
    pub id: Uuid,
    /// Whose price it is, such as `openai`.
    pub provider: String,
    /// Of what, such as a model or a tool.
    pub item: String,
    /// Of which unit: `call`, `second`, `byte`, `input-token` …
    pub unit: String,
    /// What so many units cost.
    pub price: Nano,
    /// So many units.
    pub per: i64,
    /// From when on.
    pub effective_from: Timestamp,
    /// When it was written down.
    pub created_at: Timestamp,
}

/// A price that was set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct PriceSet {
    /// The row of the price book.
    pub id: Uuid,
    /// How many calls since then, of the first thousand, were billed at another price. `spend/correct` puts them right.
    pub outdated: i64,
}

/// What was put right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct CorrectedEvents {
    /// How many calls were looked at.
    pub checked: i64,
    /// How many cost something else now.
    pub corrected: i64,
    /// How many would cost more than one call can: they stay as they were billed.
    pub too_dear: i64,
    /// By how much all of them together cost more; less than nothing where they cost less.
    pub difference: Nano,
    /// Where there are more calls: the `cursor` to ask with once more.
    pub next_cursor: Option<String>,
}

/// What was spent, by day and by one dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct UsageReport {
    /// The first day, such as `2026-11-01`, in the zone of the organization.
    pub from: String,
    /// The last day.
    pub to: String,
    /// By what `keys` is told: `model`, `person`, `provider` …
    pub dimension: String,
    /// All of it.
    pub total: Nano,
    /// How many calls.
    pub calls: i64,
    /// Each day, oldest first; those without a call as well.
    pub days: Vec<DayTotal>,
    /// Each key of the dimension, the dearest first, at most twenty.
    pub keys: Vec<KeyTotal>,
}

/// What was spent on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct DayTotal {
    /// Such as `2026-11-21`.
    pub day: String,
    /// So much.
    pub amount: Nano,
    /// By so many calls.
    pub calls: i64,
}

/// What was spent on something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct KeyTotal {
    /// On what.
    pub key: String,
    /// So much.
    pub amount: Nano,
    /// By so many calls.
    pub calls: i64,
}

/// What was spent on a day on something, as a line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageOfDay {
    /// Such as `2026-11-21`.
    pub day: String,
    /// By what it is told: `model`, `person`, `provider` …
    pub dimension: String,
    /// On what.
    pub key: String,
    /// By so many calls.
    pub calls: i64,
    /// So much.
    pub amount: Nano,
}

/// What will have been spent at the end of the month, as far as the last weeks tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Forecast {
    /// The month, such as `2026-11`.
    pub month: String,
    /// What was spent in it so far.
    pub spent: Nano,
    /// What is expected at its end.
    pub expected: Nano,
    /// In four of five months like the last weeks it is not less than this,
    pub low: Nano,
    /// and not more than that.
    pub high: Nano,
    /// How far the same method was off over the last days that are known, in per cent; null where there were too few.
    pub past_error_percent: Option<u32>,
    /// How many days it goes by.
    pub days_known: u32,
    /// The day on which the monthly cap of the organization will be reached; null where that is not expected, or there is none.
    pub cap_reached_on: Option<String>,
}

/// Why a call was billed, or why not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Explained {
    /// The call.
    pub event_id: String,
    /// Whether it was billed: `billed`, `free`, `unpriced`, `held`, `released`, `expired`.
    pub verdict: String,
    /// The same in a sentence.
    pub reason: String,
    /// When it happened.
    pub occurred_at: Option<Timestamp>,
    /// Whose it was.
    pub provider: Option<String>,
    /// What was used.
    pub item: Option<String>,
    /// What it costs now.
    pub amount: Nano,
    /// What was held for it.
    pub held: Option<Nano>,
    /// Each unit, and the price it was rated by.
    pub lines: Vec<ExplainedLine>,
    /// The budgets it counts against.
    pub budgets: Vec<ExplainedBudget>,
    /// What stands in the ledger, oldest first.
    pub entries: Vec<BookLine>,
    /// Where each unit stands on invoices, by the prices of whoever runs the site, or why not. Nothing where its client said what
    /// it cost: there is no quantity that could be billed.
    pub charges: Vec<UsageExplained>,
    /// The lines of invoices it is on, such as `2026-000001 line 2`; null while it is on none.
    pub invoice_line: Option<String>,
}

/// A unit of a call, and its price.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct ExplainedLine {
    /// Which unit.
    pub unit: String,
    /// How many.
    pub quantity: i64,
    /// The row of the price book; null where there was none.
    pub price_id: Option<Uuid>,
    /// What it says.
    pub price: Option<Nano>,
    /// For so many units.
    pub per: Option<i64>,
    /// What they cost.
    pub amount: Nano,
}

/// A budget that a call counts against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct ExplainedBudget {
    /// The budget.
    pub id: Uuid,
    /// Whose calls it counts.
    pub scope: Scope,
    /// Of which; empty for the organization.
    pub subject: String,
    /// The first day of the window.
    pub window: String,
}

/// A line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct BookLine {
    /// The entry it belongs to; the lines of one sum to nothing.
    pub journal_id: Uuid,
    /// `usage`, `reversal` or `correction`.
    pub kind: String,
    /// When it was written.
    pub at: Timestamp,
    /// Which account.
    pub account: String,
    /// So much.
    pub amount: Nano,
}
