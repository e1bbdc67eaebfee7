//! What went wrong, as a sentence a person can act on: the object, the reason, the next action.

use std::fmt::{self, Display};

/// The result of everything here that can fail.
pub(crate) type Outcome<T = ()> = Result<T, Trouble>;

/// Why a command stopped.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Something failed; the person who reads it has something to do.
    Failed { object: String, reason: String, next: String },
    /// Ctrl-C or a polite signal: not a failure, but nothing more may be started.
    Stopped,
}

impl Trouble {
    /// Names the object, the reason and the next action; each without a closing full stop.
    pub(crate) fn new(object: impl Display, reason: impl Display, next: impl Display) -> Self {
        Self::Failed { object: object.to_string(), reason: reason.to_string(), next: next.to_string() }
    }
}

impl Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed { object, reason, next } => {
                let reason = reason.trim_end_matches(['.', '\n', ' ']);
                write!(f, "{object}: {reason}. {next}.")
            }
            Self::Stopped => f.write_str("Stopped on request."),
        }
    }
}

/// Turns any error into a [`Trouble`] where it happens, because only there the object is known.
pub(crate) trait Because<T> {
    /// `object` is what was being worked on, `next` what the reader should do.
    fn because(self, object: impl Display, next: impl Display) -> Outcome<T>;
}

impl<T, E: Display> Because<T> for Result<T, E> {
    fn because(self, object: impl Display, next: impl Display) -> Outcome<T> {
        self.map_err(|reason| Trouble::new(object, reason, next))
    }
}
