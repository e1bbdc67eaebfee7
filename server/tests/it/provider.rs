//! A sign-in provider on a port of its own: OpenID Connect and what GitHub speaks, over real HTTP, with every fault that
//! somebody could build into it.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Form, Json, Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD, Engine as _};
use domain::{
    Timestamp,
    platform::{
        Platform,
        outbound::Outbound,
        providers::{ProviderKind, ProviderSettings, Providers},
        signing::SigningKey,
        testing,
    },
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sqlx::PgPool;
use tokio::net::TcpListener;
use url::Url;

/// Who the site is to the provider.
pub(crate) const CLIENT: &str = "gate/1";
/// How it proves that; both have signs that are written otherwise in a header.
pub(crate) const SECRET: &str = "canary +secret%";
/// How long the site waits for it in tests.
const PATIENCE: Duration = Duration::from_millis(500);

/// What is wrong with the provider.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Fault {
    #[default]
    None,
    /// The ID token is not signed and says so.
    Unsigned,
    /// The ID token is signed by HMAC with the public key.
    Symmetric,
    /// The ID token is signed by a key that is published nowhere.
    ForeignKey,
    /// The list of keys never ends.
    HugeKeys,
    /// The token endpoint takes its time.
    Slow,
    /// The token endpoint sends us elsewhere.
    RedirectsTokens,
    /// The configuration names a token endpoint on another host.
    LeadsElsewhere,
    /// It is out of order.
    Down,
}

/// The provider. Stops with its test.
#[derive(Clone)]
pub(crate) struct Foreign {
    pub(crate) issuer: String,
    inner: Arc<Inner>,
}

struct Inner {
    issuer: String,
    now: Timestamp,
    key: Mutex<(String, SigningKey)>,
    fault: Mutex<Fault>,
    /// What the ID token says besides, or instead.
    claims: Mutex<Value>,
    /// What the configuration says besides, or instead.
    configuration: Mutex<Value>,
    /// The one who is signed in there.
    person: Mutex<Value>,
    /// GitHub's list of addresses.
    emails: Mutex<Value>,
    codes: Mutex<BTreeMap<String, BTreeMap<String, String>>>,
    keys_read: AtomicUsize,
}

impl Foreign {
    /// Starts one that thinks it is `now`.
    pub(crate) async fn start(now: Timestamp) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let inner = Arc::new(Inner {
            issuer: issuer.clone(),
            now,
            key: Mutex::new(("first".into(), key())),
            fault: Mutex::default(),
            claims: Mutex::new(json!({})),
            configuration: Mutex::new(json!({})),
            person: Mutex::new(person("ann")),
            emails: Mutex::new(json!([])),
            codes: Mutex::default(),
            keys_read: AtomicUsize::new(0),
        });
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/keys", get(keys))
            .route("/token", post(token))
            .route("/login/oauth/access_token", post(token))
            .route("/userinfo", get(userinfo))
            .route("/api/v3/user", get(github_user))
            .route("/api/v3/user/emails", get(github_emails))
            .with_state(Arc::clone(&inner));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { issuer, inner }
    }

    /// How the operator names it.
    pub(crate) fn settings(&self, id: &str, kind: ProviderKind) -> ProviderSettings {
        ProviderSettings::standard(id, kind, &self.issuer, CLIENT, SECRET.to_owned().into())
    }

    /// A platform with these providers and wide limits.
    pub(crate) fn platform(db: PgPool, now: Timestamp, settings: Vec<ProviderSettings>) -> Platform {
        let mut parts = testing::parts(db, now);
        parts.limiter =
            domain::platform::limiter::Limiter::new(parts.redis.clone(), parts.clock.clone(), 100);
        parts.providers = Providers::new(settings, &Outbound::new(PATIENCE));
        Platform::new(parts)
    }

    pub(crate) fn break_by(&self, fault: Fault) {
        *self.inner.fault.lock().expect("whole") = fault;
    }

    /// Puts these claims over those of the next ID tokens.
    pub(crate) fn claim(&self, claims: Value) {
        *self.inner.claims.lock().expect("whole") = claims;
    }

    /// Puts these over what the configuration says.
    pub(crate) fn configure(&self, configuration: Value) {
        *self.inner.configuration.lock().expect("whole") = configuration;
    }

    /// Somebody else signs in there from now on.
    pub(crate) fn is_now(&self, person: Value) {
        *self.inner.person.lock().expect("whole") = person;
    }

    pub(crate) fn has_emails(&self, emails: Value) {
        *self.inner.emails.lock().expect("whole") = emails;
    }

    /// Signs by a new key from now on, and publishes only that.
    pub(crate) fn change_key(&self, id: &str) {
        *self.inner.key.lock().expect("whole") = (id.into(), key());
    }

    /// How often the keys were read.
    pub(crate) fn keys_read(&self) -> usize {
        self.inner.keys_read.load(Ordering::Relaxed)
    }

    /// The person agrees at the address they were sent to; answers what they are sent back with.
    pub(crate) fn agree(&self, address: &str) -> BTreeMap<String, String> {
        let url = Url::parse(address).expect("an address");
        let asked: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
        assert_eq!(asked["client_id"], CLIENT);
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["code_challenge_method"], "S256");
        let mut codes = self.inner.codes.lock().expect("whole");
        let code = format!("code-{}", codes.len());
        let state = asked["state"].clone();
        codes.insert(code.clone(), asked);
        [("code", code), ("state", state)].map(|(name, value)| (name.to_owned(), value)).into()
    }
}

/// Somebody with a confirmed address.
pub(crate) fn person(name: &str) -> Value {
    json!({ "sub": name, "email": format!("{name}@example.com"), "email_verified": true, "name": name })
}

fn key() -> SigningKey {
    SigningKey::from_pkcs8(&SigningKey::generate().expect("generates")).expect("reads")
}

impl Inner {
    fn fault(&self) -> Fault {
        *self.fault.lock().expect("whole")
    }

    fn jwk(&self) -> Value {
        let (id, key) = &*self.key.lock().expect("whole");
        let public = key.public().expect("a point");
        let [x, y] = [public.x, public.y].map(|part| BASE64_URL_SAFE_NO_PAD.encode(part));
        json!({ "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": id, "x": x, "y": y })
    }

    fn id_token(&self, asked: &BTreeMap<String, String>) -> String {
        let now = self.now.unix_seconds();
        let mut claims = self.person.lock().expect("whole").clone();
        put(
            &mut claims,
            &json!({ "iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked.get("nonce") }),
        );
        // Core 1.0 §3.1.2.1: whoever is asked for an age says when it was.
        if asked.contains_key("max_age") {
            claims["auth_time"] = now.into();
        }
        put(&mut claims, &self.claims.lock().expect("whole"));
        let (id, ours) = &*self.key.lock().expect("whole");
        let encode = |part: &Value| BASE64_URL_SAFE_NO_PAD.encode(part.to_string());
        let message =
            |alg: &str| format!("{}.{}", encode(&json!({ "alg": alg, "kid": id })), encode(&claims));
        let signed = |alg: &str, key: &SigningKey| {
            let message = message(alg);
            let signature = key.sign(message.as_bytes()).expect("signs");
            format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
        };
        match self.fault() {
            Fault::Unsigned => format!("{}.", message("none")),
            Fault::Symmetric => {
                let public = ours.public().expect("a point");
                let secret = [&[4][..], &public.x, &public.y].concat();
                let message = message("HS256");
                let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &secret);
                let signature = ring::hmac::sign(&key, message.as_bytes());
                format!("{message}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
            }
            Fault::ForeignKey => signed("ES256", &key()),
            _ => signed("ES256", ours),
        }
    }
}

fn put(over: &mut Value, these: &Value) {
    for (name, value) in these.as_object().expect("an object") {
        over[name] = value.clone();
    }
}

async fn configuration(State(inner): State<Arc<Inner>>) -> Response {
    if inner.fault() == Fault::Down {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let at = |path: &str| format!("{}{path}", inner.issuer);
    let mut document = json!({
        "issuer": inner.issuer, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
        "jwks_uri": at("/keys"), "userinfo_endpoint": at("/userinfo"),
    });
    if inner.fault() == Fault::LeadsElsewhere {
        document["token_endpoint"] = "http://127.0.0.1:9/token".into();
    }
    put(&mut document, &inner.configuration.lock().expect("whole"));
    Json(document).into_response()
}

async fn keys(State(inner): State<Arc<Inner>>) -> Response {
    inner.keys_read.fetch_add(1, Ordering::Relaxed);
    if inner.fault() == Fault::HugeKeys {
        return format!("{{\"keys\": [{}", "{},".repeat(1 << 20)).into_response();
    }
    Json(json!({ "keys": [inner.jwk()] })).into_response()
}

async fn token(
    State(inner): State<Arc<Inner>>,
    headers: HeaderMap,
    Form(form): Form<BTreeMap<String, String>>,
) -> Response {
    match inner.fault() {
        Fault::Slow => tokio::time::sleep(PATIENCE * 3).await,
        Fault::RedirectsTokens => return Redirect::temporary("/userinfo").into_response(),
        _ => {}
    }
    let refused = |why: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": why }))).into_response();
    if !is_the_site(&headers, &form) {
        return refused("invalid_client");
    }
    // A code is good once.
    let Some(asked) = inner.codes.lock().expect("whole").remove(&form["code"]) else {
        return refused("invalid_grant");
    };
    let Some(verifier) = form.get("code_verifier") else { return refused("invalid_grant") };
    let challenge = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
    if challenge != asked["code_challenge"] || form["redirect_uri"] != asked["redirect_uri"] {
        return refused("invalid_grant");
    }
    let id_token = inner.id_token(&asked);
    Json(json!({ "access_token": "access", "token_type": "bearer", "id_token": id_token })).into_response()
}

/// By the header as RFC 6749 §2.3.1 has it, or in the form.
fn is_the_site(headers: &HeaderMap, form: &BTreeMap<String, String>) -> bool {
    let encoded = |text: &str| url::form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let expected = BASE64_STANDARD.encode(format!("{}:{}", encoded(CLIENT), encoded(SECRET)));
    let shown = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let in_form = form.get("client_id").is_some_and(|id| id == CLIENT)
        && form.get("client_secret").is_some_and(|secret| secret == SECRET);
    shown == Some(&format!("Basic {expected}")) || in_form
}

fn has_token(headers: &HeaderMap) -> bool {
    headers.get(header::AUTHORIZATION).is_some_and(|value| value == "Bearer access")
}

async fn userinfo(State(inner): State<Arc<Inner>>, headers: HeaderMap) -> Response {
    if !has_token(&headers) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    Json(inner.person.lock().expect("whole").clone()).into_response()
}

async fn github_user(headers: HeaderMap) -> Response {
    if !has_token(&headers) || !headers.contains_key(header::USER_AGENT) {
        return StatusCode::FORBIDDEN.into_response();
    }
    Json(json!({ "id": 42, "login": "ann", "name": null })).into_response()
}

async fn github_emails(State(inner): State<Arc<Inner>>, headers: HeaderMap) -> Response {
    if !has_token(&headers) {
        return StatusCode::FORBIDDEN.into_response();
    }
    Json(inner.emails.lock().expect("whole").clone()).into_response()
}
