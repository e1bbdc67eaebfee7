//! Somebody else's eyes: the card by which an administrator begins to see the site as its person does.

use std::marker::PhantomData;

use domain::{
    AppError,
    access::SiteRole,
    admin::{Status, UserRow},
};
use leptos::prelude::*;

use super::question::reason;
use crate::{
    admin::api::Impersonate,
    ui::{Card, DocumentForm, SubmitButton, Watch, Watched, Weight},
};

/// What lives longer than the card.
#[derive(Clone, Copy, Default)]
pub struct Eyes {
    /// Sees when a fresh proof is needed.
    watch: Watch,
    /// Whether it was given since.
    proved: RwSignal<bool>,
}

impl Eyes {
    pub(super) fn needs_proof(self) -> bool {
        let asked = self.watch.saw(|problem| matches!(problem.0, AppError::StepUpRequired { .. }));
        asked && !self.proved.get()
    }

    /// After the proof the refusal is history.
    pub(super) fn forget_refusal(self) {
        self.proved.set(true);
    }
}

/// Whether the server would not refuse it.
pub(super) fn can_be_seen_as(user: &UserRow) -> bool {
    user.status == Status::Active && user.roles.iter().all(|role| *role == SiteRole::User)
}

const LEAD: &str = "For half an hour you see the pages of this person as they do, and can change nothing. What you look at is \
    written down, and a letter tells the owner who looks and why.";

/// The card.
pub(super) fn eyes(user: &UserRow, eyes: Eyes) -> AnyView {
    let id = user.id;
    view! {
        <Card title="See the site as this person" lead=LEAD>
            <DocumentForm function={PhantomData::<Impersonate>} id="impersonate">
                <Watched by=eyes.watch/>
                {reason(id)}
                <SubmitButton weight=Weight::Secondary pending_words="Opening their pages…">
                    "See with their eyes"
                </SubmitButton>
            </DocumentForm>
        </Card>
    }
    .into_any()
}
