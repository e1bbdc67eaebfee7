//! What the profile page does beside saving the profile: another address, and the end of the account.

use domain::AppError;
use leptos::prelude::Set;

use crate::{
    identity::api::{ChangeEmail, DeleteAccount, StepUp},
    ui::{FormAction, Watch},
};

/// The actions outlive the forms, which are drawn anew when the person has changed.
#[derive(Clone, Copy, Default)]
pub struct AccountActions {
    /// Asks for another address.
    pub change_email: FormAction<ChangeEmail>,
    /// Ends the account.
    pub delete: FormAction<DeleteAccount>,
    /// Proves it again.
    pub step_up: FormAction<StepUp>,
    /// Sees when one of the two forms needs a fresh proof.
    pub watches: [Watch; 2],
}

impl AccountActions {
    /// Whether a form was refused for want of a fresh proof.
    pub fn needs_proof(&self) -> bool {
        self.watches
            .iter()
            .any(|watch| watch.saw(|problem| matches!(problem.0, AppError::StepUpRequired { .. })))
    }

    /// After the proof the refusals are history.
    pub fn forget_refusals(&self) {
        self.change_email.value().set(None);
        self.delete.value().set(None);
    }
}
