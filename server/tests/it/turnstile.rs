//! Another site's captcha: what it has to say before it is believed, and that nobody is shut out by its absence.

use std::time::Duration;

use axum::http::StatusCode;
use domain::{Timestamp, platform::clock::Clock};
use futures::future::join_all;
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    captcha::{MEMBER, SIGN_IN, guessed_at, sign_in, solved, ticket_in},
    client::{Answer, Client},
    harness::{App, PASSWORD},
    verifier::{Fault, SECRET, SITE_KEY, Verifier, token},
};

/// How the operator names it; what the pages are told of it.
const KEYS: [(&str, &str); 3] = [
    ("GATEHOUSE_CAPTCHA_TURNSTILE_SITE_KEY", SITE_KEY),
    ("GATEHOUSE_CAPTCHA_TURNSTILE_SECRET", SECRET),
    ("GATEHOUSE_CAPTCHA_TURNSTILE_SCRIPT_URL", "https://captcha.example/api.js"),
];

fn now() -> Timestamp {
    Clock::system().now()
}

/// A server, what verifies its captchas, and somebody whose password was guessed at.
async fn suspected(db: PgPool) -> (App, Verifier, Client) {
    let now = now();
    let verifier = Verifier::start(now).await;
    let app = App::start_with(verifier.platform(db, now), &KEYS).await;
    let client = guessed_at(&app).await;
    (app, verifier, client)
}

/// What is asked of a try without any.
async fn challenge(client: &Client) -> Value {
    asked(&sign_in(client, None).await)
}

fn asked(answer: &Answer) -> Value {
    assert_eq!(answer.problem(), "captcha-required", "{}", answer.text());
    answer.json()["challenge"].clone()
}

async fn readiness(app: &App) -> Value {
    app.client().get("/readyz").await.json()
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn the_token_of_a_widget_lets_somebody_try_once(db: PgPool) {
    let (app, verifier, client) = suspected(db).await;
    let challenge = challenge(&client).await;
    assert_eq!((&challenge["kind"], &challenge["site_key"]), (&json!("turnstile"), &json!(SITE_KEY)));
    assert_eq!(challenge["script_url"], "https://captcha.example/api.js");
    let solution = token(&challenge, 1);
    let done = sign_in(&client, Some(&solution)).await;
    assert_eq!(done.json()["state"], "signed-in", "{}", done.text());
    let [question] = &verifier.asked()[..] else { panic!("one question: {:?}", verifier.asked()) };
    assert_eq!((question["secret"].as_str(), question["remoteip"].as_str()), (SECRET, "127.0.0.1"));
    assert!(question["response"].starts_with("gatehouse."), "{question:?}");
    assert!(question["idempotency_key"].parse::<uuid::Uuid>().is_ok(), "{question:?}");
    // Used here, so that nobody has to be asked; another token for the same question is no better.
    for used in [solution, token(&challenge, 2)] {
        asked(&sign_in(&app.client(), Some(&used)).await);
    }
    assert_eq!(verifier.asked().len(), 1);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn of_twenty_with_the_same_token_one_is_let_in(db: PgPool) {
    let (app, _verifier, client) = suspected(db).await;
    let solution = token(&challenge(&client).await, 1);
    let clients: Vec<_> = (0..20).map(|_| app.client()).collect();
    let tries = clients.iter().map(|client| sign_in(client, Some(&solution)));
    let answers = join_all(tries).await;
    let let_in = answers.iter().filter(|answer| answer.status == StatusCode::OK).count();
    assert_eq!(let_in, 1);
    assert!(
        answers.iter().filter(|it| it.status != StatusCode::OK).all(|it| it.problem() == "captcha-required")
    );
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_token_that_is_none_or_was_made_elsewhere_is_refused(db: PgPool) {
    let (app, verifier, client) = suspected(db).await;
    let wrong = [Fault::Unknown, Fault::OtherHost, Fault::OtherAction, Fault::OtherQuestion, Fault::Old];
    for (number, fault) in (1..).zip(wrong) {
        verifier.break_by(fault);
        let solution = token(&challenge(&client).await, number);
        let again = asked(&sign_in(&client, Some(&solution)).await);
        assert_eq!(again["kind"], "turnstile", "{fault:?}: it is not away");
        // What was refused once is refused, whatever would be said of it now.
        verifier.break_by(Fault::None);
        asked(&sign_in(&client, Some(&solution)).await);
        assert_eq!(verifier.asked().len(), usize::try_from(number).expect("small"), "{fault:?}");
    }
    assert_eq!(readiness(&app).await["captcha"], "turnstile");
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn nonsense_is_not_worth_a_question(db: PgPool) {
    let (_app, verifier, client) = suspected(db).await;
    let challenge = challenge(&client).await;
    let puzzle = challenge["puzzle"].as_str().expect("a text");
    let long = "a".repeat(2049);
    for nonsense in ["", "é", "a b", "a&secret=b", "a\r\nb", "a%00", &long] {
        asked(&sign_in(&client, Some(&format!("{puzzle}.{nonsense}"))).await);
    }
    for forged in [token(&challenge, 1).replacen('A', "B", 1), puzzle.to_owned(), format!("x{puzzle}.token")]
    {
        asked(&sign_in(&client, Some(&forged)).await);
    }
    assert_eq!(verifier.asked().len(), 0);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn whoever_was_asked_when_it_went_away_is_asked_for_work_instead(db: PgPool) {
    goes_away(db, &[Fault::Slow, Fault::Down]).await;
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn what_answers_nonsense_is_away(db: PgPool) {
    goes_away(db, &[Fault::Garbage, Fault::Huge, Fault::NoSecret]).await;
}

/// A few faults one after the other: after five minutes one of the guesses would be forgotten.
async fn goes_away(db: PgPool, faults: &[Fault]) {
    let (app, verifier, client) = suspected(db).await;
    for (number, fault) in (1..).zip(faults.iter().copied()) {
        assert_eq!(readiness(&app).await["degraded"], false, "{fault:?}");
        verifier.break_by(fault);
        let before = challenge(&client).await;
        let instead = asked(&sign_in(&client, Some(&token(&before, number))).await);
        assert_eq!(instead["kind"], "proof-of-work", "{fault:?}");
        let ready = readiness(&app).await;
        assert_eq!(
            (&ready["ready"], &ready["degraded"], &ready["captcha"]),
            (&json!(true), &json!(true), &json!("proof-of-work, turnstile is away"))
        );
        // Nobody asks it meanwhile, and the work lets in.
        let count = verifier.asked().len();
        asked(&sign_in(&client, Some(&token(&before, number))).await);
        assert_eq!(verifier.asked().len(), count, "{fault:?}");
        let done = sign_in(&app.client(), Some(&solved(&instead))).await;
        assert_eq!(done.json()["state"], "signed-in", "{fault:?}: {}", done.text());
        // After a minute it is tried again.
        verifier.break_by(Fault::None);
        app.platform.clock().advance(Duration::from_mins(1));
        verifier.is_at(app.platform.now());
        assert_eq!(challenge(&client).await["kind"], "turnstile", "{fault:?}");
    }
    let done = sign_in(&client, Some(&token(&challenge(&client).await, 99))).await;
    assert_eq!(done.json()["state"], "signed-in", "{}", done.text());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn where_nobody_listens_work_is_asked_after_the_first_token(db: PgPool) {
    let app = App::start_with(Verifier::nobody(db, now()), &KEYS).await;
    let client = guessed_at(&app).await;
    let first = challenge(&client).await;
    assert_eq!(first["kind"], "turnstile");
    let instead = asked(&sign_in(&client, Some(&token(&first, 1))).await);
    assert_eq!(instead["kind"], "proof-of-work");
    assert_eq!(app.client().get("/api/v1/identity/captcha").await.json()["kind"], "proof-of-work");
    let done = sign_in(&client, Some(&solved(&instead))).await;
    assert_eq!(done.json()["state"], "signed-in", "{}", done.text());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_page_without_wasm_waits_as_it_does_without_a_widget(db: PgPool) {
    let (app, verifier, client) = suspected(db).await;
    let fields = [("email", MEMBER), ("password", PASSWORD)];
    client.submit(SIGN_IN, "/login", &fields).await;
    let page = client.get("/login").await.text();
    assert!(page.contains("Too many tries came from your network. Try again in 10 seconds."), "{page}");
    assert!(page.contains(MEMBER) && !page.contains("src=\"https://captcha.example"), "{page}");
    let ticket = ticket_in(&page);
    app.platform.clock().advance(Duration::from_secs(10));
    let fields = [("email", MEMBER), ("password", PASSWORD), ("captcha", &*ticket)];
    let done = client.submit(SIGN_IN, "/login", &fields).await;
    assert_eq!(done.header("location"), "/", "{}", done.text());
    assert_eq!(verifier.asked().len(), 0);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn only_a_site_that_chose_it_lets_its_program_and_its_frame_in(db: PgPool) {
    let plain = App::start(db.clone()).await;
    let without = plain.client().get("/login").await.header("content-security-policy").to_owned();
    assert!(!without.contains("frame-src") && !without.contains("http"), "{without}");
    let app = App::start_with(Verifier::nobody(db, now()), &KEYS).await;
    let with = app.client().get("/login").await.header("content-security-policy").to_owned();
    // Nothing else is loosened: without the two it is the policy of every other site.
    let nonce = |policy: &str| policy.split('\'').find(|part| part.starts_with("nonce-")).map(str::to_owned);
    let (ours, theirs) = (nonce(&with).expect("a nonce"), nonce(&without).expect("a nonce"));
    let rest = with
        .replace("'wasm-unsafe-eval' https://captcha.example;", "'wasm-unsafe-eval';")
        .replace("frame-src 'self' https://captcha.example; ", "")
        .replace(&ours, &theirs);
    assert_ne!(rest, with);
    assert_eq!(rest, without);
}
