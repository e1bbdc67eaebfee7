//! What the list of webhooks does: makes one more, after a fresh proof.

use domain::webhooks::MadeWebhook;
use leptos::prelude::*;

use crate::{
    flash::use_answer_of,
    frame::{forget_refusal, is_stale, was_stale},
    identity::api::StepUp,
    ui::FormAction,
    webhooks::api::CreateWebhook,
};

/// The actions of the page; they outlive the forms, which are drawn anew when the list has changed.
#[derive(Clone, Copy)]
pub struct Making {
    /// Makes one.
    pub create: FormAction<CreateWebhook>,
    /// Proves it again.
    pub step_up: FormAction<StepUp>,
    /// Whether a plain post just before this page needed a fresh proof.
    stale: RwSignal<bool>,
    /// What a plain post just before this page has made.
    before: StoredValue<Option<MadeWebhook>>,
}

impl Making {
    /// Made once by the page.
    pub fn new() -> Self {
        Self {
            create: FormAction::new(),
            step_up: FormAction::new(),
            stale: RwSignal::new(was_stale::<CreateWebhook>()),
            before: StoredValue::new(use_answer_of::<CreateWebhook>()),
        }
    }

    /// The one that was made just now, with its secret.
    pub fn made(&self) -> Option<MadeWebhook> {
        self.create.value().get().and_then(Result::ok).or_else(|| self.before.get_value())
    }

    /// Whether making needs a fresh proof.
    pub fn needs_proof(&self) -> bool {
        is_stale(self.create) || self.stale.get()
    }

    /// After the proof the refusal is history.
    pub fn forget_refusal(&self) {
        self.stale.set(false);
        forget_refusal(self.create);
    }
}

impl Default for Making {
    fn default() -> Self {
        Self::new()
    }
}
