//! What production refuses: everything that would be careless on the open network.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use secrecy::ExposeSecret as _;

use super::{Config, reader::Reader};

/// Adds a problem for each careless choice.
pub(super) fn refuse_careless(config: &Config, reader: &mut Reader) {
    if !reader.profile.is_production() {
        return;
    }
    public_address(config, reader);
    keys(config, reader);
    letters(config, reader);
    captcha(config, reader);
    stripe(config, reader);
    if config.security.rate_factor > 10 {
        let wrong = format!("{} makes the limits against guessing meaningless", config.security.rate_factor);
        reader.wrong("security.rate_factor", wrong, "Use 1; at most 10 behind a shared address");
    }
}

fn public_address(config: &Config, reader: &mut Reader) {
    let url = &config.http.public_url;
    if url.is_empty() {
        if !reader.problems.iter().any(|problem| problem.key == "http.public_url") {
            reader.wrong(
                "http.public_url",
                "is not set",
                "Write what people type, such as https://gate.example.com",
            );
        }
    } else if !config.http.is_https() {
        let wrong = format!("`{url}` is not protected by TLS, and browsers would drop the session cookie");
        reader.wrong("http.public_url", wrong, "Put a proxy with TLS in front and write its https address");
    }
    if config.http.metrics_listen.ip().is_unspecified() {
        let wrong = "metrics would be readable from every network";
        reader.wrong("http.metrics_listen", wrong, "Name the one address the collector reaches");
    }
}

fn keys(config: &Config, reader: &mut Reader) {
    let remedy = "Make one with `openssl rand -base64 32`, write it as 1:<key>, and keep a copy apart from the backups";
    let wrong = match &config.security.vault_keys {
        None => "is not set, so that nothing could be sealed",
        Some(keys) if keys.expose_secret().contains(super::DEVELOPMENT_MARK) => {
            "was made by a development server"
        }
        Some(keys) if has_guessable_key(keys.expose_secret()) => "has a key of one repeated byte",
        Some(_) => return,
    };
    if !reader.problems.iter().any(|problem| problem.key == "security.vault_keys") {
        reader.wrong("security.vault_keys", wrong, remedy);
    }
}

/// Keys of examples and tests: 32 times the same byte.
fn has_guessable_key(keys: &str) -> bool {
    let encoded = keys.lines().filter_map(|line| line.split_once(':')).map(|(_, key)| key.trim());
    encoded.filter_map(|key| BASE64_STANDARD.decode(key).ok()).any(|key| {
        let first = key.first().copied();
        key.len() == 32 && key.iter().all(|byte| Some(*byte) == first)
    })
}

fn letters(config: &Config, reader: &mut Reader) {
    let mail = &config.mail;
    if mail.folder.is_some() {
        reader.wrong("mail.folder", "letters would pile up in a folder", "Remove it and set mail.smtp_host");
    }
    if mail.smtp_host.is_none() {
        reader.wrong(
            "mail.smtp_host",
            "is not set, so nobody could confirm an address",
            "Name your mail server",
        );
    }
    if mail.from.ends_with("@localhost>") || mail.from.ends_with("@localhost") {
        reader.wrong("mail.from", "is still the sender of a laptop", "Write an address of your domain");
    }
    let here =
        mail.smtp_host.as_deref().is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "::1"));
    if mail.smtp_tls == super::mail::SmtpTls::None && !here {
        reader.wrong(
            "mail.smtp_tls",
            "letters with sign-in links would travel in the clear",
            "Use implicit or starttls",
        );
    }
}

/// Keys that Cloudflare publishes for tests: they let everybody pass, or nobody.
fn captcha(config: &Config, reader: &mut Reader) {
    let Some(turnstile) = &config.captcha.turnstile else { return };
    let is_for_tests = |key: &str| ["1x0000", "2x0000", "3x0000"].iter().any(|it| key.starts_with(it));
    for (key, value) in [
        ("captcha.turnstile_site_key", turnstile.site_key.as_str()),
        ("captcha.turnstile_secret", turnstile.secret.expose_secret()),
    ] {
        if is_for_tests(value) {
            let wrong = "is a key for tests, by which everybody passes or nobody";
            reader.wrong(key, wrong, "Take the one that the dashboard of Turnstile shows for your widget");
        }
    }
}

/// Events are only hints, but whoever could forge them could make us ask Stripe all day; and a key without events, or
/// the other way round, is half of a configuration.
fn stripe(config: &Config, reader: &mut Reader) {
    let stripe = &config.billing.stripe;
    let secrets = &stripe.webhook_secrets;
    if secrets.iter().any(|secret| secret.expose_secret() == super::DEVELOPMENT_WEBHOOK_SECRET) {
        let remedy = "Take the one that Stripe's dashboard shows for your endpoint";
        reader.wrong("billing.stripe.webhook_secrets", "has the secret that everybody knows", remedy);
    }
    if stripe.api_key.is_some() == secrets.is_empty() {
        let key = if secrets.is_empty() { "webhook_secrets" } else { "api_key" };
        let key = format!("billing.stripe.{key}");
        // A problem that is already told is the better explanation.
        if !reader.problems.iter().any(|problem| problem.key == key) {
            reader.wrong(&key, "key and secrets of webhooks go together", "Set both, or neither");
        }
    }
}
