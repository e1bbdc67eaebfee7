//! Letters to people: written with the fact they tell of, delivered afterwards, exactly once as far as mail
//! allows.
//!
//! A room puts a [`Letter`] into the outbox in its own transaction; workers take it from there and hand it to
//! a
//! [`Sink`]: a mail server, or a folder while developing and testing.
//! Promise: a letter whose transaction was rolled back never leaves; a committed one leaves even if every
//! process dies meanwhile; no address and no token of it is readable in the database.

pub mod deliver;
pub mod folder;
mod message;
pub mod outbox;
pub mod smtp;
pub mod withdraw;

use std::{fmt, future::Future, pin::Pin};

use uuid::Uuid;

pub use self::message::{Message, Sender, Unwritable};
use crate::Timestamp;

/// What a person is to read.
#[derive(Clone, PartialEq, Eq)]
pub struct Letter {
    /// The address, as its owner has typed it; already validated.
    pub to: String,
    /// What it is, such as `"verify-email"`.
    pub kind: &'static str,
    /// One line.
    pub subject: String,
    /// The body for readers that show plain text; links stand in lines of their own.
    pub text: String,
    /// The body for the others.
    pub html: String,
}

/// Shows neither address nor bodies, which hold tokens.
impl fmt::Debug for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Letter").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A letter on its way. The same letter is the same parcel at every attempt, so that a receiver can tell.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// The letter's id.
    pub id: Uuid,
    /// When it was written; the `Date` of the message.
    pub written_at: Timestamp,
    /// What it is, such as `"verify-email"`.
    pub kind: String,
    /// To whom, and what.
    pub(crate) contents: outbox::Contents,
}

/// Where letters go.
pub trait Sink: Send + Sync + 'static {
    /// Hands a letter over. Doing so again with the same parcel must be harmless, or recognisable by its
    /// message id.
    ///
    /// # Errors
    /// [`DeliveryProblem`], which says whether a later attempt can succeed.
    fn deliver<'a>(&'a self, parcel: &'a Parcel) -> Delivery<'a>;
}

/// A delivery that is going on.
pub type Delivery<'a> = Pin<Box<dyn Future<Output = Result<(), DeliveryProblem>> + Send + 'a>>;

/// Why a letter did not leave.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeliveryProblem {
    /// A later attempt can succeed.
    #[error("not now: {0}")]
    Later(String),
    /// It never will.
    #[error("never: {0}")]
    Never(String),
}

impl DeliveryProblem {
    /// A short code for the database and the log. Never the words of a server, which quote the address.
    #[must_use]
    pub fn code(&self) -> &str {
        match self {
            Self::Later(code) | Self::Never(code) => code,
        }
    }
}

impl From<Unwritable> for DeliveryProblem {
    fn from(problem: Unwritable) -> Self {
        Self::Never(problem.to_string())
    }
}
