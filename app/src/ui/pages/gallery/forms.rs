//! The gallery's fields: at rest, filled, refused.

use std::collections::BTreeMap;

use domain::{AppError, FieldIssue, FieldProblem};
use leptos::{context::Provider, prelude::*};

use crate::{
    error::Problem,
    ui::{
        Card, Checkbox, ConfirmByTyping, ErrorSummary, Field, FormState, OtpInput, PasswordInput, Select,
        Strength, SubmitButton, TextInput,
    },
};

/// The fields.
#[component]
pub fn Forms() -> impl IntoView {
    view! {
        <div class="gallery-pair" id="forms">
            <Card title="A form at rest">
                <form class="form" action="#" method="get">
                    <Fields/>
                </form>
            </Card>
            <Card title="A form that was refused">
                <form class="form" action="#" method="get">
                    <Provider value=refused()>
                        <ErrorSummary id="refused-problem"/>
                        <Fields/>
                    </Provider>
                </form>
            </Card>
        </div>
        <Card title="Deleting something" lead="This cannot be undone.">
            <form class="form" action="#" method="get">
                <ConfirmByTyping name="confirm_slug" expected="analytical-engines" action="Delete organization"/>
            </form>
        </Card>
    }
    .into_any()
}

#[component]
fn Fields() -> impl IntoView {
    let forgotten = view! { <a href="/forgot-password">"Forgotten?"</a> }.into_any();
    view! {
        <Field name="email" label="E-mail address" hint="We write only when something happens to your account.">
            <TextInput kind="email" autocomplete="username" placeholder="name@example.com" required=true/>
        </Field>
        <Field name="password" label="Password" aside=forgotten>
            <PasswordInput autocomplete="new-password" minlength=12 measure=by_length/>
        </Field>
        <Field name="code" label="Code" hint="Six digits from your authenticator.">
            <OtpInput/>
        </Field>
        <Field name="role" label="Role">
            <Select options=roles() value="USER"/>
        </Field>
        <Checkbox name="remember" label="Stay signed in" hint="For 30 days on this device." checked=true/>
        <SubmitButton>"Save changes"</SubmitButton>
    }
}

fn roles() -> Vec<(String, String)> {
    [("USER", "Member"), ("SUPPORT", "Support"), ("ADMIN", "Administrator")]
        .map(|(value, words)| (value.into(), words.into()))
        .into()
}

fn refused() -> FormState {
    let errors = vec![
        FieldProblem::new("email", FieldIssue::NotAnAddress),
        FieldProblem::new("code", FieldIssue::Required),
    ];
    let typed = BTreeMap::from([("email".to_owned(), "ada.example.com".to_owned())]);
    FormState::refused(Problem(AppError::InvalidInput { errors }), typed)
}

/// Not the real rule, which belongs to a room: enough to see the meter move.
fn by_length(password: &str) -> Strength {
    match password.chars().count() {
        0..8 => Strength { score: 0, words: "Too short" },
        8..12 => Strength { score: 1, words: "Weak" },
        12..16 => Strength { score: 3, words: "Good" },
        _ => Strength { score: 4, words: "Strong" },
    }
}
