//! What can be done to one account, and what was done just now.

use domain::identity::ProofNeeded;
use leptos::prelude::*;
use server_fn::ServerFn;

use super::eyes::Eyes;
use crate::{
    admin::api::{LockUser, ResendVerificationOf, ResetSecondFactor, SetRoles, UnlockUser},
    error::Problem,
    flash::use_answer_of,
    frame::{ConfirmItIsYou, forget_refusal, is_stale, was_stale},
    identity::api::StepUp,
    ui::{Banner, FormAction, Tone, times_done},
};

/// The actions of the page; they outlive the forms, which are drawn anew when the account has changed.
#[derive(Clone, Copy)]
pub struct Helping {
    /// Keep out.
    pub lock: FormAction<LockUser>,
    /// Let in.
    pub unlock: FormAction<UnlockUser>,
    /// Give and take roles.
    pub roles: FormAction<SetRoles>,
    /// Take a lost second factor away.
    pub factor: FormAction<ResetSecondFactor>,
    /// Send the letter again.
    pub letter: FormAction<ResendVerificationOf>,
    /// See the site as they do.
    pub eyes: Eyes,
    /// Proves it again.
    step_up: FormAction<StepUp>,
    /// Whether a plain post just before this page needed a fresh proof.
    stale: RwSignal<bool>,
    /// What a plain post just before this page had done.
    before: StoredValue<[bool; 5]>,
}

const DONE: [&str; 5] = [
    "The account is locked, and every session of it has ended.",
    "The account is unlocked. Its owner can sign in again.",
    "The roles are set. They hold from the next request on.",
    "The second factor is off, every session has ended, and a letter tells the owner.",
    "The letter is on its way.",
];

impl Helping {
    /// Made once by the page.
    pub fn new() -> Self {
        let before = [
            use_answer_of::<LockUser>().is_some(),
            use_answer_of::<UnlockUser>().is_some(),
            use_answer_of::<SetRoles>().is_some(),
            use_answer_of::<ResetSecondFactor>().is_some(),
            use_answer_of::<ResendVerificationOf>().is_some(),
        ];
        // Each is asked for in any case: hydration counts the questions.
        let stale = [was_stale::<UnlockUser>(), was_stale::<SetRoles>(), was_stale::<ResetSecondFactor>()];
        Self {
            lock: FormAction::new(),
            unlock: FormAction::new(),
            roles: FormAction::new(),
            factor: FormAction::new(),
            letter: FormAction::new(),
            eyes: Eyes::default(),
            step_up: FormAction::new(),
            stale: RwSignal::new(stale.contains(&true)),
            before: StoredValue::new(before),
        }
    }

    /// Changes with everything after which the account is another one.
    pub fn changes(&self) -> Signal<usize> {
        let counts = [
            times_done(self.lock),
            times_done(self.unlock),
            times_done(self.roles),
            times_done(self.factor),
            times_done(self.letter),
        ];
        Signal::derive(move || counts.iter().map(|count| count.get()).sum())
    }

    /// The question for a fresh proof, once something was refused for want of one.
    pub fn question(&self, proof: &ProofNeeded) -> AnyView {
        let (helping, proof) = (*self, proof.clone());
        let ask = move || {
            let proof = proof.clone();
            let on_success = move |()| helping.forget_refusals();
            let card = || view! { <ConfirmItIsYou action=helping.step_up proof on_success/> }.into_any();
            helping.needs_proof().then(card)
        };
        ask.into_any()
    }

    fn needs_proof(&self) -> bool {
        let Self { unlock, roles, factor, eyes, stale, .. } = *self;
        is_stale(unlock) || is_stale(roles) || is_stale(factor) || eyes.needs_proof() || stale.get()
    }

    fn forget_refusals(&self) {
        self.stale.set(false);
        forget_refusal(self.unlock);
        forget_refusal(self.roles);
        forget_refusal(self.factor);
        self.eyes.forget_refusal();
    }

    /// Sentences about what was done on this page.
    pub fn said(&self) -> AnyView {
        let Self { lock, unlock, roles, factor, letter, before, .. } = *self;
        let sentences = move || {
            let now = [outcome(lock), outcome(unlock), outcome(roles), outcome(factor), outcome(letter)];
            // What was done in the living page is newer than what a post before it had done.
            let is_new = now.iter().any(Option::is_some);
            let before = before.get_value().map(|done| done && !is_new);
            let done = now.into_iter().zip(before).map(|(now, before)| now.unwrap_or(before));
            done.zip(DONE)
                .filter(|(done, _)| *done)
                .map(|(_, title)| view! { <Banner tone=Tone::Good title/> })
                .collect_view()
        };
        view! {
            <div role="status" class="grid gap-2 empty:hidden">
                {sentences}
            </div>
        }
        .into_any()
    }
}

impl Default for Helping {
    fn default() -> Self {
        Self::new()
    }
}

/// Whether the last try succeeded, if there was one.
fn outcome<S>(action: FormAction<S>) -> Option<bool>
where
    S: ServerFn<Error = Problem> + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    action.value().with(|value| value.as_ref().map(Result::is_ok))
}
