//! The stage after: it is on. New recovery codes, and removing it.

use leptos::prelude::*;

use crate::{
    second_factor::{
        parts::{Actions, RecoveryCard},
        words,
    },
    ui::{Badge, Card, Form, SubmitButton, Tone, Watched, Weight},
};

/// The second factor is on by an authenticator.
#[component]
pub fn Enabled(
    /// What the page does; it lives longer than this stage.
    actions: Actions,
    /// How many recovery codes are left.
    recovery_codes_left: i64,
    /// How many passkeys stay when the authenticator is gone.
    passkeys: i64,
) -> impl IntoView {
    let [_, _, codes_watch, disable_watch] = actions.watches;
    let (asked, warning) = if passkeys > 0 {
        (
            "Every sign-in with the password asks for a code from your authenticator, or a passkey.",
            words::REMOVE,
        )
    } else {
        ("Every sign-in asks for a code from your authenticator.", words::TURN_OFF)
    };
    view! {
        <Card title="Authenticator" aside=view! { <Badge tone=Tone::Good text="On"/> }.into_any()>
            <p>{asked}</p>
        </Card>
        <RecoveryCard action=actions.new_codes watch=codes_watch recovery_codes_left/>
        <Card title="Turn it off">
            <details>
                <summary class="cursor-pointer py-1 font-medium">"Turn off the second factor"</summary>
                <p class="my-3 max-w-2xl">{warning}</p>
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
