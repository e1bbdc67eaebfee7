//! A house for tests: callers, the letters they got, and the shortest way to a person who is signed in.

use std::{
    net::IpAddr,
    sync::{Arc, Mutex},
};

use domain::{
    AppError,
    access::{Actor, Caller, Purpose, RequestFacts},
    identity::service::{self, Outcome, Registration, SignIn},
    platform::{
        Platform,
        letters::{Sender, deliver, folder::Folder},
        random::TokenHash,
        testing,
    },
    sessions::{self, Cookies, NewSession},
    tokens::service::{self as tokens, NewApiToken},
};
use sqlx::PgPool;
use tempfile::TempDir;
use uuid::Uuid;

pub(crate) const PASSWORD: &str = "seven green lanterns";

/// Everything a test needs.
pub(crate) struct House {
    pub(crate) platform: Platform,
    pub(crate) db: PgPool,
    mail: Arc<TempDir>,
    /// What the browser of this house keeps to be recognized by.
    device: Mutex<Option<TokenHash>>,
}

/// Where a request comes from.
#[derive(Clone, Copy)]
pub(crate) struct From {
    pub(crate) address: [u8; 4],
    pub(crate) user_agent: &'static str,
    pub(crate) device: Option<TokenHash>,
}

impl Default for From {
    fn default() -> Self {
        let user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
        Self { address: [192, 0, 2, 7], user_agent, device: None }
    }
}

/// The secret that a browser was given with its session.
pub(crate) fn device_of(session: &NewSession) -> Option<TokenHash> {
    Some(session.arrival.as_ref()?.secret.as_ref()?.hash())
}

impl House {
    pub(crate) fn new(db: PgPool) -> Self {
        Self::on(testing::platform(db))
    }

    /// A house with a platform of the test's own making.
    pub(crate) fn on(platform: Platform) -> Self {
        let mail = Arc::new(tempfile::tempdir().expect("a temporary folder"));
        Self { db: platform.db().clone(), platform, mail, device: Mutex::default() }
    }

    pub(crate) fn caller(&self, actor: Actor) -> Caller {
        let device = *self.device.lock().expect("whole");
        Caller::new(self.platform.clone(), actor, self.facts(From { device, ..From::default() }))
    }

    pub(crate) fn facts(&self, from: From) -> RequestFacts {
        RequestFacts {
            id: self.platform.new_id(),
            address: IpAddr::from(from.address),
            user_agent: from.user_agent.into(),
            device: from.device,
            claim: None,
        }
    }

    /// The caller that a session is elsewhere.
    pub(crate) async fn elsewhere(&self, session: &str, from: From) -> Caller {
        let facts = self.facts(from);
        let cookies = Cookies { session: Some(session.to_owned()), pending: None };
        let actor = sessions::service::resolve(&self.platform, &cookies, &facts).await.expect("resolves");
        Caller::new(self.platform.clone(), actor, facts)
    }

    pub(crate) async fn sign_in_from(
        &self,
        from: From,
        email: &str,
        password: &str,
    ) -> Result<Outcome, AppError> {
        self.sign_in_with(from, email, password, None).await
    }

    pub(crate) async fn sign_in_with(
        &self,
        from: From,
        email: &str,
        password: &str,
        captcha: Option<String>,
    ) -> Result<Outcome, AppError> {
        let typed = SignIn { email: email.into(), password: password.into(), captcha, ..SignIn::default() };
        let caller = Caller::new(self.platform.clone(), Actor::Nobody, self.facts(from));
        // A large future would have to be held by every caller.
        Box::pin(service::sign_in(&caller.anonymous(Purpose::SignIn), typed)).await
    }

    pub(crate) fn nobody(&self) -> Caller {
        self.caller(Actor::Nobody)
    }

    /// The caller that a browser with these cookies is.
    pub(crate) async fn with_cookie(&self, session: &str) -> Caller {
        self.with_cookies(Cookies { session: Some(session.to_owned()), pending: None }).await
    }

    pub(crate) async fn with_cookies(&self, cookies: Cookies) -> Caller {
        let facts = self.nobody().request().clone();
        let actor = sessions::service::resolve(&self.platform, &cookies, &facts).await.expect("resolves");
        self.caller(actor)
    }

    pub(crate) async fn register(&self, email: &str, password: &str) {
        let typed = Registration {
            email: email.into(),
            password: password.into(),
            display_name: Some("Ann".into()),
            ..Registration::default()
        };
        service::register(&self.nobody().anonymous(Purpose::Register), typed).await.expect("registers");
    }

    /// The letters that left since the last call, as `(kind of subject, whole message)`.
    pub(crate) async fn letters(&self) -> Vec<String> {
        let from = Sender::parse("Gatehouse <gatehouse@example.com>").expect("a sender");
        let folder = Folder::new(self.mail.path().to_owned(), from);
        service::answer_letter_requests_once(&self.platform).await.expect("answers");
        deliver::run_once(&self.platform, &folder).await.expect("delivers");
        let mut found = Vec::new();
        for entry in std::fs::read_dir(self.mail.path()).expect("a folder") {
            let path = entry.expect("an entry").path();
            found.push((path.clone(), std::fs::read_to_string(&path).expect("readable")));
            std::fs::remove_file(path).expect("removable");
        }
        found.sort();
        found.into_iter().map(|(_, text)| text).collect()
    }

    /// The token in the only letter that left since the last call.
    pub(crate) async fn token(&self) -> String {
        let letters = self.letters().await;
        assert_eq!(letters.len(), 1, "one letter");
        token_in(&letters[0])
    }

    pub(crate) async fn sign_in(&self, email: &str, password: &str) -> Result<Outcome, AppError> {
        let device = *self.device.lock().expect("whole");
        let outcome = self.sign_in_from(From { device, ..From::default() }, email, password).await;
        if let Ok(Outcome::SignedIn { session, .. }) = &outcome
            && let Some(new) = device_of(session)
        {
            *self.device.lock().expect("whole") = Some(new);
        }
        outcome
    }

    /// Signs in somebody without a second factor; answers the cookie.
    pub(crate) async fn cookie_of(&self, email: &str) -> String {
        match self.sign_in(email, PASSWORD).await.expect("signs in") {
            Outcome::SignedIn { session, .. } => session.token.reveal(),
            Outcome::SecondFactor { .. } => panic!("a second factor is asked"),
        }
    }

    /// An account with a confirmed address.
    pub(crate) async fn account(&self, email: &str) -> Uuid {
        self.register(email, PASSWORD).await;
        let token = self.token().await;
        service::verify_email(&self.nobody().anonymous(Purpose::Letter), &token).await.expect("verifies");
        sqlx::query_scalar!("SELECT id FROM users WHERE email = $1", email)
            .fetch_one(&self.db)
            .await
            .expect("an account")
    }

    /// What the trail says of a room, oldest first: each action with its detail.
    pub(crate) async fn trail(&self, room: &str) -> Vec<(String, String)> {
        let mut tx = self.db.begin().await.expect("begins");
        sqlx::query!("SELECT set_config('app.site', 'on', true) AS site")
            .fetch_one(&mut *tx)
            .await
            .expect("may read");
        let rows = sqlx::query!(
            r#"SELECT action, detail::text AS "detail!" FROM audit_entries WHERE action LIKE $1 || '.%' ORDER BY seq"#,
            room,
        );
        let rows = rows.fetch_all(&mut *tx).await.expect("entries");
        rows.into_iter().map(|row| (row.action, row.detail)).collect()
    }

    /// What the trail of an organization says of a room, oldest first.
    pub(crate) async fn trail_of(&self, organization: Uuid, room: &str) -> Vec<String> {
        let mut tx = self.db.begin().await.expect("begins");
        sqlx::query!("SELECT set_config('app.organization_id', $1, true) AS id", organization.to_string())
            .fetch_one(&mut *tx)
            .await
            .expect("may read");
        sqlx::query_scalar!(
            "SELECT action FROM audit_entries WHERE chain = $1 AND action LIKE $2 || '.%' ORDER BY seq",
            organization,
            room,
        )
        .fetch_all(&mut *tx)
        .await
        .expect("entries")
    }

    /// Somebody makes an API token.
    pub(crate) async fn make_api_token(&self, caller: &Caller) {
        let scopes = vec!["identity:read".to_owned()];
        let typed = NewApiToken { name: "backup".into(), scopes, ..NewApiToken::default() };
        tokens::create(&caller.stepped_up().expect("fresh"), &typed, &["identity"]).await.expect("makes");
    }

    /// How many API tokens there are.
    pub(crate) async fn api_tokens(&self) -> i64 {
        sqlx::query_scalar!(r#"SELECT count(*) AS "count!" FROM api_tokens"#)
            .fetch_one(&self.db)
            .await
            .expect("a count")
    }

    /// An account with a confirmed address, signed in.
    pub(crate) async fn person(&self, email: &str) -> Caller {
        self.account(email).await;
        let cookie = self.cookie_of(email).await;
        self.with_cookie(&cookie).await
    }

    /// A person with site roles.
    pub(crate) async fn staff(&self, email: &str, roles: &str) -> Caller {
        self.account(email).await;
        sqlx::query!("UPDATE users SET roles = $2::text::site_role[] WHERE email = $1", email, roles)
            .execute(&self.db)
            .await
            .expect("roles");
        let cookie = self.cookie_of(email).await;
        self.with_cookie(&cookie).await
    }
}

/// The token in a letter's link.
pub(crate) fn token_in(letter: &str) -> String {
    let rest = letter.split_once("?token=").expect("a link").1;
    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-' || *c == '_').collect()
}
