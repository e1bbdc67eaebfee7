//! The stage before: what is needed, and the button that makes a secret.

use leptos::prelude::*;

use crate::{
    second_factor::{parts::Actions, words},
    ui::{Badge, Card, Form, SubmitButton, Watched},
};

/// The second factor is off.
#[component]
pub fn Begin(
    /// What the page does; it lives longer than this stage.
    actions: Actions,
) -> impl IntoView {
    let [watch, ..] = actions.watches;
    view! {
        <Card title="Authenticator" aside=view! { <Badge text="Off"/> }.into_any()>
            <p class="mb-4 max-w-2xl">{words::BEGIN}</p>
            <Form action=actions.start>
                <Watched by=watch/>
                <SubmitButton pending_words="Making a secret…">"Begin"</SubmitButton>
            </Form>
        </Card>
    }
}
