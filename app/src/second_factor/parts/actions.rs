//! What the page of the second factor does, for all of its stages.

use domain::AppError;
use leptos::prelude::*;

use crate::{
    identity::api::StepUp,
    second_factor::api::{ConfirmSecondFactor, DisableSecondFactor, NewRecoveryCodes, StartSecondFactor},
    ui::{FormAction, Watch, times_done},
};

/// Everything the page of the second factor does. The actions outlive the forms, which are drawn anew when the state has changed.
#[derive(Clone, Copy, Default)]
pub struct Actions {
    /// Makes a secret.
    pub start: FormAction<StartSecondFactor>,
    /// Turns it on by the first code.
    pub confirm: FormAction<ConfirmSecondFactor>,
    /// Replaces the recovery codes.
    pub new_codes: FormAction<NewRecoveryCodes>,
    /// Turns it off.
    pub disable: FormAction<DisableSecondFactor>,
    /// Proves it again.
    pub step_up: FormAction<StepUp>,
    /// Sees when one of the forms needs a fresh proof.
    pub watches: [Watch; 4],
}

impl Actions {
    /// Changes with everything after which the state is another one.
    pub fn changes(&self) -> Signal<usize> {
        let counts = [
            times_done(self.start),
            times_done(self.confirm),
            times_done(self.new_codes),
            times_done(self.disable),
            times_done(self.step_up),
        ];
        Signal::derive(move || counts.iter().map(|count| count.get()).sum())
    }

    /// Whether a form was refused for want of a fresh proof.
    pub fn needs_proof(&self) -> bool {
        self.watches
            .iter()
            .any(|watch| watch.saw(|problem| matches!(problem.0, AppError::StepUpRequired { .. })))
    }

    /// After the proof the refusals are history.
    pub fn forget_refusals(&self) {
        self.start.value().set(None);
        self.confirm.value().set(None);
        self.new_codes.value().set(None);
        self.disable.value().set(None);
    }
}
