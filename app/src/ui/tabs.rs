//! Parts of one subject, each with its own address.

use leptos::prelude::*;

use super::browser;

/// One of the parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tab {
    /// Where it is.
    pub href: String,
    /// What it is called.
    pub label: String,
}

/// Links that look like tabs. They are links and say so: each part is a page that can be reloaded and shared.
#[component]
pub fn Tabs(
    /// What the parts belong to, for screen readers.
    #[prop(into)]
    label: String,
    /// The parts.
    tabs: Vec<Tab>,
    /// The address of the one that is open.
    #[prop(into)]
    current: Signal<String>,
) -> impl IntoView {
    let links = tabs
        .into_iter()
        .map(|Tab { href, label }| {
            let here = href.clone();
            view! {
                <a class="tab" href=href aria-current=move || current.with(|c| *c == here).then_some("page")>
                    {label}
                </a>
            }
        })
        .collect_view();
    // On a telephone there are more than fit. Where the style can say which is seen at first, this finds it in sight.
    Effect::new(move |_| {
        current.track();
        browser::show_open_tabs();
    });
    view! {
        <nav class="tabs" aria-label=label>
            {links}
        </nav>
    }
}
