//! `gatehouse doctor`: every dependency, whether it answers, how fast, and what to do if not.

mod stores;

use std::{
    fmt,
    process::ExitCode,
    time::{Duration, Instant},
};

use domain::platform::Platform;

use super::print;
use crate::{boot, config::Config, site::Site};

/// Nobody waits longer for a diagnosis.
const PATIENCE: Duration = Duration::from_secs(5);
/// This program was not written before 1 November 2026.
const EARLIEST_UNIX_S: i64 = 1_793_491_200;

/// What was found.
#[derive(Debug)]
enum Finding {
    Good(String),
    Remark(String),
    Bad(String),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Good(text) => write!(f, "good    {text}"),
            Self::Remark(text) => write!(f, "remark  {text}"),
            Self::Bad(text) => write!(f, "BAD     {text}"),
        }
    }
}

/// Prints all findings. Fails when one is bad.
pub(super) async fn run(config: &Config) -> ExitCode {
    let mut findings = vec![Finding::Good(format!("configuration: profile {}", config.profile))];
    findings.extend(remarks(config));
    findings.push(endpoints());
    findings.extend(site(config));
    match boot::platform(config) {
        Ok(platform) => {
            findings.push(clock(&platform));
            findings.extend(stores::postgres(&platform).await);
            findings.push(stores::redis(&platform).await);
            findings.extend(providers(&platform).await);
            findings.extend(turnstile(&platform).await);
        }
        Err(error) => findings.push(Finding::Bad(error.to_string())),
    }
    findings.extend(stripe(config).await);
    findings.push(mail(config).await);
    for finding in &findings {
        print::line(finding);
    }
    let bad = findings.iter().any(|finding| matches!(finding, Finding::Bad(_)));
    if bad { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

fn remarks(config: &Config) -> Vec<Finding> {
    let mut remarks = Vec::new();
    if !config.security.staff_needs_second_factor {
        remarks.push(
            "security.staff_needs_second_factor is off: a stolen password is enough for an administrator",
        );
    }
    if config.security.contact.is_none() {
        remarks.push("security.contact is not set: nobody learns where to report a weakness");
    }
    if config.http.trusted_proxies.is_empty() && config.http.is_https() {
        remarks.push("http.trusted_proxies is empty: behind a proxy every client would share one rate limit");
    }
    if config.security.breach_filter.is_none() {
        remarks.push("security.breach_filter is not set: only common passwords and what people make of them are refused");
    }
    if config.redis.url.is_none() {
        remarks.push("redis.url is not set: limits are counted by this process alone");
    }
    let ignored = config.ignored().iter().map(|name| format!("{name} is no key of ours and has no effect"));
    remarks.into_iter().map(str::to_owned).chain(ignored).map(Finding::Remark).collect()
}

fn endpoints() -> Finding {
    let declared = app::endpoint::all();
    let count = declared.len();
    match crate::endpoints::Endpoints::checked(declared, server_fn::axum::server_fn_paths()) {
        Ok(_) => Finding::Good(format!("endpoints: {count} declared and registered")),
        Err(differences) => Finding::Bad(differences.to_string()),
    }
}

fn site(config: &Config) -> Vec<Finding> {
    let site = Site::look(&config.http.site_root);
    let missing = site.missing();
    if missing.is_empty() {
        return vec![Finding::Good(format!("site: {}", site.root.display()))];
    }
    missing.into_iter().map(|text| Finding::Remark(format!("site: missing {text}"))).collect()
}

/// A machine that was off for long, or has no battery, begins in the past; every code of an authenticator fails.
fn clock(platform: &Platform) -> Finding {
    let now = platform.now();
    if now.unix_seconds() < EARLIEST_UNIX_S {
        return Finding::Bad(format!("clock: {now} is in the past; set it by NTP"));
    }
    Finding::Good(format!("clock: {now}"))
}

/// Whether each answers with a configuration and keys that can be used.
async fn providers(platform: &Platform) -> Vec<Finding> {
    let mut findings = Vec::new();
    for provider in platform.providers().iter() {
        let id = &provider.settings().id;
        let back = format!("{}/auth/{id}/callback", platform.rules().public_url);
        findings.push(match provider.look(platform.now()).await {
            Ok(()) => Finding::Good(format!("providers.{id}: its redirect address is {back}")),
            Err(problem) => Finding::Bad(format!("providers.{id}: {problem}; see docs/federation.md")),
        });
    }
    findings
}

/// Whether it answers, and knows our secret.
async fn turnstile(platform: &Platform) -> Option<Finding> {
    let hostname = &platform.turnstile().settings()?.hostname;
    Some(match platform.turnstile().look().await {
        Ok(()) => Finding::Good(format!("captcha: Turnstile answers; its widget must allow {hostname}")),
        Err(problem) => Finding::Bad(format!(
            "captcha: Turnstile {problem}; check captcha.turnstile_secret. Proof of work is asked in its place"
        )),
    })
}

/// Whether it answers, and takes our key.
async fn stripe(config: &Config) -> Option<Finding> {
    let back = format!("{}/webhooks/stripe", config.http.public_url);
    Some(match boot::stripe(config)?.look().await {
        Ok(()) => Finding::Good(format!("billing: Stripe answers; its events must go to {back}")),
        Err(problem) => Finding::Bad(format!("billing: {problem}; see docs/stripe.md")),
    })
}

/// Only whether somebody listens there: a diagnosis sends no letters.
async fn mail(config: &Config) -> Finding {
    if let Err(error) = crate::workers::sink(&config.mail) {
        return Finding::Bad(error.to_string());
    }
    if let Some(folder) = &config.mail.folder {
        return Finding::Good(format!("mail: letters go to {}", folder.display()));
    }
    let address = (config.mail.smtp_host.as_deref().unwrap_or_default(), config.mail.smtp_port);
    let begun = Instant::now();
    match tokio::time::timeout(PATIENCE, tokio::net::TcpStream::connect(address)).await {
        Ok(Ok(_)) => Finding::Good(format!("mail: {} answers in {}", address.0, shown(begun.elapsed()))),
        Ok(Err(error)) => {
            Finding::Bad(format!("mail: {}:{}: {error}; check mail.smtp_host", address.0, address.1))
        }
        Err(_) => Finding::Bad(format!("mail: {}:{} does not answer in 5 seconds", address.0, address.1)),
    }
}

fn shown(took: Duration) -> String {
    format!("{:.1} ms", took.as_secs_f64() * 1000.0)
}
