//! Links to the page before and the page after. The cursor is in the URL, so that a page can be sent to a colleague.

use leptos::prelude::*;

use super::{Glyph, Icon};

/// Links to the pages around this one.
#[component]
pub fn Pagination(
    /// Where the first page is, when this is not it. Cursors only lead forward; back is the browser's own button.
    #[prop(optional_no_strip, into)]
    first: Option<String>,
    /// Where the next page is, if there is one.
    #[prop(optional_no_strip, into)]
    next: Option<String>,
    /// What is shown, such as `25 people`.
    #[prop(into)]
    summary: String,
) -> impl IntoView {
    view! {
        <nav class="pagination" aria-label="Pages">
            <p class="pagination-summary">{summary}</p>
            <div class="pagination-links">
                {first
                    .map(|href| {
                        view! {
                            <a class="btn btn-secondary" href=href rel="first">
                                <Icon glyph=Glyph::ArrowLeft/>
                                <span>"First page"</span>
                            </a>
                        }
                    })}
                {next
                    .map(|href| {
                        view! {
                            <a class="btn btn-secondary" href=href rel="next">
                                <span>"Next page"</span>
                                <Icon glyph=Glyph::ArrowRight/>
                            </a>
                        }
                    })}
            </div>
        </nav>
    }
}
