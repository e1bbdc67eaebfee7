//! A document that can be looked at and changes nothing.

use leptos::prelude::*;

/// Found in the context of such a document: its forms cannot be sent, and nothing is asked again and again.
#[derive(Clone, Copy, Debug)]
pub struct ReadOnly;

impl ReadOnly {
    /// Whether the document around the caller is one.
    #[must_use]
    pub fn is_on() -> bool {
        use_context::<Self>().is_some()
    }
}
