//! Gives a token a new secret.

use domain::tokens::MadeToken;
use leptos::prelude::*;

use crate::{
    tokens::{parts::Actions, words},
    ui::{Card, Field, Form, Select, SubmitButton, Watched, Weight},
};

/// The card with the form.
#[component]
pub fn RenewForm(
    /// What the page does; it lives longer than this form.
    actions: Actions,
    /// Id and name of each token.
    names: Vec<(String, String)>,
) -> impl IntoView {
    let [_, watch] = actions.watches;
    let overlaps = [("86400", "24 hours"), ("3600", "1 hour"), ("604800", "7 days"), ("0", "Not at all")];
    let overlaps = overlaps.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    view! {
        <Card title="New secret" lead=words::RENEW_LEAD>
            <div class="max-w-md">
                <Form action=actions.rotate on_success=move |_: MadeToken| actions.forget_created()>
                    <Watched by=watch/>
                    <Field name="id" label="Token">
                        <Select options=names/>
                    </Field>
                    <Field name="overlap_s" label="The old secret works for another">
                        <Select options=overlaps/>
                    </Field>
                    <SubmitButton weight=Weight::Secondary pending_words="Making a new secret…">
                        "Make a new secret"
                    </SubmitButton>
                </Form>
            </div>
        </Card>
    }
}
