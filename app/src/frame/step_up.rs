//! "Confirm that it is you": a fresh proof in the place where it is needed.

use leptos::prelude::*;

use crate::{
    federation::parts::ProofElsewhere,
    identity::api::StepUp,
    ui::{Card, Field, Form, FormAction, OtpInput, PasswordInput, SubmitButton, browser},
};

/// Which proof an account gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// The account has no second factor.
    Password,
    /// The account has one, and the password alone would prove less than the sign-in did.
    Code,
}

impl Proof {
    /// The proof of an account with or without a second factor.
    pub fn of(second_factor: bool) -> Self {
        if second_factor { Self::Code } else { Self::Password }
    }
}

/// Why it is asked.
const LEAD: &str = "What you are about to do changes how your account is guarded. It needs a proof from the last five minutes.";

/// A card with the form. Without wasm the browser comes back to the same page, where the first button works now.
#[component]
pub fn ConfirmItIsYou(
    /// The page's action: it lives longer than this form.
    action: FormAction<StepUp>,
    /// Which proof is asked.
    proof: Proof,
    /// Runs in the living page when the proof was good.
    #[prop(into)]
    on_success: Callback<((),)>,
) -> impl IntoView {
    // The answer to an earlier proof says nothing about this one.
    action.value().set(None);
    let field = match proof {
        Proof::Password => "step-up-password",
        Proof::Code => "step-up-code",
    };
    // It appears above the button that was pressed, so the focus shows the way. In an effect, because the refused form
    // moves the focus to its summary in one, and this must come after.
    Effect::new(move |_| browser::focus_soon(field.into()));
    let field = match proof {
        Proof::Password => view! {
            <Field name="password" label="Password">
                <PasswordInput autocomplete="current-password"/>
            </Field>
        }
        .into_any(),
        Proof::Code => view! {
            <Field name="code" label="Code" hint="Six digits from your authenticator.">
                <OtpInput/>
            </Field>
        }
        .into_any(),
    };
    view! {
        <Card title="Confirm that it is you" lead=LEAD>
            <Form action on_success>
                {field}
                <SubmitButton pending_words="Checking…">"Confirm"</SubmitButton>
            </Form>
            {(proof == Proof::Password).then(|| view! { <ProofElsewhere/> })}
        </Card>
    }
}
