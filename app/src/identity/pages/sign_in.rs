//! `/login`: signs in with a password.

use domain::{AppError, identity::safe_next};
use leptos::prelude::*;
use server_fn::ServerFn as _;

use crate::{
    error::Problem,
    federation::{
        parts::{ProviderDoors, ProviderTrouble},
        words as federation,
    },
    identity::{
        api::SignIn,
        parts::{ResendLetter, letter_was_asked},
        words,
    },
    second_factor::api::{FinishPasskeySignIn, StartPasskeySignIn},
    ui::{
        Ask, Banner, Captcha, CenteredShell, Checkbox, Field, Form, FormAction, Hidden, PasskeyButton,
        PasswordInput, SubmitButton, TextInput, Tone, Wanted, Watch, Watched, parameter,
    },
};

/// Without an address: the passkey says whose it is.
const BY_PASSKEY: Ask = Ask {
    id: "passkey-sign-in",
    wanted: Wanted::FilledIn,
    start: StartPasskeySignIn::PATH,
    finish: FinishPasskeySignIn::PATH,
    fields: &["remember", "next"],
};

/// The form. After a success the server says where to go, and the whole document is loaded anew.
#[component]
pub fn SignInPage() -> impl IntoView {
    let action = FormAction::<SignIn>::new();
    let next = parameter("next");
    let next = safe_next(next.as_deref()).map(str::to_owned);
    let onward = next.clone();
    let refusal = Watch::default();
    let asked = letter_was_asked();
    let typed = RwSignal::new(String::new());
    let forgot = view! { <a href="/forgot-password">"Forgot it?"</a> };
    let below = view! {
        <p>"New here? " <a href="/register">"Create an account"</a></p>
    };
    view! {
        <CenteredShell title="Sign in" below=below.into_any()>
            {good_news()}
            <ProviderTrouble/>
            <Form action>
                <Watched by=refusal/>
                <Captcha/>
                {next.map(|next| view! { <Hidden name="next" value=next/> })}
                <Field name="email" label="E-mail">
                    <TextInput
                        kind="email"
                        autocomplete="username webauthn"
                        required=true
                        maxlength=254
                        autofocus=true
                        on_text=move |text| typed.set(text)
                    />
                </Field>
                <Field name="password" label="Password" aside=forgot.into_any()>
                    <PasswordInput autocomplete="current-password"/>
                </Field>
                <Checkbox
                    name="remember"
                    label="Stay signed in on this device"
                    hint="For 30 days, a week of them unused at most, instead of until the browser closes. Not on a device you share."
                />
                <SubmitButton pending_words="Signing in…">
                    "Sign in"
                </SubmitButton>
                <PasskeyButton ask=BY_PASSKEY>"Sign in with a passkey"</PasskeyButton>
            </Form>
            <ProviderDoors next=onward/>
            {move || (asked || refusal.saw(needs_letter)).then(|| letter(refusal, typed.get_untracked()))}
        </CenteredShell>
    }
}

/// What a letter's link has just brought about.
fn good_news() -> Option<AnyView> {
    let title = if parameter("verified").is_some() {
        "Your address is confirmed. Sign in to begin."
    } else if parameter("reset").is_some() {
        "Your password is set. Sign in with the new one."
    } else if parameter("moved").is_some() {
        words::MOVED
    } else if parameter("leaving").is_some() {
        words::LEAVING
    } else if parameter("known").is_some() {
        return Some(view! { <Banner tone=Tone::Info title=federation::KNOWN/> }.into_any());
    } else {
        return None;
    };
    Some(view! { <Banner tone=Tone::Good title/> }.into_any())
}

fn needs_letter(problem: &Problem) -> bool {
    matches!(problem.0, AppError::EmailNotVerified { .. })
}

fn letter(refusal: Watch, typed: String) -> AnyView {
    let email = Some(typed).filter(|typed| !typed.is_empty()).or_else(|| refusal.typed("email"));
    view! {
        <section class="grid grid-cols-1 gap-4" aria-label="A new letter">
            <p>{words::CONFIRM_FIRST}</p>
            <ResendLetter email/>
        </section>
    }
    .into_any()
}
