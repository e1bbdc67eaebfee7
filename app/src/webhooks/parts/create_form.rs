//! Makes a webhook: where to, what for, and which events.

use leptos::prelude::*;

use super::{EventsHelp, Making};
use crate::{
    ui::{Card, Field, Form, SubmitButton, TextInput},
    webhooks::words,
};

/// The card with the form.
#[component]
pub fn CreateForm(
    /// What the page does; it lives longer than this form.
    making: Making,
) -> impl IntoView {
    view! {
        <Card title="Make a webhook">
            <Form action=making.create>
                {target_fields(String::new(), String::new(), String::new())}
                <SubmitButton pending_words="Making…">"Make webhook"</SubmitButton>
            </Form>
        </Card>
    }
}

/// The fields by which a webhook is made and changed.
pub(super) fn target_fields(url: String, description: String, actions: String) -> AnyView {
    view! {
        <div class="grid max-w-xl gap-4">
            <Field name="url" label="URL" hint=words::URL_HINT>
                <TextInput kind="url" value=url maxlength=2000 required=true placeholder="https://siem.example.com/in"/>
            </Field>
            <Field name="description" label="Description (optional)" hint=words::DESCRIPTION_HINT>
                <TextInput value=description maxlength=200 autocomplete="off"/>
            </Field>
            <Field name="actions" label="Events" hint=words::ACTIONS_HINT>
                <TextInput value=actions autocomplete="off"/>
            </Field>
            <EventsHelp/>
        </div>
    }
    .into_any()
}
