//! Where a cause meets the log: once, with its whole chain, and without the values of the query.
//!
//! What leaves is an [`AppError`] that says nothing about the cause: `Busy` while a store is away or
//! overloaded, so that the caller comes back, `Internal` for everything else.

use std::{error::Error, fmt::Write as _};

use super::vault::VaultError;
use crate::AppError;

/// When a caller may try again after a store was away, in seconds.
const RETRY_AFTER_S: u32 = 2;

/// Postgres' codes (SQLSTATE, appendix A of its manual) that pass by themselves, beside class 08:
/// serialization failure and deadlock, disk or memory full, too many connections, our own time limits,
/// shutdown, crash and start-up, and the moment after a fail-over in which the server is still a read-only
/// standby.
const PASSING: [&str; 11] =
    ["40001", "40P01", "53100", "53200", "53300", "55P03", "57014", "57P01", "57P02", "57P03", "25006"];

/// An error that may be the end of a request, and knows whether it passes by itself.
pub trait Cause: Error + 'static {
    /// Whether the same request can succeed in a moment.
    fn passes(&self) -> bool;

    /// The error a caller gets. Logs a cause; an error that is already meant for the caller goes through as
    /// it is.
    fn met(self, what: &'static str) -> AppError
    where
        Self: Sized,
    {
        if self.passes() {
            tracing::warn!(error = chain(&self), retry_after_s = RETRY_AFTER_S, "busy while {what}");
            return AppError::Busy { retry_after_s: RETRY_AFTER_S };
        }
        tracing::error!(error = chain(&self), "failed while {what}");
        AppError::Internal
    }
}

/// Turns a cause into the error a caller gets.
pub trait WhileDoing<T> {
    /// Logs the cause, `what` being an act such as `"reading the spend of this month"`.
    fn while_doing(self, what: &'static str) -> Result<T, AppError>;
}

impl<T, E: Cause> WhileDoing<T> for Result<T, E> {
    fn while_doing(self, what: &'static str) -> Result<T, AppError> {
        self.map_err(|error| error.met(what))
    }
}

/// Turns a constraint of the database into the error it stands for.
///
/// `insert.on_constraint("users_email_key", AppError::…).while_doing("inserting a user")?`; several can be
/// chained.
pub trait OnConstraint<T> {
    /// When exactly the constraint `name` refused the row, the caller gets `error` and nothing is logged.
    fn on_constraint(self, name: &str, error: AppError) -> Result<T, Refused>;
}

/// A failed query, of which some constraints are understood.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// A constraint said no, and this is what it means.
    #[error("refused by a constraint")]
    Known(AppError),
    /// Anything else.
    #[error(transparent)]
    Other(#[from] sqlx::Error),
}

impl<T> OnConstraint<T> for Result<T, sqlx::Error> {
    fn on_constraint(self, name: &str, error: AppError) -> Result<T, Refused> {
        self.map_err(Refused::Other).on_constraint(name, error)
    }
}

impl<T> OnConstraint<T> for Result<T, Refused> {
    fn on_constraint(self, name: &str, error: AppError) -> Self {
        self.map_err(|refused| match refused {
            Refused::Other(sqlx::Error::Database(cause)) if cause.constraint() == Some(name) => {
                Refused::Known(error)
            }
            other => other,
        })
    }
}

impl Cause for Refused {
    fn passes(&self) -> bool {
        matches!(self, Self::Other(error) if error.passes())
    }

    fn met(self, what: &'static str) -> AppError {
        match self {
            Self::Known(error) => error,
            Self::Other(error) => error.met(what),
        }
    }
}

impl Cause for sqlx::Error {
    fn passes(&self) -> bool {
        match self {
            Self::PoolTimedOut | Self::PoolClosed | Self::WorkerCrashed | Self::Io(_) => true,
            Self::Database(error) => {
                error.code().is_some_and(|code| code.starts_with("08") || PASSING.contains(&code.as_ref()))
            }
            _ => false,
        }
    }
}

impl Cause for ::redis::RedisError {
    fn passes(&self) -> bool {
        self.is_io_error() || self.is_timeout() || self.is_connection_dropped()
    }
}

impl Cause for std::io::Error {
    fn passes(&self) -> bool {
        use std::io::ErrorKind as Kind;
        matches!(
            self.kind(),
            Kind::ConnectionRefused
                | Kind::ConnectionReset
                | Kind::ConnectionAborted
                | Kind::NotConnected
                | Kind::BrokenPipe
                | Kind::TimedOut
                | Kind::HostUnreachable
                | Kind::NetworkUnreachable
                | Kind::NetworkDown
        )
    }
}

impl Cause for VaultError {
    fn passes(&self) -> bool {
        false
    }
}

/// An error and everything below it in one line, the way people read it: `a: b: c`.
///
/// A layer that only repeats the one below it is left out. The `DETAIL` of Postgres never is in it, because
/// it quotes the row.
pub fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut below = error.source();
    while let Some(cause) = below {
        let layer = cause.to_string();
        if !text.ends_with(&layer) {
            let _ = write!(text, ": {layer}");
        }
        below = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_absent_database_is_busy_and_a_wrong_query_is_internal() {
        let away = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
        let busy = Err::<(), _>(AppError::Busy { retry_after_s: 2 });
        assert_eq!(Err::<(), _>(sqlx::Error::Io(away)).while_doing("testing"), busy);
        assert_eq!(Err::<(), _>(sqlx::Error::PoolTimedOut).while_doing("testing"), busy);
        let wrong = Err::<(), _>(sqlx::Error::ColumnNotFound("email".into()));
        assert_eq!(wrong.while_doing("testing"), Err(AppError::Internal));
    }

    #[test]
    fn a_full_disk_is_not_called_busy() {
        let full = Err::<(), _>(std::io::Error::from(std::io::ErrorKind::StorageFull));
        assert_eq!(full.while_doing("testing"), Err(AppError::Internal));
    }

    #[test]
    fn a_chain_is_one_line_without_repetitions() {
        let inner = std::io::Error::other("disk on fire");
        let outer = sqlx::Error::Configuration(Box::new(inner));
        assert_eq!(chain(&outer).matches("disk on fire").count(), 1);
    }
}
