//! What can be done to groups, and what was done just now.

use domain::AppError;
use leptos::{prelude::*, task::spawn_local};

use crate::{
    error::Problem,
    flash::use_answer_of,
    frame::{forget_refusal, is_stale, was_stale},
    identity::api::StepUp,
    organizations::groups::api::{
        AddToGroup, CreateGroup, DeleteGroup, MoveGroup, RemoveFromGroup, RenameGroup, move_group,
    },
    ui::{Banner, FormAction, Tone, answered, newest, parameter, times_done},
};

/// The actions of the page; they outlive the forms, which are drawn anew when the tree has changed.
#[derive(Clone, Copy)]
pub struct Arranging {
    /// Makes a group.
    pub create: FormAction<CreateGroup>,
    /// Calls it otherwise.
    pub rename: FormAction<RenameGroup>,
    /// Puts it somewhere else.
    pub put: FormAction<MoveGroup>,
    /// Deletes it.
    pub delete: FormAction<DeleteGroup>,
    /// Puts somebody into it.
    pub add: FormAction<AddToGroup>,
    /// Takes somebody out of it.
    pub remove: FormAction<RemoveFromGroup>,
    /// Proves it again.
    pub step_up: FormAction<StepUp>,
    /// Whether a plain post just before this page needed a fresh proof.
    stale: RwSignal<bool>,
    /// The group that is dragged.
    dragged: RwSignal<Option<String>>,
    /// What came of the last drop, and how many there were.
    dropped: RwSignal<(usize, Option<Problem>)>,
    /// What was done last, in words.
    words: Memo<Option<&'static str>>,
}

impl Arranging {
    /// Made once by the page.
    pub fn new() -> Self {
        // Each is asked for in any case: hydration counts the questions.
        let done = [
            (use_answer_of::<CreateGroup>().is_some(), "The group is made."),
            (use_answer_of::<RenameGroup>().is_some(), "The group is called otherwise now."),
            (use_answer_of::<MoveGroup>().is_some(), "The group is moved."),
            (use_answer_of::<AddToGroup>().is_some(), "They are in the group."),
            (use_answer_of::<RemoveFromGroup>().is_some(), "They are not in the group any more."),
            // Last: the address says so still when a form on the page was sent.
            (parameter("deleted").is_some(), "The group is deleted."),
        ];
        let stale = [was_stale::<AddToGroup>(), was_stale::<MoveGroup>()];
        let before = done.into_iter().find(|(is_done, _)| *is_done).map(|(_, words)| words);
        let create = FormAction::new();
        let rename = FormAction::new();
        let put = FormAction::new();
        let delete = FormAction::new();
        let add = FormAction::new();
        let remove = FormAction::new();
        let step_up = FormAction::new();
        let words = newest(
            before,
            vec![
                answered(create, "The group is made."),
                answered(rename, "The group is called otherwise now."),
                answered(put, "The group is moved."),
                answered(delete, "The group is deleted."),
                answered(add, "They are in the group."),
                answered(remove, "They are not in the group any more."),
            ],
        );
        Self {
            create,
            rename,
            put,
            delete,
            add,
            remove,
            step_up,
            stale: RwSignal::new(stale.contains(&true)),
            dragged: RwSignal::new(None),
            dropped: RwSignal::new((0, None)),
            words,
        }
    }

    /// Changes with everything after which the tree is another one, but for a deletion: that leads to another address.
    pub fn tree_changes(&self) -> Signal<usize> {
        let counts = [times_done(self.create), times_done(self.rename), times_done(self.put)];
        let dropped = self.dropped;
        Signal::derive(move || {
            counts.iter().map(|count| count.get()).sum::<usize>() + dropped.with(|(count, _)| *count)
        })
    }

    /// Changes with everything after which others are in groups.
    pub fn people_changes(&self) -> Signal<usize> {
        let counts = [times_done(self.add), times_done(self.remove)];
        Signal::derive(move || counts.iter().map(|count| count.get()).sum())
    }

    /// Whether something needs a fresh proof.
    pub fn needs_proof(&self) -> bool {
        // All are asked each time, so that each is followed.
        let refused = [
            is_stale(self.add),
            is_stale(self.put),
            self.stale.get(),
            self.dropped.with(|(_, problem)| needs_proof(problem.as_ref())),
        ];
        refused.contains(&true)
    }

    /// After the proof the refusals are history.
    pub fn forget_refusals(&self) {
        self.stale.set(false);
        forget_refusal(self.add);
        forget_refusal(self.put);
        self.dropped.update(|(_, problem)| {
            if needs_proof(problem.as_ref()) {
                *problem = None;
            }
        });
    }

    /// What was done just now, in words.
    pub fn said(&self) -> AnyView {
        let dropped = self.dropped;
        let words = self.words;
        let said = move || {
            let problem = dropped.with(|(_, problem)| problem.as_ref().map(Problem::detail));
            if let Some(problem) = problem {
                return Some(view! { <Banner tone=Tone::Bad title=problem/> }.into_any());
            }
            words.get().map(|title| view! { <Banner tone=Tone::Good title/> }.into_any())
        };
        view! {
            <div role="status" class="empty:hidden">
                {said}
            </div>
        }
        .into_any()
    }

    /// Somebody begins to drag a group.
    pub fn drag(&self, group: String) {
        self.dragged.set(Some(group));
    }

    /// Whether a group is dragged.
    pub fn is_dragging(&self) -> bool {
        self.dragged.with_untracked(Option::is_some)
    }

    /// Somebody drops it onto another one, or at the top.
    pub fn put_down(&self, slug: &str, onto: Option<String>) {
        let dropped = self.dropped;
        let Some(group) = self.dragged.try_update(Option::take).flatten() else { return };
        if onto.as_ref() == Some(&group) {
            return;
        }
        let slug = slug.to_owned();
        spawn_local(async move {
            let problem = move_group(slug, group, onto).await.err();
            // The page may have gone while the answer was on its way.
            dropped.try_update(|(count, last)| {
                *count += 1;
                *last = problem;
            });
        });
    }
}

impl Default for Arranging {
    fn default() -> Self {
        Self::new()
    }
}

fn needs_proof(problem: Option<&Problem>) -> bool {
    matches!(problem, Some(Problem(AppError::StepUpRequired { .. })))
}
