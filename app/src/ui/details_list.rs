//! Names and values of one thing.

use leptos::prelude::*;

/// A list of [`Detail`]s.
#[component]
pub fn DetailsList(
    /// [`Detail`]s.
    children: Children,
) -> impl IntoView {
    view! { <dl class="details">{children()}</dl> }
}

/// One name and its value.
#[component]
pub fn Detail(
    /// The name.
    #[prop(into)]
    name: String,
    /// The value.
    children: Children,
) -> impl IntoView {
    view! {
        <div class="detail">
            <dt>{name}</dt>
            <dd>{children()}</dd>
        </div>
    }
}
