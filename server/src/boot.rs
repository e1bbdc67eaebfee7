//! Puts the process together from its configuration: platform, site, endpoints, state.

use std::{io, path::PathBuf, time::Duration};

use domain::billing::stripe::{Pacing, Stripe, StripeSettings};
use domain::platform::{
    Parts as PlatformParts, Platform, Rules,
    breached::{Breached, UnusableFilter},
    clock::Clock,
    db::{DbSettings, connect_lazy},
    hasher::{HasherSettings, PasswordHasher},
    limiter::Limiter,
    log::chain,
    outbound::{self, Outbound},
    places::{Places, UnusablePlaces},
    providers::Providers,
    reach::Reach,
    redis::Redis,
    strikes::Strikes,
    turnstile::{self, Turnstile},
    vault::Vault,
};
use leptos::config::{Env, LeptosOptions};
use sqlx::PgPool;

use crate::{
    body_room::BodyRoom,
    config::Config,
    drawing_room::DrawingRoom,
    endpoints::{Differences, Endpoints},
    routes::openapi,
    site::{HASH_FILE, OUTPUT_NAME, Site},
    state::{AppState, Parts, Readiness},
    vault_keys,
};

/// Why the process cannot start.
#[derive(Debug, thiserror::Error)]
pub enum BootProblem {
    /// The address of the database.
    #[error("database.url cannot be read: {0}")]
    Database(String),
    /// The address of Redis.
    #[error("redis.url cannot be read")]
    Redis,
    /// The keys of the vault.
    #[error("the keys of the vault cannot be used: {0}")]
    Keys(#[from] vault_keys::KeysProblem),
    /// The filter of breached passwords.
    #[error(
        "security.breach_filter names {path}, which cannot be used: {error}. Make it anew with `gatehouse admin \
         breach-filter`, or remove the key."
    )]
    BreachFilter {
        /// Which file.
        path: PathBuf,
        /// Why not.
        error: UnusableFilter,
    },
    /// The database of places.
    #[error("sessions.places names {path}, which cannot be used: {error}. Fetch it anew, or remove the key.")]
    Places {
        /// Which file.
        path: PathBuf,
        /// Why not.
        error: UnusablePlaces,
    },
    /// Declared and registered endpoints differ.
    #[error(transparent)]
    Endpoints(#[from] Differences),
    /// A listener could not be opened.
    #[error("cannot listen on {address}: {error}")]
    Listen {
        /// Where.
        address: std::net::SocketAddr,
        /// Why not.
        error: io::Error,
    },
    /// Letters could not leave.
    #[error(transparent)]
    Mail(#[from] crate::workers::UnusableMail),
    /// The system does not let us hear signals, or read the terminal.
    #[error("the operating system refused: {0}")]
    System(#[from] io::Error),
}

/// The pool, which opens its first connection when it is first used and keeps what it has opened.
///
/// # Errors
/// [`BootProblem::Database`].
pub fn database(config: &Config) -> Result<PgPool, BootProblem> {
    let settings = DbSettings {
        url: config.database.url.clone(),
        max_connections: config.database.connections,
        acquire_timeout: config.database.acquire_timeout,
        statement_timeout: config.database.statement_timeout,
    };
    connect_lazy(&settings).map_err(|error| BootProblem::Database(chain(&error)))
}

/// The hands to the outside.
///
/// # Errors
/// [`BootProblem`].
pub fn platform(config: &Config) -> Result<Platform, BootProblem> {
    let redis = Redis::new(config.redis.url.clone()).map_err(|_| BootProblem::Redis)?;
    let clock = Clock::system();
    let hasher =
        HasherSettings { queue: config.hashing.queue, ..HasherSettings::standard(config.hashing.workers) };
    Ok(Platform::new(PlatformParts {
        db: database(config)?,
        limiter: Limiter::new(redis.clone(), clock.clone(), config.security.rate_factor),
        strikes: Strikes::new(redis.clone(), clock.clone(), config.security.rate_factor),
        redis,
        clock,
        vault: Vault::new(vault_keys::keyring(config)?),
        hasher: PasswordHasher::new(hasher),
        breached: breached(config)?,
        places: places(config)?,
        providers: providers(config),
        turnstile: turnstile(config),
        rules: rules(config),
    }))
}

fn breached(config: &Config) -> Result<Breached, BootProblem> {
    let Some(path) = &config.security.breach_filter else { return Ok(Breached::bundled()) };
    Breached::with_file(path).map_err(|error| BootProblem::BreachFilter { path: path.clone(), error })
}

fn places(config: &Config) -> Result<Places, BootProblem> {
    let Some(path) = &config.sessions.places else { return Ok(Places::default()) };
    Places::with_file(path).map_err(|error| BootProblem::Places { path: path.clone(), error })
}

/// Nothing is asked before the first sign-in: a provider that is away keeps nobody from starting.
fn providers(config: &Config) -> Providers {
    if config.providers.is_empty() {
        return Providers::default();
    }
    Providers::new(config.providers.clone(), &Outbound::new(outbound::PATIENCE))
}

/// The same holds for Turnstile.
fn turnstile(config: &Config) -> Turnstile {
    let Some(turnstile) = &config.captcha.turnstile else { return Turnstile::default() };
    let settings = turnstile.settings(&config.http.public_url);
    Turnstile::new(settings, Outbound::new(turnstile::PATIENCE))
}

/// How long one try may take: Stripe itself waits for banks.
const STRIPE_PATIENCE: Duration = Duration::from_secs(10);

/// The way to Stripe, where the operator chose it. Nothing is asked before it is needed.
#[must_use]
pub fn stripe(config: &Config) -> Option<Stripe> {
    let stripe = &config.billing.stripe;
    let settings = StripeSettings { api_key: stripe.api_key.clone()?, base_url: stripe.base_url.clone()? };
    Some(Stripe::new(settings, Outbound::new(STRIPE_PATIENCE), Pacing::STANDARD))
}

fn rules(config: &Config) -> Rules {
    Rules {
        public_url: config.http.public_url.clone(),
        staff_needs_second_factor: config.security.staff_needs_second_factor,
        tokens_by_password: config.security.tokens_by_password,
        session_idle: config.sessions.idle,
        session_absolute: config.sessions.absolute,
        session_remembered: config.sessions.remembered,
        session_remembered_idle: config.sessions.remembered_idle,
        session_binding: config.sessions.binding,
        audit_retention: config.audit.retention,
        webhook_reach: Reach::public_and(config.webhooks.networks.clone()),
        supplier: config.billing.supplier.clone(),
    }
}

/// Everything a request may look at.
///
/// # Errors
/// [`BootProblem::Endpoints`] when an endpoint is not declared, or a declaration has no function.
pub fn state(config: Config, platform: Platform) -> Result<AppState, BootProblem> {
    let endpoints = Endpoints::checked(app::endpoint::all(), server_fn::axum::server_fn_paths())?;
    let site = Site::look(&config.http.site_root);
    let openapi = openapi::document(&endpoints, &config.http.public_url).to_string().into();
    let leptos = leptos(&config, &site);
    let readiness = Readiness::default();
    let body_room = BodyRoom::new(config.http.body_memory_mib * 1024 * 1024);
    let drawing_room = DrawingRoom::of_this_machine();
    let stripe = stripe(&config);
    let parts = Parts {
        config,
        platform,
        stripe,
        leptos,
        site,
        endpoints,
        readiness,
        body_room,
        drawing_room,
        openapi,
    };
    Ok(AppState::new(parts))
}

fn leptos(config: &Config, site: &Site) -> LeptosOptions {
    LeptosOptions::builder()
        .output_name(OUTPUT_NAME)
        .site_root(site.root.to_string_lossy().into_owned())
        .site_pkg_dir("pkg")
        .site_addr(config.http.listen)
        .env(if config.profile.is_production() { Env::PROD } else { Env::DEV })
        .hash_file(HASH_FILE.into())
        .hash_files(site.is_hashed)
        .build()
}
