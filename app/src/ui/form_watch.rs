//! Lets a page see why a form inside it was refused, on both roads: by the answer of the living page, and by what the
//! server found after a plain post.

use leptos::prelude::*;

use crate::{error::Problem, ui::FormState};

/// An eye on a form. Put a [`Watched`] inside the form.
#[derive(Clone, Copy, Debug, Default)]
pub struct Watch(RwSignal<Option<FormState>>);

impl Watch {
    /// Whether the form's last refusal is one of those.
    pub fn saw(&self, wanted: fn(&Problem) -> bool) -> bool {
        // A list that was read anew has made its forms anew: what was seen of an old one may be gone.
        self.0.get().and_then(|form| form.problem.try_get()).flatten().is_some_and(|problem| wanted(&problem))
    }

    /// What was typed into one of its fields before a plain post.
    pub fn typed(&self, field: &str) -> Option<String> {
        self.0.get_untracked()?.value_of(field)
    }
}

/// Shows the form around it to a [`Watch`]; draws nothing.
#[component]
pub fn Watched(
    /// The page's eye.
    by: Watch,
) -> impl IntoView {
    by.0.set(Some(FormState::current()));
}
