//! Something went wrong on our side, or a part of the program could not be fetched.

use leptos::prelude::*;

use crate::ui::{CenteredShell, Glyph, Icon};

/// The page instead of one that cannot be shown: status 500. Its link loads the page anew from the server.
#[component]
pub fn FailedPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::INTERNAL_SERVER_ERROR);
    }
    view! {
        <CenteredShell
            title="Something went wrong"
            lead="This page cannot be shown at the moment. Nothing was lost: what was saved before is saved. Load it again; if that does not help, tell your administrator what you were doing."
        >
            <div class="stack-actions">
                // An empty address is the page itself; `external` keeps the router out of it.
                <a class="btn btn-primary" href="" rel="external">
                    <Icon glyph=Glyph::ArrowRight/>
                    <span>"Load it again"</span>
                </a>
                <a class="btn btn-quiet" href="/" rel="external">
                    "To the start page"
                </a>
            </div>
        </CenteredShell>
    }
}
