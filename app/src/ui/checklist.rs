//! What is done and what is left, for the first days.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What to do.
    pub title: String,
    /// Why.
    pub text: String,
    /// Where.
    pub href: String,
    /// Whether it is done, as the real state says.
    pub done: bool,
}

/// At most six things to do, with how many are done.
#[component]
pub fn Checklist(
    /// What it leads to.
    #[prop(into)]
    title: String,
    /// The things to do.
    checks: Vec<Check>,
) -> impl IntoView {
    let all = checks.len();
    let done = checks.iter().filter(|check| check.done).count();
    let words = format!("{done} of {all} done");
    view! {
        <section class="card">
            <header class="card-head">
                <h2 class="card-title">{title}</h2>
                <span class="checklist-count">{words.clone()}</span>
            </header>
            <progress class="progress" max=all.to_string() value=done.to_string() aria-label=words></progress>
            <ol class="checklist">{checks.into_iter().map(row).collect_view()}</ol>
        </section>
    }
}

fn row(check: Check) -> AnyView {
    let Check { title, text, href, done } = check;
    let (class, state) =
        if done { ("checklist-row is-done", "Done: ") } else { ("checklist-row", "To do: ") };
    view! {
        <li class=class>
            <span class="checklist-mark">{done.then(|| view! { <Icon glyph=Glyph::Check/> })}</span>
            <div class="checklist-body">
                <p class="checklist-title">
                    <span class="sr-only">{state}</span>
                    {if done {
                        view! { <span>{title}</span> }.into_any()
                    } else {
                        view! { <a href=href>{title}</a> }.into_any()
                    }}
                </p>
                <p class="checklist-text">{text}</p>
            </div>
        </li>
    }
    .into_any()
}
