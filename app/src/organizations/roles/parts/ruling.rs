//! What can be done to roles, and what was done just now.

use leptos::prelude::*;

use crate::{
    flash::use_answer_of,
    frame::{forget_refusal, is_stale, was_stale},
    identity::api::StepUp,
    organizations::roles::api::{AssignRole, CreateRole, DeleteRole, UnassignRole, UpdateRole},
    ui::{FormAction, answered, newest, parameter, said, times_done},
};

/// The actions of the page; they outlive the forms, which are drawn anew when roles have changed.
#[derive(Clone, Copy)]
pub struct Ruling {
    /// Makes a role.
    pub create: FormAction<CreateRole>,
    /// Makes it another one.
    pub update: FormAction<UpdateRole>,
    /// Deletes it.
    pub delete: FormAction<DeleteRole>,
    /// Gives it to a member.
    pub assign: FormAction<AssignRole>,
    /// Gives it to a group.
    pub assign_group: FormAction<AssignRole>,
    /// Takes it from members.
    pub unassign: FormAction<UnassignRole>,
    /// Proves it again.
    pub step_up: FormAction<StepUp>,
    /// Whether a plain post just before this page needed a fresh proof.
    stale: RwSignal<bool>,
    /// What was done last, in words.
    words: Memo<Option<&'static str>>,
}

const MADE: &str = "The role is made. Nobody has it yet: open it to give it to somebody.";
const SAVED: &str = "The role is saved. Whoever has it may do what it allows now.";
const DELETED: &str = "The role is deleted.";
const GIVEN: &str = "The role is given.";
const TAKEN: &str = "The role is taken away.";

impl Ruling {
    /// Made once by the page.
    pub fn new() -> Self {
        // Each is asked for in any case: hydration counts the questions.
        let done = [
            (use_answer_of::<AssignRole>().is_some(), GIVEN),
            (use_answer_of::<UnassignRole>().is_some(), TAKEN),
            // Last: the address says so still when a form on the page was sent.
            (parameter("made").is_some(), MADE),
            (parameter("saved").is_some(), SAVED),
            (parameter("deleted").is_some(), DELETED),
        ];
        let stale = [was_stale::<AssignRole>(), was_stale::<UnassignRole>(), was_stale::<UpdateRole>()];
        let before = done.into_iter().find(|(is_done, _)| *is_done).map(|(_, words)| words);
        let create = FormAction::new();
        let update = FormAction::new();
        let delete = FormAction::new();
        let assign = FormAction::new();
        let assign_group = FormAction::new();
        let unassign = FormAction::new();
        let step_up = FormAction::new();
        let words = newest(
            before,
            vec![
                answered(create, MADE),
                answered(update, SAVED),
                answered(delete, DELETED),
                answered(assign, GIVEN),
                answered(assign_group, GIVEN),
                answered(unassign, TAKEN),
            ],
        );
        Self {
            create,
            update,
            delete,
            assign,
            assign_group,
            unassign,
            step_up,
            stale: RwSignal::new(stale.contains(&true)),
            words,
        }
    }

    /// Changes with everything after which roles are others, but for a deletion.
    pub fn changes(&self) -> Signal<usize> {
        let counts = [
            times_done(self.create),
            times_done(self.update),
            times_done(self.assign),
            times_done(self.assign_group),
            times_done(self.unassign),
        ];
        Signal::derive(move || counts.iter().map(|count| count.get()).sum())
    }

    /// Changes with each deletion: nothing is asked of a role that is gone.
    pub fn deletions(&self) -> Memo<usize> {
        times_done(self.delete)
    }

    /// Whether something needs a fresh proof.
    pub fn needs_proof(&self) -> bool {
        // All are asked each time, so that each is followed.
        let refused = [
            is_stale(self.assign),
            is_stale(self.assign_group),
            is_stale(self.unassign),
            is_stale(self.update),
            self.stale.get(),
        ];
        refused.contains(&true)
    }

    /// After the proof the refusals are history.
    pub fn forget_refusals(&self) {
        self.stale.set(false);
        forget_refusal(self.assign);
        forget_refusal(self.assign_group);
        forget_refusal(self.unassign);
        forget_refusal(self.update);
    }

    /// What was done just now, in words.
    pub fn said(&self) -> AnyView {
        said(self.words)
    }
}

impl Default for Ruling {
    fn default() -> Self {
        Self::new()
    }
}
