//! What can go wrong on purpose.

use std::time::Duration;

/// A fault of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is done, and the answer never comes.
    LostAnswer,
    /// It is done at once, and the answer is late.
    Late(Duration),
    /// Nothing is done, and no answer comes.
    Silence,
    /// Another request with the same key is under way (409).
    InUse,
    /// Too many requests (429), with a pause in seconds.
    Rate(u32),
    /// It fails before anything is done (500).
    Error,
    /// It fails, and that answer is kept under the key (500).
    ErrorKept,
    /// What comes back is a page of somebody else (200).
    Garbage,
    /// Somebody else says that there is no such page (404).
    Elsewhere,
    /// It is done at once, and the answer waits until this number is [released](crate::Peer::release).
    Held(usize),
}

impl Fault {
    /// By the name that the control endpoint uses.
    pub(crate) fn parse(name: &str, retry_after: u32) -> Option<Self> {
        Some(match name {
            "lost-answer" => Self::LostAnswer,
            "late" => Self::Late(Duration::from_secs(retry_after.into())),
            "silence" => Self::Silence,
            "in-use" => Self::InUse,
            "rate" => Self::Rate(retry_after),
            "error" => Self::Error,
            "error-kept" => Self::ErrorKept,
            "garbage" => Self::Garbage,
            "elsewhere" => Self::Elsewhere,
            _ => return None,
        })
    }
}

/// A fault that waits for its call.
pub(crate) struct Planned {
    pub(crate) beginning: String,
    pub(crate) fault: Fault,
}
