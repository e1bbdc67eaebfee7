//! SQL of this room, a file for each table or two. Locks are taken in this order by everybody: the organization's counts,
//! a hold, budgets by their ids, sums of days by their names, the head of the trail.

pub(in crate::spend) mod budgets;
pub(in crate::spend) mod charged;
pub(in crate::spend) mod daily;
pub(in crate::spend) mod explain;
pub(in crate::spend) mod holds;
pub(in crate::spend) mod ledger;
pub(in crate::spend) mod prices;
pub(in crate::spend) mod slices;

use crate::{AppError, FieldIssue, FieldProblem, platform::log::Refused};

/// Postgres' code for a number that does not fit.
const OUT_OF_RANGE: &str = "22003";

/// Statements that add up what is held. What is spent is written down whatever it comes to (`spend_sum`).
trait Countable<T> {
    /// A sum that is more than can be written down is refused, in words: it is no defect, and nothing of the transaction is kept.
    fn countable(self) -> Result<T, Refused>;
}

impl<T> Countable<T> for Result<T, sqlx::Error> {
    fn countable(self) -> Result<T, Refused> {
        self.map_err(|error| match error {
            sqlx::Error::Database(cause) if cause.code().as_deref() == Some(OUT_OF_RANGE) => {
                let errors = vec![FieldProblem::new("amount", FieldIssue::SumTooLarge)];
                Refused::Known(AppError::Conflict { errors })
            }
            other => Refused::Other(other),
        })
    }
}
