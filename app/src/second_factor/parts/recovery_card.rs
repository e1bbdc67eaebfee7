//! How many recovery codes are left, and new ones.

use leptos::prelude::*;

use crate::{
    second_factor::{api::NewRecoveryCodes, words},
    ui::{Banner, Card, Form, FormAction, SubmitButton, Tone, Watch, Watched, Weight},
};

/// Fewer codes than this are worth a warning.
const FEW: i64 = 3;

/// The card with the button for new ones.
#[component]
pub fn RecoveryCard(
    /// The page's action: it lives longer than this form.
    action: FormAction<NewRecoveryCodes>,
    /// The page's eye on it.
    watch: Watch,
    /// How many are left.
    recovery_codes_left: i64,
) -> impl IntoView {
    let left = match recovery_codes_left {
        0 => "No recovery codes are left.".to_owned(),
        1 => "One recovery code is left.".to_owned(),
        many => format!("{many} recovery codes are left."),
    };
    view! {
        <Card title="Recovery codes" lead=left>
            {(recovery_codes_left < FEW).then(|| view! { <Banner tone=Tone::Warning title=words::FEW_CODES/> })}
            <Form action>
                <Watched by=watch/>
                <p class="field-hint">{words::NEW_CODES}</p>
                <SubmitButton weight=Weight::Secondary pending_words="Making codes…">
                    "Make new recovery codes"
                </SubmitButton>
            </Form>
        </Card>
    }
}
