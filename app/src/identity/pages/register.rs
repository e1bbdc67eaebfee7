//! `/register`: opens an account.

use domain::identity::{Registering, RegistrationNotice};
use leptos::prelude::*;

use crate::{
    federation::parts::ProviderDoors,
    flash::use_answer_of,
    identity::{
        api::{Register, registration},
        parts::{CheckYourMail, NewPasswordField, letter_was_asked},
        words,
    },
    ui::{
        Captcha, CenteredShell, Field, Form, FormAction, Hidden, LinkButton, Skeleton, SubmitButton,
        TextInput, browser, parameter,
    },
};

const TITLE: &str = "Create an account";

/// The form, and after it the page that says to look into the mail.
#[component]
pub fn RegisterPage() -> impl IntoView {
    let action = FormAction::<Register>::new();
    let answered = use_answer_of::<Register>().is_some() | letter_was_asked();
    let typed = RwSignal::new(String::new());
    let is_done =
        Memo::new(move |_| action.value().with(|value| value.as_ref().map_or(answered, Result::is_ok)));
    Effect::new(move |before: Option<bool>| {
        let now = is_done.get();
        if before == Some(false) && now {
            browser::focus_heading_if_lost();
        }
        now
    });
    let invitation = StoredValue::new(parameter("invitation"));
    let is_invited = invitation.with_value(Option::is_some);
    let notice = Resource::new(|| (), |()| registration());
    let page = move || {
        if is_done.get() {
            let email = Some(typed.get_untracked()).filter(|email| !email.is_empty());
            view! { <CheckYourMail email/> }.into_any()
        } else {
            form(action, typed, invitation.get_value())
        }
    };
    view! {
        <Suspense strict=true fallback=waiting>
            {move || Suspend::new(async move {
                match notice.await {
                    Ok(RegistrationNotice { registration: Registering::Closed }) => closed(),
                    Ok(RegistrationNotice { registration: Registering::Invited }) if !is_invited => by_invitation(),
                    // What could not be found out is said when the form is sent.
                    _ => page.into_any(),
                }
            })}
        </Suspense>
    }
}

fn waiting() -> AnyView {
    view! {
        <CenteredShell title=TITLE>
            <Skeleton lines=6/>
        </CenteredShell>
    }
    .into_any()
}

fn closed() -> AnyView {
    view! {
        <CenteredShell title="No new accounts" lead=words::REGISTER_CLOSED>
            <LinkButton href="/login">"Sign in"</LinkButton>
        </CenteredShell>
    }
    .into_any()
}

fn by_invitation() -> AnyView {
    view! {
        <CenteredShell title="By invitation" lead=words::REGISTER_BY_INVITATION>
            <LinkButton href="/login">"Sign in"</LinkButton>
            <ProviderDoors/>
        </CenteredShell>
    }
    .into_any()
}

pub(super) fn form(
    action: FormAction<Register>,
    typed: RwSignal<String>,
    invitation: Option<String>,
) -> AnyView {
    let below = view! {
        <p>"Have an account? " <a href="/login">"Sign in"</a></p>
    };
    view! {
        <CenteredShell title=TITLE lead=words::REGISTER_LEAD below=below.into_any()>
            <Form action>
                <Captcha/>
                {invitation.map(|value| view! { <Hidden name="invitation" value/> })}
                <Field name="display_name" label="Display name (optional)" hint=words::DISPLAY_NAME_HINT>
                    <TextInput autocomplete="name" maxlength=100/>
                </Field>
                <Field name="email" label="E-mail">
                    <TextInput
                        kind="email"
                        autocomplete="username"
                        required=true
                        maxlength=254
                        on_text=move |text| typed.set(text)
                    />
                </Field>
                <NewPasswordField/>
                <SubmitButton pending_words="Creating your account…">
                    "Create account"
                </SubmitButton>
            </Form>
            <ProviderDoors/>
        </CenteredShell>
    }
    .into_any()
}
