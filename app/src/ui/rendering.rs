//! What the parts look like to a screen reader and to the security policy, on the rendered text.

use std::collections::BTreeMap;

use domain::{AppError, FieldIssue};
use leptos::{context::Provider, prelude::*};

use super::{
    Checkbox, CodeBlock, ConfirmByTyping, Dialog, DialogLink, ErrorSummary, Field, FormState, Menu, OtpInput,
    PasswordInput, SubmitButton, TextInput, ThemeToggle,
};
use crate::error::Problem;

/// Renders once, as the server does, without the marks by which the browser finds its places again.
fn html<V: IntoView>(view: impl FnOnce() -> V) -> String {
    let owner = Owner::new();
    owner.with(|| view().into_view().to_html().replace("<!>", ""))
}

fn refused(errors: AppError, typed: &[(&str, &str)]) -> FormState {
    let typed = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    FormState::refused(Problem(errors), typed.collect::<BTreeMap<_, _>>())
}

#[test]
fn a_refused_field_is_marked_and_described_by_its_problem_and_its_hint() {
    let html = html(|| {
        let form = refused(AppError::invalid("email", FieldIssue::NotAnAddress), &[("email", "ada")]);
        view! {
            <Provider value=form>
                <Field name="email" label="E-mail address" hint="For letters.">
                    <TextInput kind="email"/>
                </Field>
            </Provider>
        }
    });
    assert!(html.contains(r#"aria-invalid="true""#), "{html}");
    assert!(html.contains(r#"aria-describedby="refused-email-error refused-email-hint""#), "{html}");
    assert!(html.contains(r#"<label for="refused-email""#), "{html}");
    assert!(html.contains(r#"value="ada""#), "what was typed is kept: {html}");
}

#[test]
fn a_field_at_rest_says_nothing_about_problems() {
    let html = html(|| {
        view! {
            <Field name="email" label="E-mail address">
                <TextInput/>
            </Field>
        }
    });
    assert!(!html.contains("aria-invalid") && !html.contains("aria-describedby"), "{html}");
}

#[test]
fn the_summary_is_an_alert_that_links_to_each_field() {
    let html = html(|| {
        let form = refused(AppError::invalid("display_name", FieldIssue::Required), &[]);
        view! {
            <Provider value=form>
                <ErrorSummary id="p"/>
            </Provider>
        }
    });
    assert!(html.contains(r#"role="alert""#) && html.contains(r#"tabindex="-1""#), "{html}");
    assert!(html.contains(r##"<a href="#refused-display_name""##), "{html}");
    assert!(html.contains(">Display name: Fill this in.</a>"), "{html}");
}

#[test]
fn the_summary_is_in_the_page_before_there_is_anything_to_say() {
    assert!(html(|| view! { <ErrorSummary id="p"/> }).contains(r#"role="alert""#));
}

#[test]
fn a_code_is_one_input_that_takes_the_telephones_suggestion() {
    let html = html(|| {
        view! {
            <Field name="code" label="Code">
                <OtpInput/>
            </Field>
        }
    });
    assert_eq!(html.matches("<input").count(), 1);
    assert!(
        html.contains(r#"autocomplete="one-time-code""#) && html.contains(r#"inputmode="numeric""#),
        "{html}"
    );
}

#[test]
fn a_password_is_never_filled_in_by_the_server() {
    let html = html(|| {
        let form = refused(AppError::WrongCredentials, &[("password", "hunter2")]);
        view! {
            <Provider value=form>
                <Field name="password" label="Password">
                    <PasswordInput autocomplete="current-password"/>
                </Field>
            </Provider>
        }
    });
    assert!(!html.contains("hunter2"), "{html}");
    assert!(html.contains(r#"type="password""#), "{html}");
}

#[test]
fn a_password_may_be_pasted_and_filled_in_by_a_manager() {
    let html = html(|| {
        view! {
            <Field name="password" label="Password">
                <PasswordInput autocomplete="new-password"/>
            </Field>
        }
    });
    assert!(html.contains(r#"autocomplete="new-password""#), "{html}");
    assert!(!html.contains("onpaste") && !html.contains("readonly"), "{html}");
}

#[test]
fn a_button_under_way_says_so_and_keeps_the_focus() {
    let html = html(|| {
        view! {
            <Provider value=FormState::waiting()>
                <SubmitButton pending_words="Saving…">"Save"</SubmitButton>
            </Provider>
        }
    });
    assert!(html.contains(r#"aria-disabled="true""#) && html.contains("Saving…"), "{html}");
    assert!(!html.contains(" disabled"), "{html}");
}

#[test]
fn a_dialog_opens_by_a_link_to_its_id() {
    let html = html(|| {
        view! {
            <DialogLink dialog="really">"Delete"</DialogLink>
            <Dialog id="really" title="Really?">
                <p>"It is gone then."</p>
            </Dialog>
        }
    });
    assert!(html.contains(r##"href="#really""##), "{html}");
    assert!(
        html.contains(r#"aria-labelledby="really-title""#) && html.contains(r#"id="really-title""#),
        "{html}"
    );
}

#[test]
fn no_part_writes_what_the_security_policy_forbids() {
    let html = html(|| {
        view! {
            <Checkbox name="remember" label="Stay signed in"/>
            <CodeBlock text="a" what="codes"/>
            <ConfirmByTyping name="confirm_slug" expected="a.b" action="Delete"/>
            <Menu id="m" button="More".into_any()>"x"</Menu>
            <ThemeToggle/>
        }
    });
    for forbidden in [" style=", " onclick=", " onsubmit=", "javascript:", "<noscript", "<script"] {
        assert!(!html.contains(forbidden), "{forbidden} in {html}");
    }
}
