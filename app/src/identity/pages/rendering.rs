//! What the doors look like on the server, before any wasm: the rules that a rendered text can prove.

use std::{collections::BTreeMap, sync::Once};

use any_spawner::{CustomExecutor, Executor, PinnedFuture, PinnedLocalFuture};
use domain::{
    AppError, FieldIssue,
    identity::captcha::{Challenge, Work},
};
use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{components::Router, location::RequestUrl};
use server_fn::ServerFn;

use super::{ForgotPasswordPage, SignInPage, VerifyEmailPage, register};
use crate::{
    flash::{Flash, Outcome},
    identity::api::{ForgotPassword, Register, SignIn, VerifyEmail},
    ui::FormAction,
};

/// Nobody answers what a page asks while it is drawn: what waits for an answer stays away.
struct NoAnswers;

impl CustomExecutor for NoAnswers {
    fn spawn(&self, _: PinnedFuture<()>) {}
    fn spawn_local(&self, _: PinnedLocalFuture<()>) {}
    fn poll_local(&self) {}
}

fn without_answers() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| Executor::init_custom_executor(NoAnswers).expect("no other executor"));
}

/// Renders a page as the server does for this address, perhaps right after a form was posted.
fn html<V: IntoView + 'static>(address: &str, flash: Option<Flash>, page: fn() -> V) -> String {
    without_answers();
    let mut request = http::Request::new(());
    if let Some(flash) = flash {
        request.extensions_mut().insert(flash);
    }
    let (parts, ()) = request.into_parts();
    let owner = Owner::new();
    owner.with(|| {
        provide_context(RequestUrl::new(address));
        provide_context(parts);
        provide_meta_context();
        view! { <Router>{page()}</Router> }.to_html()
    })
}

fn refused<S: ServerFn>(error: AppError, typed: &[(&str, &str)]) -> Flash {
    let values = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let values = values.collect::<BTreeMap<_, _>>();
    Flash { path: S::PATH.to_owned(), outcome: Outcome::Refused(error), values }
}

/// What the page shows once it knows that anybody may register.
fn register_form() -> AnyView {
    register::form(FormAction::new(), RwSignal::default(), None)
}

#[test]
fn a_forged_way_onward_is_not_put_into_the_form() {
    let forged = html("/login?next=%2F%2Fevil.example", None, SignInPage);
    assert!(!forged.contains("evil.example") && !forged.contains(r#"name="next""#), "{forged}");
    let ours = html("/login?next=%2Fsettings", None, SignInPage);
    assert!(ours.contains(r#"name="next""#) && ours.contains(r#"value="/settings""#), "{ours}");
}

#[test]
fn a_refusal_stands_beside_its_field_and_the_typed_address_is_kept() {
    let error = AppError::invalid("email", FieldIssue::NotAnAddress);
    let page = html("/register", Some(refused::<Register>(error, &[("email", "ada")])), register_form);
    assert!(page.contains(r#"aria-invalid="true""#), "{page}");
    assert!(page.contains("name@example.com") && page.contains(r#"value="ada""#), "{page}");
}

#[test]
fn the_refusal_of_one_form_is_not_shown_at_another() {
    let page = html("/login", Some(refused::<Register>(AppError::WrongCredentials, &[])), SignInPage);
    assert!(!page.contains("Address or password is wrong"), "{page}");
}

#[test]
fn who_has_not_confirmed_the_address_is_offered_a_new_letter() {
    let error = AppError::EmailNotVerified { resend: String::new() };
    let page = html("/login", Some(refused::<SignIn>(error, &[("email", "ada@example.com")])), SignInPage);
    assert!(page.contains("/api/v1/identity/resend-verification"), "{page}");
    let wrong = html("/login", Some(refused::<SignIn>(AppError::WrongCredentials, &[])), SignInPage);
    assert!(
        !wrong.contains("/api/v1/identity/resend-verification"),
        "a wrong password tells nothing: {wrong}"
    );
}

/// A refusal that asks for patience.
fn patience() -> AppError {
    AppError::CaptchaRequired {
        challenge: Challenge::ProofOfWork(Work {
            puzzle: "puzzle".into(),
            seed: "seed".into(),
            count: 16,
            bits: 12,
            expires_s: 300,
            wait_token: "the-ticket".into(),
            wait_s: 7,
        }),
    }
}

#[test]
fn a_page_without_wasm_comes_back_with_a_ticket_and_says_how_long_to_wait() {
    let (typed, ticket) = ([("email", "ada@example.com")], r#"name="captcha" value="the-ticket""#);
    for page in [
        html("/login", Some(refused::<SignIn>(patience(), &typed)), SignInPage),
        html("/register", Some(refused::<Register>(patience(), &typed)), register_form),
        html("/forgot-password", Some(refused::<ForgotPassword>(patience(), &typed)), ForgotPasswordPage),
    ] {
        assert!(page.contains(ticket), "{page}");
        assert!(page.contains("Too many tries came from your network. Try again in 7 seconds."), "{page}");
        assert!(page.contains("summary-calm") && page.contains(r#"value="ada@example.com""#), "{page}");
    }
    let wrong = html("/login", Some(refused::<SignIn>(AppError::WrongCredentials, &typed)), SignInPage);
    assert!(!wrong.contains(r#"name="captcha""#) && !wrong.contains("summary-calm"), "{wrong}");
}

#[test]
fn the_link_of_a_letter_opens_a_question_and_only_its_button_consumes_it() {
    let page = html("/verify-email?token=abc", None, VerifyEmailPage);
    assert!(page.contains(r#"name="token""#) && page.contains(r#"value="abc""#), "{page}");
    assert!(page.contains(VerifyEmail::PATH) && page.contains(r#"method="post""#), "{page}");
    let incomplete = html("/verify-email", None, VerifyEmailPage);
    assert!(incomplete.contains("/api/v1/identity/resend-verification"), "{incomplete}");
}
