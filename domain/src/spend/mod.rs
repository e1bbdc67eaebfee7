//! What an organization may spend, what it has spent, and what happens at the line.
//!
//! A call first reserves the most it can cost, against every budget above it at once; then it is settled at what it did
//! cost, or released. What was spent stands in a ledger of double entry that only grows; prices have dates, and one that
//! comes late is put right by reversing entries. Amounts are whole nano-dollars. Postgres is the only authority.
//! Promise: nothing is admitted beyond a cap, not even by a race, a crash or the loss of Redis; and every call can say why it
//! was billed, or why not.

mod counted;
mod model;
mod money;

#[cfg(feature = "server")]
mod calendar;
#[cfg(feature = "server")]
mod forecast;
#[cfg(feature = "server")]
mod price;
#[cfg(feature = "server")]
pub mod service;
#[cfg(feature = "server")]
mod store;

pub use counted::{Action, Period, Scope};
pub use model::{
    BookLine, CorrectedEvents, DayTotal, Explained, ExplainedBudget, ExplainedLine, Forecast, Held, KeyTotal,
    Limit, LimitSet, LimitState, Limits, MOST_LIMITS, Price, PriceSet, Settled, UsageOfDay, UsageReport,
};
pub use money::Nano;
