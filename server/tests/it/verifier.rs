//! What verifies the tokens of a captcha of another site, on a port of its own, with every fault that can befall it.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Form, Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::post,
};
use domain::{
    Timestamp,
    platform::{
        Platform,
        limiter::Limiter,
        outbound::Outbound,
        testing,
        turnstile::{Turnstile, TurnstileSettings},
    },
};
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::net::TcpListener;
use url::Url;

/// Who the site is to it, and how it proves that.
pub(crate) const SITE_KEY: &str = "0x4AAAAAAA-site";
pub(crate) const SECRET: &str = "canary secret of a captcha";
/// The host it makes tokens for.
pub(crate) const HOST: &str = "127.0.0.1";
/// How long the site waits for it in tests.
const PATIENCE: Duration = Duration::from_millis(400);

/// What is wrong with it, or with a token.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fault {
    #[default]
    None,
    /// It knows nothing of the token.
    Unknown,
    /// The token was made on a page of another host.
    OtherHost,
    /// The token was made by another widget.
    OtherAction,
    /// The token was made for another question.
    OtherQuestion,
    /// The token was made ten minutes ago.
    Old,
    /// It does not know our secret.
    NoSecret,
    /// It takes its time.
    Slow,
    /// It is out of order.
    Down,
    /// What it says cannot be read.
    Garbage,
    /// What it says does not end.
    Huge,
}

/// The verifier. Stops with its test.
#[derive(Clone)]
pub(crate) struct Verifier {
    url: Url,
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    now: Timestamp,
    fault: Fault,
    asked: Vec<BTreeMap<String, String>>,
}

impl Verifier {
    /// Starts one that thinks it is `now`.
    pub(crate) async fn start(now: Timestamp) -> Self {
        let listener = TcpListener::bind((HOST, 0)).await.expect("a free port");
        let url = format!("http://{}/siteverify", listener.local_addr().expect("an address"));
        let inner = Arc::new(Mutex::new(Inner { now, fault: Fault::None, asked: Vec::new() }));
        let router = Router::new().route("/siteverify", post(verify)).with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url: Url::parse(&url).expect("an address"), inner }
    }

    /// A platform that asks it, with wide limits.
    pub(crate) fn platform(&self, db: PgPool, now: Timestamp) -> Platform {
        Self::asked_at(self.url.clone(), db, now)
    }

    /// The same where nobody listens.
    pub(crate) fn nobody(db: PgPool, now: Timestamp) -> Platform {
        // Port 1 belongs to nobody, so that the connection is refused at once.
        Self::asked_at(Url::parse("http://127.0.0.1:1/siteverify").expect("an address"), db, now)
    }

    fn asked_at(verify_url: Url, db: PgPool, now: Timestamp) -> Platform {
        let mut parts = testing::parts(db, now);
        parts.limiter = Limiter::new(parts.redis.clone(), parts.clock.clone(), 100);
        let settings = TurnstileSettings {
            site_key: SITE_KEY.into(),
            secret: SECRET.to_owned().into(),
            script_url: Url::parse("https://captcha.example/api.js").expect("an address"),
            verify_url,
            hostname: HOST.into(),
        };
        parts.turnstile = Turnstile::new(settings, Outbound::new(PATIENCE));
        Platform::new(parts)
    }

    pub(crate) fn break_by(&self, fault: Fault) {
        self.inner.lock().expect("whole").fault = fault;
    }

    /// Goes on with the clock of the site.
    pub(crate) fn is_at(&self, now: Timestamp) {
        self.inner.lock().expect("whole").now = now;
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<BTreeMap<String, String>> {
        self.inner.lock().expect("whole").asked.clone()
    }
}

/// The token that the widget makes for a challenge: what it was told, and a number, because each is another.
pub(crate) fn token(challenge: &Value, number: u32) -> String {
    let text = |name: &str| challenge[name].as_str().expect("a text").to_owned();
    format!("{}.{}.{}.{number}", text("puzzle"), text("action"), text("cdata"))
}

async fn verify(
    State(inner): State<Arc<Mutex<Inner>>>,
    Form(fields): Form<BTreeMap<String, String>>,
) -> Response {
    let (now, fault) = {
        let mut inner = inner.lock().expect("whole");
        inner.asked.push(fields.clone());
        (inner.now, inner.fault)
    };
    match fault {
        Fault::Slow => tokio::time::sleep(PATIENCE * 3).await,
        Fault::Down => return StatusCode::INTERNAL_SERVER_ERROR.into_response(),
        Fault::Garbage => return "<html>yes</html>".into_response(),
        Fault::Huge => {
            return format!("{{\"success\": true, \"x\": \"{}\"}}", "a".repeat(300_000)).into_response();
        }
        Fault::NoSecret => return refused("invalid-input-secret"),
        Fault::Unknown => return refused("invalid-input-response"),
        _ => {}
    }
    let mut parts = fields["response"].split('.');
    let (action, cdata) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let or = |wrong: Fault, text: &str| if fault == wrong { "other".to_owned() } else { text.to_owned() };
    let age = Duration::from_secs(if fault == Fault::Old { 600 } else { 2 });
    Json(json!({
        "success": true,
        "error-codes": [],
        "challenge_ts": (now - age).rfc3339(),
        "hostname": or(Fault::OtherHost, HOST),
        "action": or(Fault::OtherAction, action),
        "cdata": or(Fault::OtherQuestion, cdata),
    }))
    .into_response()
}

fn refused(code: &str) -> Response {
    Json(json!({ "success": false, "error-codes": [code], "messages": [] })).into_response()
}
