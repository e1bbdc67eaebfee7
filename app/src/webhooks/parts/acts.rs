//! What somebody may do to a webhook: a card for each act.

use domain::{
    access::{SiteAction, site_allows},
    identity::Viewer,
    webhooks::{Webhook, WebhookState},
};
use leptos::prelude::*;
use uuid::Uuid;

use super::{Tending, create_form::target_fields};
use crate::{
    ui::{Card, Field, Form, Hidden, Select, SubmitButton, Weight},
    webhooks::words,
};

/// The cards for this viewer.
pub fn acts(viewer: &Viewer, webhook: &Webhook, tending: &Tending) -> AnyView {
    let may = |action| site_allows(&viewer.roles, action);
    let sends = may(SiteAction::SendWebhooks).then(|| test(webhook.id, tending));
    let changes = may(SiteAction::ChangeWebhooks).then(|| {
        vec![
            switch(webhook, tending),
            edit(webhook, tending),
            rotate(webhook.id, tending),
            remove(webhook.id, tending),
        ]
    });
    view! { <div class="grid items-start gap-6 md:grid-cols-2 empty:hidden">{sends} {changes}</div> }
        .into_any()
}

fn test(id: Uuid, tending: &Tending) -> AnyView {
    let lead = "An event of the type webhooks.test, once. It also reaches a webhook that is paused.";
    let action = tending.test;
    view! {
        <Card title="Send a test" lead=lead>
            <Form action>
                <Hidden name="id" value=id.to_string()/>
                <SubmitButton weight=Weight::Secondary pending_words="Sending…">
                    "Send a test"
                </SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}

fn switch(webhook: &Webhook, tending: &Tending) -> AnyView {
    let action = tending.switch;
    let id = webhook.id.to_string();
    if webhook.state == WebhookState::Active {
        let lead = "Nothing is sent until it is resumed. What happens meanwhile can be sent then.";
        return view! {
            <Card title="Pause" lead=lead>
                <Form action id="switch-webhook" known_by="state">
                    <Hidden name="id" value=id/>
                    <Hidden name="state" value="paused"/>
                    <SubmitButton weight=Weight::Secondary pending_words="Pausing…">
                        "Pause"
                    </SubmitButton>
                </Form>
            </Card>
        }
        .into_any();
    }
    let choices = [("send", "Is sent now"), ("skip", "Is left out")];
    let choices = choices.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    view! {
        <Card title="Resume" lead=words::RESUME_LEAD>
            <Form action id="switch-webhook" known_by="state">
                <Hidden name="id" value=id/>
                <Hidden name="state" value="active"/>
                <Field name="missed" label="What happened meanwhile">
                    <Select options=choices/>
                </Field>
                <SubmitButton pending_words="Resuming…">"Resume"</SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}

fn edit(webhook: &Webhook, tending: &Tending) -> AnyView {
    let action = tending.edit;
    let id = webhook.id.to_string();
    let Webhook { url, description, actions, .. } = webhook.clone();
    view! {
        <Card title="Change">
            <Form action id="edit-webhook" known_by="url">
                <Hidden name="id" value=id/>
                {target_fields(url, description, actions.join(", "))}
                <SubmitButton weight=Weight::Secondary pending_words="Saving…">
                    "Save"
                </SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}

fn rotate(id: Uuid, tending: &Tending) -> AnyView {
    let action = tending.rotate;
    let overlaps = [("86400", "24 hours"), ("3600", "1 hour"), ("604800", "7 days"), ("0", "Not at all")];
    let overlaps = overlaps.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    view! {
        <Card title="New secret" lead=words::ROTATE_LEAD>
            <Form action>
                <Hidden name="id" value=id.to_string()/>
                <Field name="overlap_s" label="The old secret signs for another">
                    <Select options=overlaps/>
                </Field>
                <SubmitButton weight=Weight::Secondary pending_words="Making a new secret…">
                    "Make a new secret"
                </SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}

fn remove(id: Uuid, tending: &Tending) -> AnyView {
    let action = tending.end;
    view! {
        <Card title="Remove" lead=words::REMOVE_LEAD>
            <Form action>
                <Hidden name="id" value=id.to_string()/>
                <SubmitButton weight=Weight::Danger pending_words="Removing…">
                    "Remove the webhook"
                </SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}
