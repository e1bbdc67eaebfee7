//! Starts the server on a free port with the database of the test, and plays a person: registers, reads the letter,
//! confirms, signs in.

use std::{net::SocketAddr, path::PathBuf, sync::OnceLock, time::Duration};

use domain::identity::service::answer_letter_requests_once;
use domain::platform::{
    Platform,
    clock::Clock,
    letters::{Sender, deliver, folder::Folder},
    limiter::Limiter,
    testing,
};
use leptos_axum::AxumRouteListing;
use serde_json::json;
use server::{
    boot,
    config::Config,
    listen::{self, Ending, Limits},
    router::{self, Access},
    state::AppState,
};
use sqlx::PgPool;
use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use crate::client::{Answer, Client};

/// Not among the most used, and nobody's.
pub(crate) const PASSWORD: &str = "correct horse battery 7";

/// A running server. Stops when it is dropped.
pub(crate) struct App {
    pub(crate) address: SocketAddr,
    pub(crate) platform: Platform,
    pub(crate) state: AppState,
    pub(crate) mail: PathBuf,
    stop: CancellationToken,
    _serving: JoinHandle<()>,
    _folder: TempDir,
}

impl App {
    /// The server as a developer runs it: wide limits, and a clock that stands still.
    pub(crate) async fn start(db: PgPool) -> Self {
        Self::start_with(wide(db), &[]).await
    }

    /// The same with the limits of production.
    pub(crate) async fn start_strict(db: PgPool) -> Self {
        Self::start_with(testing::platform(db), &[]).await
    }

    /// The same without the gate in front of the endpoints, as they are called during server rendering.
    pub(crate) async fn start_without_gate(db: PgPool) -> Self {
        Self::start_as(wide(db), &[], Access::ByEndpoints).await
    }

    /// The same with other parts or keys: `("GATEHOUSE_HTTP_BODY_TIMEOUT", "1s")`.
    pub(crate) async fn start_with(platform: Platform, variables: &[(&str, &str)]) -> Self {
        Self::start_as(platform, variables, Access::Twice).await
    }

    /// The same with a choice of what decides.
    pub(crate) async fn start_as(platform: Platform, variables: &[(&str, &str)], access: Access) -> Self {
        let folder = TempDir::new().expect("a folder");
        let mail = folder.path().join("mail");
        let config = config(&mail, variables);
        let limits = Limits::of(&config.http);
        let state = boot::state(config, platform.clone()).expect("declared endpoints are registered");
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let stop = CancellationToken::new();
        let router = router::router_with(state.clone(), pages(), access);
        let serving = tokio::spawn(listen::serve(listener, router, limits, ending(&stop)));
        Self { address, platform, state, mail, stop, _serving: serving, _folder: folder }
    }

    /// A browser of its own.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.address)
    }

    /// Delivers what waits and reads the newest letter to this address, as it lies in the folder.
    pub(crate) async fn letter_to(&self, address: &str) -> String {
        let sender = Sender::parse("Gatehouse <gate@example.com>").expect("valid");
        answer_letter_requests_once(&self.platform).await.expect("answers");
        deliver::run_once(&self.platform, &Folder::new(self.mail.clone(), sender)).await.expect("delivers");
        // The clock stands still: letters of one millisecond would have no order.
        self.platform.clock().advance(Duration::from_millis(1));
        let mut names: Vec<PathBuf> = std::fs::read_dir(&self.mail)
            .expect("letters")
            .map(|entry| entry.expect("entry").path())
            .filter(|path| path.extension().is_some_and(|end| end == "eml"))
            .collect();
        names.sort();
        let letters = names.iter().rev().map(|path| std::fs::read_to_string(path).expect("letter"));
        let line = format!("To: {address}\r\n");
        letters.into_iter().find(|letter| letter.contains(&line)).expect("a letter to this address")
    }

    /// The token in the link of the newest letter to this address.
    pub(crate) async fn token_for(&self, address: &str) -> String {
        let letter = self.letter_to(address).await;
        let rest = letter.split("token=").nth(1).expect("a link with a token");
        rest.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect()
    }

    /// Somebody with a confirmed address and a session.
    pub(crate) async fn member(&self, email: &str) -> Client {
        let client = self.client();
        let typed = json!({ "email": email, "password": PASSWORD });
        expect_done(&client.post("/api/v1/identity/register", &typed).await);
        let token = self.token_for(email).await;
        expect_done(&client.post("/api/v1/identity/verify-email", &json!({ "token": token })).await);
        expect_done(&client.post("/api/v1/identity/sign-in", &typed).await);
        assert!(client.cookie("__Host-gate").is_some(), "a session");
        client
    }
}

impl App {
    /// A member who runs the site.
    pub(crate) async fn administrator(&self, db: &PgPool, email: &str) -> Client {
        let member = self.member(email).await;
        let raise = format!("UPDATE users SET roles = '{{ADMIN,USER}}' WHERE email = '{email}'");
        sqlx::raw_sql(sqlx::AssertSqlSafe(raise)).execute(db).await.expect("a role");
        member
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A second for what is under way when the token is cancelled.
pub(crate) fn ending(stop: &CancellationToken) -> Ending {
    Ending { stop: stop.clone(), drain: Duration::from_secs(1), cut: CancellationToken::new() }
}

/// A platform whose limits are those of development, so that a test may call as often as it needs.
pub(crate) fn wide(db: PgPool) -> Platform {
    let mut parts = testing::parts(db, Clock::system().now());
    parts.limiter = Limiter::new(parts.redis.clone(), parts.clock.clone(), 100);
    Platform::new(parts)
}

/// Panics with the answer unless it is a success.
pub(crate) fn expect_done(answer: &Answer) {
    assert!(answer.status.is_success(), "{}: {}", answer.status, answer.text());
}

/// Listing pages while a request is served would leave its resources waiting for ever, so it happens once.
fn pages() -> Vec<AxumRouteListing> {
    static PAGES: OnceLock<Vec<AxumRouteListing>> = OnceLock::new();
    PAGES.get_or_init(router::pages).clone()
}

fn config(mail: &std::path::Path, variables: &[(&str, &str)]) -> Config {
    let fixed = [
        ("GATEHOUSE_PROFILE", "development"),
        ("GATEHOUSE_HTTP_SITE_ROOT", "/nonexistent"),
        ("GATEHOUSE_DATABASE_URL", "postgres://unused"),
        ("GATEHOUSE_MAIL_FOLDER", mail.to_str().expect("a plain path")),
    ];
    let all = fixed.iter().chain(variables).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::load(None, all).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The code an authenticator shows (RFC 6238, SHA-1, six digits, 30 seconds).
pub(crate) fn code(secret: &str, at: domain::Timestamp) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).expect("base32");
    let totp = totp_rs::Builder::new().with_secret(secret).build_noncompliant();
    totp.generate(u64::try_from(at.unix_seconds()).expect("after 1970")).to_string()
}
