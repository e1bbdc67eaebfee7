//! What was used, rated by the price book of the moment.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    super::{
        Nano,
        price::cost,
        store::{ledger::Rated, prices},
    },
    read_name, within,
};
use crate::{AppError, FieldIssue, Timestamp};

/// How many units one call can tell of.
const MOST_UNITS: usize = 20;
/// The most of a unit.
const MOST: i64 = 1_000_000_000_000_000;

/// What somebody used: whose, what, and how much of each unit.
#[derive(Clone, Debug, Default)]
pub(super) struct Used {
    pub(super) provider: String,
    pub(super) item: String,
    pub(super) units: Vec<String>,
    pub(super) quantities: Vec<i64>,
}

/// What that costs.
pub(super) struct Cost {
    pub(super) rated: Rated,
    /// The sum of what has a price.
    pub(super) sum: Nano,
    /// Whether everything has one.
    pub(super) priced: bool,
}

impl Used {
    /// Reads `input-token=1200, output-token=300`, and whose they are.
    pub(super) fn read(provider: &str, item: &str, usage: &str) -> Result<Self, AppError> {
        let mut used = Self {
            provider: read_name("provider", provider, 100)?,
            item: read_name("item", item, 200)?,
            ..Self::default()
        };
        for part in usage.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (unit, quantity) = part.split_once('=').ok_or_else(unreadable)?;
            let unit = read_unit("usage", unit)?;
            let quantity: i64 = quantity.trim().parse().map_err(|_| unreadable())?;
            if !(0..=MOST).contains(&quantity) {
                return Err(AppError::invalid("usage", FieldIssue::OutOfRange { min: 0, max: MOST }));
            }
            if used.units.contains(&unit) || used.units.len() == MOST_UNITS {
                return Err(unreadable());
            }
            used.units.push(unit);
            used.quantities.push(quantity);
        }
        if used.units.is_empty() { Err(AppError::invalid("usage", FieldIssue::Required)) } else { Ok(used) }
    }

    /// What it costs at the prices of a moment. What has no price costs nothing here; whoever asks must not leave it at that.
    pub(super) async fn cost(
        &self,
        conn: &mut PgConnection,
        organization: Uuid,
        at: Timestamp,
    ) -> Result<Cost, AppError> {
        let book = prices::at(conn, organization, &self.provider, &self.item, &self.units, at).await?;
        let mut rated = Rated::default();
        let (mut sum, mut priced) = (Nano::ZERO, true);
        for (unit, quantity) in self.units.iter().zip(&self.quantities) {
            let found = book.iter().find(|row| row.unit == *unit);
            let amount = match found {
                Some(row) => cost(*quantity, Nano::new(row.price_nano), row.per).ok_or_else(too_much)?,
                None => Nano::ZERO,
            };
            priced &= found.is_some();
            sum = sum.checked_add(amount).ok_or_else(too_much)?;
            rated.units.push(unit.clone());
            rated.quantities.push(*quantity);
            rated.prices.push(found.map(|row| row.id));
            rated.costs.push(amount.get());
        }
        Ok(Cost { rated, sum: within("usage", sum)?, priced })
    }
}

/// The name of a unit: `call`, `input-token`.
pub(super) fn read_unit(field: &str, text: &str) -> Result<String, AppError> {
    let unit = read_name(field, text, 40)?;
    let is_name = unit.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if is_name { Ok(unit) } else { Err(AppError::invalid(field, FieldIssue::Unreadable)) }
}

fn unreadable() -> AppError {
    AppError::invalid("usage", FieldIssue::Unreadable)
}

fn too_much() -> AppError {
    AppError::invalid("usage", FieldIssue::OutOfRange { min: 0, max: MOST })
}
