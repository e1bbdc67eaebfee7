//! Makes a token: its name, what it may be used for, and for how long.

use domain::tokens::{MadeToken, ScopeOffer, TokenName};
use leptos::prelude::*;

use crate::{
    tokens::{parts::Actions, words},
    ui::{Card, Checkbox, Field, Form, FormState, Glyph, Icon, Select, SubmitButton, TextInput, Watched},
};

/// The card with the form.
#[component]
pub fn CreateForm(
    /// What the page does; it lives longer than this form.
    actions: Actions,
    /// What can be chosen.
    scopes: Vec<ScopeOffer>,
) -> impl IntoView {
    let [watch, _] = actions.watches;
    let lives =
        [("30", "30 days"), ("7", "7 days"), ("90", "90 days"), ("365", "1 year"), ("", "Until I end it")];
    let lives = lives.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    let maxlength = u16::try_from(TokenName::MAX).unwrap_or(u16::MAX);
    view! {
        <Card title="Make a token">
            <Form action=actions.create on_success=move |_: MadeToken| actions.forget_rotated()>
                <Watched by=watch/>
                <div class="max-w-md">
                    <Field name="name" label="Name" hint="What it is for, such as “backup”.">
                        <TextInput maxlength required=true/>
                    </Field>
                </div>
                <Scopes scopes/>
                <div class="max-w-md">
                    <Field name="expires_in_days" label="Works for">
                        <Select options=lives/>
                    </Field>
                </div>
                <SubmitButton pending_words="Making…">"Make token"</SubmitButton>
            </Form>
        </Card>
    }
}

/// A box for each scope; those that are ticked are sent as one list.
#[component]
fn Scopes(scopes: Vec<ScopeOffer>) -> impl IntoView {
    let form = FormState::current();
    let problem = form.problem_of("scopes");
    let id = form.element_id("scopes");
    let (hint_id, error_id) = (format!("{id}-hint"), format!("{id}-error"));
    let described_by = format!("{hint_id} {error_id}");
    let boxes = scopes
        .into_iter()
        .map(|offer| {
            view! { <Checkbox name="scopes[]" value=offer.name.clone() label=offer.name hint=offer.allows/> }
        })
        .collect_view();
    view! {
        <fieldset id=id class="field min-w-0" tabindex="-1" aria-describedby=described_by>
            <legend class="field-label mb-1">"Scopes"</legend>
            <p id=hint_id class="field-hint">
                {words::SCOPES_HINT}
            </p>
            <p id=error_id class="field-error" hidden=move || problem.with(Option::is_none)>
                <Icon glyph=Glyph::Alert/>
                <span>{move || problem.get()}</span>
            </p>
            <div class="grid gap-3 sm:grid-cols-2">{boxes}</div>
        </fieldset>
    }
}
