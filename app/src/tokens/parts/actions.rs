//! What the page of API tokens does.

use domain::{AppError, tokens::MadeToken};
use leptos::prelude::*;

use crate::{
    frame::{forget_refusal, is_stale, was_stale},
    identity::api::StepUp,
    tokens::api::{CreateToken, EndScriptSignIn, EndToken, RotateToken},
    ui::{FormAction, Watch, times_done},
};

/// Everything the page does. The actions outlive the forms, which are drawn anew when the list has changed.
#[derive(Clone, Copy)]
pub struct Actions {
    /// Makes a token.
    pub create: FormAction<CreateToken>,
    /// Gives one a new secret.
    pub rotate: FormAction<RotateToken>,
    /// Ends one.
    pub end: FormAction<EndToken>,
    /// Signs a script out.
    pub end_sign_in: FormAction<EndScriptSignIn>,
    /// Proves it again.
    pub step_up: FormAction<StepUp>,
    /// See when making or renewing needs a fresh proof.
    pub watches: [Watch; 2],
    /// Whether a plain post just before this page needed one to sign a script out.
    stale: RwSignal<bool>,
}

impl Default for Actions {
    fn default() -> Self {
        Self {
            create: FormAction::new(),
            rotate: FormAction::new(),
            end: FormAction::new(),
            end_sign_in: FormAction::new(),
            step_up: FormAction::new(),
            watches: [Watch::default(), Watch::default()],
            stale: RwSignal::new(was_stale::<EndScriptSignIn>()),
        }
    }
}

impl Actions {
    /// Changes with everything after which the list is another one.
    pub fn changes(&self) -> Signal<usize> {
        let counts = [times_done(self.create), times_done(self.rotate), times_done(self.end)];
        Signal::derive(move || counts.iter().map(|count| count.get()).sum())
    }

    /// The token that the living page has just made.
    pub fn newest(&self) -> Option<MadeToken> {
        let made = [self.create.value().get(), self.rotate.value().get()];
        made.into_iter().flatten().find_map(Result::ok)
    }

    /// One was renewed: what was made before it is not shown any more.
    pub fn forget_created(&self) {
        self.create.value().set(None);
    }

    /// One was made: what was renewed before it is not shown any more.
    pub fn forget_rotated(&self) {
        self.rotate.value().set(None);
    }

    /// Whether a form was refused for want of a fresh proof.
    pub fn needs_proof(&self) -> bool {
        let is_watched = self
            .watches
            .iter()
            .any(|watch| watch.saw(|problem| matches!(problem.0, AppError::StepUpRequired { .. })));
        is_watched || is_stale(self.end_sign_in) || self.stale.get()
    }

    /// After the proof the refusals are history.
    pub fn forget_refusals(&self) {
        self.stale.set(false);
        forget_refusal(self.end_sign_in);
        if self.create.value().with_untracked(|value| matches!(value, Some(Err(_)))) {
            self.create.value().set(None);
        }
        if self.rotate.value().with_untracked(|value| matches!(value, Some(Err(_)))) {
            self.rotate.value().set(None);
        }
    }
}
