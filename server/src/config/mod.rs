//! What the operator decided: one struct for each area, read from `gatehouse.toml` and the environment.
//!
//! Promise: all problems are told at once, each with its key, its variable and its remedy, and no secret is ever
//! printed.

mod audit;
mod billing;
mod captcha;
mod http;
mod log;
mod mail;
mod parse;
mod problem;
mod profile;
mod providers;
mod reader;
mod rules;
mod security;
mod show;
mod similar;
mod source;
mod stores;
mod stripe;
mod webhooks;

use std::path::Path;

use domain::platform::providers::ProviderSettings;

pub use audit::Audit;
pub use billing::Billing;
pub use captcha::{Captcha, Turnstile};
pub use http::{BODY_LIMIT, Http, STRANGERS_BODY_LIMIT};
pub use log::{Log, LogFormat};
pub use mail::{Mail, SmtpTls};
pub use problem::{ConfigProblem, ConfigProblems};
pub use profile::Profile;
pub use reader::Shown;
pub use security::{Hashing, Security, Sessions};
pub use show::Effective;
pub use source::Origin;
pub use stores::{Database, Redis, Secrets};
pub use stripe::{DEVELOPMENT_WEBHOOK_SECRET, Stripe};
pub use webhooks::Webhooks;

/// The first line of a keyring that a development server made for itself; production refuses it.
pub const DEVELOPMENT_MARK: &str = "# made by a development server";

/// The whole configuration.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where this process runs.
    pub profile: Profile,
    /// Listening and patience.
    pub http: Http,
    /// The one authority.
    pub database: Database,
    /// What may be away.
    pub redis: Redis,
    /// Letters.
    pub mail: Mail,
    /// Where keys lie.
    pub secrets: Secrets,
    /// How strict the house is.
    pub security: Security,
    /// How long a sign-in lasts.
    pub sessions: Sessions,
    /// By whom people sign in.
    pub providers: Vec<ProviderSettings>,
    /// What a network under suspicion is asked.
    pub captcha: Captcha,
    /// How many passwords are hashed at a time.
    pub hashing: Hashing,
    /// How long the trail is kept.
    pub audit: Audit,
    /// How far events are sent.
    pub webhooks: Webhooks,
    /// Who writes invoices, and by what they are paid.
    pub billing: Billing,
    /// What is written down.
    pub log: Log,
    shown: Vec<Shown>,
    ignored: Vec<String>,
}

impl Config {
    /// Reads a file, if one is given, and the environment over it.
    ///
    /// # Errors
    /// Everything that is wrong, at once.
    pub fn load(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigProblems> {
        let mut problems = Vec::new();
        let sources = source::Sources::read(file, environment, &mut problems);
        let mut reader = reader::Reader::new(sources, problems);
        let mut config = Self {
            profile: reader.profile,
            http: Http::read(&mut reader),
            database: Database::read(&mut reader),
            redis: Redis::read(&mut reader),
            mail: Mail::read(&mut reader),
            secrets: Secrets::read(&mut reader),
            security: Security::read(&mut reader),
            sessions: Sessions::read(&mut reader),
            providers: providers::read(&mut reader),
            captcha: Captcha::read(&mut reader),
            hashing: Hashing::read(&mut reader),
            audit: Audit::read(&mut reader),
            webhooks: Webhooks::read(&mut reader),
            billing: Billing::read(&mut reader),
            log: Log::read(&mut reader),
            shown: Vec::new(),
            ignored: Vec::new(),
        };
        rules::refuse_careless(&config, &mut reader);
        reader.refuse_unknown();
        if !reader.problems.is_empty() {
            return Err(ConfigProblems(reader.problems));
        }
        config.shown = reader.shown;
        config.ignored = reader.ignored;
        Ok(config)
    }

    /// Every key with its effective value and origin; secrets are `***`.
    #[must_use]
    pub fn shown(&self) -> &[Shown] {
        &self.shown
    }

    /// Variables that begin like ours but are none, and have no effect.
    #[must_use]
    pub fn ignored(&self) -> &[String] {
        &self.ignored
    }
}
