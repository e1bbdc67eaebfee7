//! Nothing at this address, with the status that says so to machines.

use leptos::prelude::*;

use crate::ui::{CenteredShell, LinkButton, Weight};

/// The page for an address that leads nowhere: status 404.
#[component]
pub fn NotFoundPage() -> impl IntoView {
    #[cfg(feature = "ssr")]
    if let Some(response) = use_context::<leptos_axum::ResponseOptions>() {
        response.set_status(http::StatusCode::NOT_FOUND);
    }
    view! {
        <CenteredShell
            title="Nothing here"
            lead="There is nothing at this address, or nothing that you may see. Check how it is written, or start over."
        >
            <div class="stack-actions">
                <LinkButton href="/" weight=Weight::Primary>
                    "To the start page"
                </LinkButton>
            </div>
        </CenteredShell>
    }
}
