//! What the list of webhooks does: makes one more, after a fresh proof.

use domain::{AppError, webhooks::MadeWebhook};
use leptos::prelude::*;

use crate::{
    flash::use_answer_of,
    identity::api::StepUp,
    ui::{FormAction, Watch},
    webhooks::api::CreateWebhook,
};

/// The actions of the page; they outlive the forms, which are drawn anew when the list has changed.
#[derive(Clone, Copy)]
pub struct Making {
    /// Makes one.
    pub create: FormAction<CreateWebhook>,
    /// Proves it again.
    pub step_up: FormAction<StepUp>,
    /// Sees when making needs a fresh proof.
    pub watch: Watch,
    /// What a plain post just before this page has made.
    before: StoredValue<Option<MadeWebhook>>,
}

impl Making {
    /// Made once by the page.
    pub fn new() -> Self {
        Self {
            create: FormAction::new(),
            step_up: FormAction::new(),
            watch: Watch::default(),
            before: StoredValue::new(use_answer_of::<CreateWebhook>()),
        }
    }

    /// The one that was made just now, with its secret.
    pub fn made(&self) -> Option<MadeWebhook> {
        self.create.value().get().and_then(Result::ok).or_else(|| self.before.get_value())
    }

    /// Whether the form was refused for want of a fresh proof.
    pub fn needs_proof(&self) -> bool {
        self.watch.saw(|problem| matches!(problem.0, AppError::StepUpRequired { .. }))
    }

    /// After the proof the refusal is history.
    pub fn forget_refusal(&self) {
        if self.create.value().with_untracked(|value| matches!(value, Some(Err(_)))) {
            self.create.value().set(None);
        }
    }
}

impl Default for Making {
    fn default() -> Self {
        Self::new()
    }
}
