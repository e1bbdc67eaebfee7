//! `gatehouse doctor`: every dependency, whether it answers, how fast, and what to do if not.

mod stores;

use std::{
    fmt,
    process::ExitCode,
    time::{Duration, Instant},
};

use domain::platform::Platform;

use super::print;
use crate::{
    boot,
    config::{Config, Origin},
    site::Site,
};

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
    let unset = unset_of_supplier(config);
    let unset =
        unset.map(|keys| format!("{keys} not set: invoices would not say who wrote them, or how to pay"));
    let ignored = config.ignored().iter().map(|name| format!("{name} is no key of ours and has no effect"));
    remarks.into_iter().map(str::to_owned).chain(unset).chain(ignored).map(Finding::Remark).collect()
}

/// What an invoice has to say of its supplier and nobody has told; plans that cost something are on offer from the beginning.
fn unset_of_supplier(config: &Config) -> Option<String> {
    const NEEDED: [&str; 4] = [
        "billing.supplier_name",
        "billing.supplier_address",
        "billing.supplier_country",
        "billing.how_to_pay",
    ];
    let is_unset =
        |key: &&str| config.shown().iter().any(|it| it.key == **key && it.origin == Origin::Default);
    match NEEDED.into_iter().filter(is_unset).collect::<Vec<_>>().as_slice() {
        [] => None,
        [one] => Some(format!("{one} is")),
        several => Some(format!("{} are", several.join(", "))),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What is remarked of a laptop with these variables.
    fn told(variables: &[(&str, &str)]) -> String {
        let fixed = [("PROFILE", "development"), ("DATABASE_URL", "postgres://a/b")];
        let all = fixed.iter().chain(variables);
        let all = all.map(|(name, value)| (format!("GATEHOUSE_{name}"), (*value).to_owned()));
        let config = Config::load(None, all).unwrap_or_else(|problems| panic!("{problems}"));
        remarks(&config).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn invoices_without_a_supplier_are_remarked_until_everything_is_told() {
        let name = ("BILLING_SUPPLIER_NAME", "Example Ltd");
        let address = ("BILLING_SUPPLIER_ADDRESS", "1 Lantern Street");
        let country = ("BILLING_SUPPLIER_COUNTRY", "DE");
        let how = ("BILLING_HOW_TO_PAY", "IBAN DE02");
        let nothing = told(&[]);
        assert!(nothing.contains("remark  billing.supplier_name, billing.supplier_address, "), "{nothing}");
        let some = told(&[name, address, country]);
        assert!(some.contains("remark  billing.how_to_pay is not set"), "{some}");
        let all = told(&[name, address, country, how]);
        assert!(!all.contains("billing."), "{all}");
    }
}
