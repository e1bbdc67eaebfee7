//! What the profile page does beside saving the profile: another address, a copy of everything, and the end of the account.

use domain::AppError;
use leptos::prelude::{Get, Set, Signal};

use crate::{
    identity::{
        api::{ChangeEmail, DeleteAccount, StepUp},
        data_api::ExportData,
    },
    operations::api::{CancelOperation, RetryOperation},
    ui::{FormAction, Watch, times_done},
};

/// The actions outlive the forms, which are drawn anew when the person has changed.
#[derive(Clone, Copy, Default)]
pub struct AccountActions {
    /// Asks for another address.
    pub change_email: FormAction<ChangeEmail>,
    /// Ends the account.
    pub delete: FormAction<DeleteAccount>,
    /// Asks for a copy of everything.
    pub export: FormAction<ExportData>,
    /// Ends the making of it.
    pub cancel: FormAction<CancelOperation>,
    /// Goes on with it after a failure.
    pub retry: FormAction<RetryOperation>,
    /// Proves it again.
    pub step_up: FormAction<StepUp>,
    /// See when changing the address, deleting the account or asking for the copy needs a fresh proof.
    pub watches: [Watch; 3],
}

impl AccountActions {
    /// Whether a form was refused for want of a fresh proof.
    pub fn needs_proof(&self) -> bool {
        self.watches
            .iter()
            .any(|watch| watch.saw(|problem| matches!(problem.0, AppError::StepUpRequired { .. })))
    }

    /// Changes with everything after which the copy stands elsewhere, or can be taken away.
    pub fn copy_changes(&self) -> Signal<usize> {
        let proved = times_done(self.step_up);
        let counts = [times_done(self.export), times_done(self.cancel), times_done(self.retry), proved];
        Signal::derive(move || counts.iter().map(|count| count.get()).sum())
    }

    /// After the proof the refusals are history.
    pub fn forget_refusals(&self) {
        self.export.value().set(None);
        self.change_email.value().set(None);
        self.delete.value().set(None);
    }
}
