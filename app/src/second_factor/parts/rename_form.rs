//! Gives a passkey another name.

use domain::second_factor::{Passkey, PasskeyName};
use leptos::prelude::*;

use crate::{
    second_factor::api::RenamePasskey,
    ui::{Card, Field, Form, FormAction, Select, SubmitButton, TextInput, Weight},
};

/// The card with the form.
#[component]
pub fn RenameForm(
    /// The passkeys there are.
    passkeys: Vec<Passkey>,
    /// The page's action: it lives longer than this form.
    action: FormAction<RenamePasskey>,
) -> impl IntoView {
    let names =
        passkeys.into_iter().map(|passkey| (passkey.id.to_string(), passkey.name)).collect::<Vec<_>>();
    let longest = u16::try_from(PasskeyName::MAX).ok();
    view! {
        <Card title="Another name">
            <div class="max-w-md">
                <Form action>
                    <Field name="id" label="Passkey">
                        <Select options=names/>
                    </Field>
                    <Field name="name" label="New name">
                        <TextInput autocomplete="off" required=true maxlength=longest.unwrap_or(100)/>
                    </Field>
                    <SubmitButton weight=Weight::Secondary pending_words="Renaming…">
                        "Rename"
                    </SubmitButton>
                </Form>
            </div>
        </Card>
    }
}
