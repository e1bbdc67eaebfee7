//! The stage after: it is on. New recovery codes, and turning it off.

use leptos::prelude::*;

use crate::{
    second_factor::{parts::Actions, words},
    ui::{Badge, Banner, Card, Form, SubmitButton, Tone, Watched, Weight},
};

/// Fewer codes than this are worth a warning.
const FEW: i64 = 3;

/// The second factor is on.
#[component]
pub fn Enabled(
    /// What the page does; it lives longer than this stage.
    actions: Actions,
    /// How many recovery codes are left.
    recovery_codes_left: i64,
) -> impl IntoView {
    let [_, _, codes_watch, disable_watch] = actions.watches;
    let left = match recovery_codes_left {
        0 => "No recovery codes are left.".to_owned(),
        1 => "One recovery code is left.".to_owned(),
        many => format!("{many} recovery codes are left."),
    };
    view! {
        <Card title="Authenticator" aside=view! { <Badge tone=Tone::Good text="On"/> }.into_any()>
            <p>"Every sign-in asks for a code from your authenticator."</p>
        </Card>
        <Card title="Recovery codes" lead=left>
            {(recovery_codes_left < FEW).then(|| view! { <Banner tone=Tone::Warning title=words::FEW_CODES/> })}
            <Form action=actions.new_codes>
                <Watched by=codes_watch/>
                <p class="field-hint">{words::NEW_CODES}</p>
                <SubmitButton weight=Weight::Secondary pending_words="Making codes…">
                    "Make new recovery codes"
                </SubmitButton>
            </Form>
        </Card>
        <Card title="Turn it off">
            <details>
                <summary class="cursor-pointer py-1 font-medium">"Turn off the second factor"</summary>
                <p class="my-3 max-w-2xl">{words::TURN_OFF}</p>
                <Form action=actions.disable>
                    <Watched by=disable_watch/>
                    <SubmitButton weight=Weight::Danger pending_words="Turning off…">
                        "Yes, turn it off"
                    </SubmitButton>
                </Form>
            </details>
        </Card>
    }
}
