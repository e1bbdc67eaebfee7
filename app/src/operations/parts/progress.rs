//! How far an operation has come.

use domain::operations::{Operation, OperationState};
use leptos::prelude::*;

use crate::ui::TimeText;

/// A bar and a sentence. The sentence is announced when it changes.
#[component]
pub fn Progress(
    /// Which one.
    operation: Operation,
    /// What it makes, such as `The copy of your data`.
    what: &'static str,
) -> impl IntoView {
    let Operation { state, step, steps, progress, next_attempt_at, .. } = operation;
    let label = format!("{what}: {progress} percent done");
    let done = steps.iter().position(|name| Some(name) == step.as_ref()).unwrap_or_default();
    let sentence = match state {
        OperationState::Cancelling => "It is being cleared away.".to_owned(),
        OperationState::Waiting if progress == 0 => "It begins in a moment.".to_owned(),
        _ => format!("Step {} of {}. You can leave this page meanwhile.", done + 1, steps.len()),
    };
    let again = next_attempt_at.map(|at| {
        view! {
            <p class="field-hint">"The last attempt came to nothing. It is tried again " <TimeText at/></p>
        }
    });
    view! {
        <div class="grid max-w-md gap-3">
            <progress class="progress" max="100" value=progress.to_string() aria-label=label></progress>
            <p role="status">{sentence}</p>
            {again}
        </div>
    }
}
