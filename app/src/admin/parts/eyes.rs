//! Somebody else's eyes: the card by which an administrator begins to see the site as its person does.

use std::marker::PhantomData;

use domain::{
    AppError,
    access::SiteRole,
    admin::{Status, UserRow},
    identity::ProofNeeded,
};
use leptos::prelude::*;

use super::question::reason;
use crate::{
    admin::api::Impersonate,
    frame::ConfirmItIsYou,
    identity::api::StepUp,
    ui::{Card, DocumentForm, FormAction, SubmitButton, Watch, Watched, Weight},
};

/// What lives longer than the card.
#[derive(Clone, Copy, Default)]
pub struct Eyes {
    step_up: FormAction<StepUp>,
    /// Sees when a fresh proof is needed.
    watch: Watch,
    /// Whether it was given since.
    proved: RwSignal<bool>,
}

impl Eyes {
    fn needs_proof(self) -> bool {
        let asked = self.watch.saw(|problem| matches!(problem.0, AppError::StepUpRequired { .. }));
        asked && !self.proved.get()
    }
}

/// Whether the server would not refuse it.
pub(super) fn can_be_seen_as(user: &UserRow) -> bool {
    user.status == Status::Active && user.roles.iter().all(|role| *role == SiteRole::User)
}

const LEAD: &str = "For half an hour you see the pages of this person as they do, and can change nothing. What you look at is \
    written down, and a letter tells the owner who looks and why.";

/// The card, and above it the question for a fresh proof once it was asked.
pub(super) fn eyes(user: &UserRow, proof: &ProofNeeded, eyes: Eyes) -> AnyView {
    let (id, proof) = (user.id, proof.clone());
    let ask = move || {
        let proof = proof.clone();
        let done = move |()| eyes.proved.set(true);
        eyes.needs_proof()
            .then(|| view! { <ConfirmItIsYou action=eyes.step_up proof on_success=done/> }.into_any())
    };
    view! {
        {ask.into_any()}
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
