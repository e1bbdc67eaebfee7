//! The rules of this room: calls that are reserved, settled and released; budgets; prices; and what is told of all that.

mod attribution;
mod charged;
mod counted;
mod expire;
mod explain;
mod lane;
mod limits;
mod prices;
mod rate;
mod record;
mod release;
mod reserve;
mod settle;
mod usage;
mod warn;

pub use charged::Ledger;
pub use counted::Counter;
pub use expire::{expire_due, run};
pub use explain::explain;
pub use lane::{Call, Lane, Ticket};
pub use limits::{NewLimit, WARN_AT, limits, remove_limit, set_limit};
pub use prices::{NewPrice, Reprice, correct, prices, set_price};
pub use record::{NewUsage, record};
pub use release::{NewDispatch, dispatch, release};
pub use reserve::{Reservation, reserve};
pub use settle::{Settlement, settle};
pub use usage::{UsageExport, UsageQuery, export_usage, forecast, usage};

use time::Date;

use super::{
    Action, Nano, Period,
    calendar::Window,
    store::budgets::{Budget, Place},
};
use crate::{
    AppError, FieldIssue, Timestamp,
    platform::{Platform, zones},
    typed::{conflict, given, read_id},
};

/// The most that one call can hold or cost: a slip of the keyboard is not to block a month.
pub const MOST_PER_CALL: Nano = Nano::dollars(1_000_000);

/// The longest name of a request or an event. Who named it is written down before it.
const LONGEST_NAME: u32 = 190;

/// A name that a client gives: not empty, not long, nothing invisible in it.
fn read_name(field: &str, text: &str, max: u32) -> Result<String, AppError> {
    let text = text.trim();
    let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    let issue = match text {
        "" => FieldIssue::Required,
        _ if text.chars().any(char::is_control) => FieldIssue::ControlCharacter,
        _ if length > max => FieldIssue::TooLong { max },
        _ => return Ok(text.to_owned()),
    };
    Err(AppError::invalid(field, issue))
}

/// An amount above nothing, and not more than one call can cost.
fn read_amount(field: &str, text: &str) -> Result<Nano, AppError> {
    let amount = Nano::parse(text).map_err(|issue| AppError::invalid(field, issue))?;
    if amount == Nano::ZERO {
        return Err(AppError::invalid(field, FieldIssue::NotPositive));
    }
    within(field, amount)
}

fn within(field: &str, amount: Nano) -> Result<Nano, AppError> {
    let most = MOST_PER_CALL.get() / Nano::dollars(1).get();
    if amount > MOST_PER_CALL {
        return Err(AppError::invalid(field, FieldIssue::OutOfRange { min: 0, max: most }));
    }
    Ok(amount)
}

/// How long something may take, in seconds.
fn seconds(field: &str, text: Option<&str>, usual: u32) -> Result<f64, AppError> {
    const LONGEST: u32 = 24 * 3600;
    let Some(text) = given(text) else { return Ok(usual.into()) };
    let seconds: u32 = text.parse().map_err(|_| AppError::invalid(field, FieldIssue::Unreadable))?;
    if (1..=LONGEST).contains(&seconds) {
        Ok(seconds.into())
    } else {
        Err(AppError::invalid(field, FieldIssue::OutOfRange { min: 1, max: LONGEST.into() }))
    }
}

impl Place {
    /// What time it is, by the clock that all processes share: windows of one that is ahead would be spent before they come.
    fn now(&self, platform: &Platform) -> Timestamp {
        platform.clock().agreed(self.now)
    }

    /// Which day, in the organization's calendar.
    fn today(&self, platform: &Platform) -> Date {
        zones::day(&self.time_zone, self.now(platform))
    }
}

impl Budget {
    /// Its window on a day.
    fn window(&self, today: Date) -> Window {
        // The table knows no other.
        Window::on(today, Period::parse(&self.period).unwrap_or(Period::Month), self.rolling_days)
    }

    fn action(&self) -> Action {
        // The same.
        Action::parse(&self.action).unwrap_or(Action::Block)
    }

    fn cap(&self) -> Nano {
        Nano::new(self.cap_nano)
    }
}
