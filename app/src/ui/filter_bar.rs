//! Narrowing a list down. The choices go into the URL by a plain GET form: they survive a reload and can be shared.

use leptos::prelude::*;
use leptos_router::components::Form;

use super::{Glyph, Icon};

/// A GET form above a list.
#[component]
pub fn FilterBar(
    /// The path of the page itself.
    #[prop(into)]
    action: String,
    /// What is searched, for screen readers.
    label: &'static str,
    /// Where everything is shown again, when something is filtered.
    #[prop(optional_no_strip, into)]
    reset: Option<String>,
    /// [`super::Field`]s.
    children: Children,
) -> impl IntoView {
    view! {
        <search class="filter" aria-label=label>
            <Form method="get" action=action>
                <div class="filter-fields">{children()}</div>
                <div class="filter-actions">
                    <button type="submit" class="btn btn-secondary">
                        <Icon glyph=Glyph::Filter/>
                        <span>"Apply"</span>
                    </button>
                    {reset
                        .map(|href| {
                            view! {
                                <a class="btn btn-quiet" href=href>
                                    "Clear"
                                </a>
                            }
                        })}
                </div>
            </Form>
        </search>
    }
}
