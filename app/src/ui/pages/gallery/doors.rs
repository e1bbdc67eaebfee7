//! The gallery's links to the frame of the doors and to the pages of this folder.

use leptos::prelude::*;

use crate::ui::{Card, LinkButton};

/// Links to the other frames.
#[component]
pub fn Doors() -> impl IntoView {
    view! {
        <Card title="Other frames" lead="The doors have a frame of their own; these are the pages of it.">
            <div class="stack-row">
                <LinkButton href="/login">"Sign in"</LinkButton>
                <LinkButton href="/register">"Register"</LinkButton>
                <LinkButton href="/nothing-here">"Not found"</LinkButton>
            </div>
        </Card>
    }
    .into_any()
}
