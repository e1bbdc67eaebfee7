//! Where one is on a way of a few steps.

use leptos::prelude::*;

/// The steps of a way, such as setting up the second factor.
#[component]
pub fn Stepper(
    /// What the way leads to, for screen readers.
    label: &'static str,
    /// The steps.
    steps: Vec<&'static str>,
    /// The step one is at, from 0.
    #[prop(into)]
    current: Signal<usize>,
) -> impl IntoView {
    let rows = steps
        .into_iter()
        .enumerate()
        .map(|(index, words)| {
            let here = move || (current.get() == index).then_some("step");
            view! {
                <li class="step" class:is-done=move || current.get().gt(&index) aria-current=here>
                    <span class="step-number" aria-hidden="true">
                        {index + 1}
                    </span>
                    <span>{words}</span>
                </li>
            }
        })
        .collect_view();
    view! {
        <ol class="stepper" aria-label=label>
            {rows}
        </ol>
    }
}
