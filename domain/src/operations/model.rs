//! An operation, as the one who asked for it sees it. Shared with the browser.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

/// The answer where something takes longer than a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct OperationAsked {
    /// The operation, for `operations/get`.
    pub operation_id: Uuid,
}

/// An operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Operation {
    /// The operation.
    pub id: Uuid,
    /// What it does, such as `data-export`.
    pub kind: String,
    /// Where it stands.
    pub state: OperationState,
    /// The step that is next or under way; null when it has ended with every step done.
    pub step: Option<String>,
    /// All of its steps, in their order.
    pub steps: Vec<String>,
    /// How often the present step was begun.
    pub attempt: u32,
    /// How much of it is done, in percent.
    pub progress: u8,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When the present step is tried again, while it waits for that after a failure.
    pub next_attempt_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// Why the last attempt came to nothing.
    pub error: Option<OperationFailure>,
    /// What happened to it, the last fifty events, oldest first.
    pub log: Vec<LogEntry>,
}

impl Operation {
    /// Whether somebody works on it, or will.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.state.is_active()
    }
}

/// Where an operation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OperationState {
    /// For a worker, or for the next attempt.
    Waiting,
    /// A worker has it.
    Running,
    /// What it has done is being cleared away.
    Cancelling,
    /// Every step is done.
    Succeeded,
    /// A step failed too often.
    Failed,
    /// Somebody did not want it any more.
    Cancelled,
}

impl OperationState {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Waiting, Self::Running, Self::Cancelling, Self::Succeeded, Self::Failed, Self::Cancelled];

    /// Whether it goes on.
    #[must_use]
    pub fn is_active(self) -> bool {
        matches!(self, Self::Waiting | Self::Running | Self::Cancelling)
    }

    /// The name in the API and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Cancelling => "cancelling",
            Self::Succeeded => "succeeded",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// Why an attempt came to nothing. The cause is in the log of the server, nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OperationFailure {
    /// Something it needs was away.
    Busy,
    /// Its process ended in the middle of it, again and again.
    Interrupted,
    /// Our fault.
    Internal,
}

impl OperationFailure {
    /// Every reason.
    pub const ALL: [Self; 3] = [Self::Busy, Self::Interrupted, Self::Internal];

    /// The name in the API and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Busy => "busy",
            Self::Interrupted => "interrupted",
            Self::Internal => "internal",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|failure| failure.name() == name)
    }

    /// The sentence for people: the reason, and what to do next.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Busy => "A part of the server was away for too long. Try it again.",
            Self::Interrupted => {
                "The server was interrupted in the middle of it, more than once. Try it again later."
            }
            Self::Internal => {
                "Something went wrong on our side. Try it again; if it stays so, tell the one who runs this site."
            }
        }
    }
}

/// Something that happened to an operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct LogEntry {
    /// When.
    pub at: Timestamp,
    /// What.
    pub event: OperationEvent,
    /// Which step it was about, if it was about one.
    pub step: Option<String>,
    /// Which attempt at that step.
    pub attempt: u32,
}

/// What happens to operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum OperationEvent {
    /// It was asked for.
    Asked,
    /// A step was begun.
    Begun,
    /// A step is done.
    Done,
    /// A step failed, or its process is about to end; it is begun again.
    PutOff,
    /// A step failed too often.
    Failed,
    /// It was asked to go on after it had failed.
    Retried,
    /// It was asked to end.
    CancelAsked,
    /// What it had done is cleared away.
    Cancelled,
}

impl OperationEvent {
    /// Every event.
    pub const ALL: [Self; 8] = [
        Self::Asked,
        Self::Begun,
        Self::Done,
        Self::PutOff,
        Self::Failed,
        Self::Retried,
        Self::CancelAsked,
        Self::Cancelled,
    ];

    /// The name in the API and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Begun => "begun",
            Self::Done => "done",
            Self::PutOff => "put-off",
            Self::Failed => "failed",
            Self::Retried => "retried",
            Self::CancelAsked => "cancel-asked",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.name() == name)
    }
}
