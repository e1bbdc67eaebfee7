//! A framed part of a page with its own heading.

use leptos::prelude::*;

/// A section with a frame. The heading is an `<h2>`: the page's title is the `<h1>`.
#[component]
pub fn Card(
    /// The heading.
    #[prop(optional, into)]
    title: Option<String>,
    /// A sentence below it.
    #[prop(optional, into)]
    lead: Option<String>,
    /// At the end of the heading's row: a badge, a link.
    #[prop(optional, into)]
    aside: Option<AnyView>,
    /// The content.
    children: Children,
) -> impl IntoView {
    let head = (title.is_some() || aside.is_some()).then(|| {
        view! {
            <header class="card-head">
                <div>
                    {title.map(|words| view! { <h2 class="card-title">{words}</h2> })}
                    {lead.map(|words| view! { <p class="card-lead">{words}</p> })}
                </div>
                {aside}
            </header>
        }
    });
    view! {
        <section class="card">
            {head}
            <div class="card-body">{children()}</div>
        </section>
    }
}
