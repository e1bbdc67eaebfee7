//! Journeys through a real browser, against the release build and an empty database.

use std::process::Command;

use super::{Counts, voices};
use crate::environment::Ports;
use crate::files;
use crate::leptos::Profile;
use crate::place::Place;
use crate::ports;
use crate::process;
use crate::say;
use crate::server::Server;
use crate::services::Services;
use crate::setup;
use crate::trouble::{Outcome, Trouble};

/// What the server shows the provider of the journeys, which is on the loopback interface and ends with them.
const PROVIDER_SECRET: &str = "of no value outside the journeys";

/// Who the servers with a captcha of another site are to it; Playwright starts what stands in for it.
const WIDGET_KEY: &str = "of-journeys";
const WIDGET_SECRET: &str = "of no value outside the journeys either";

/// Starts the server and runs Playwright.
pub(crate) fn run(place: &Place, services: &Services, filter: Option<&str>) -> Outcome<Counts> {
    let folder = place.root.join("end2end");
    if !folder.join("package.json").exists() {
        say::note("There are no journeys yet: end2end/package.json does not exist.");
        return Ok(Counts::NONE);
    }
    let program = Profile::Release.program(place);
    if !program.exists() {
        let next = "Build with `cargo xtask test --only build`";
        return Err(Trouble::new(program.display(), "not built", next));
    }
    let ports = Ports::free()?;
    let mut server = Server::new(place, services, ports, program);
    // As in production; the last journey reads it.
    server.set("GATEHOUSE_LOG_FORMAT", "json");
    // On another host than the server, as providers are; Playwright starts it.
    let provider = format!("http://localhost:{}", ports::free(None)?);
    server.set("GATEHOUSE_PROVIDERS_FOREIGN_ISSUER", &provider);
    server.set("GATEHOUSE_PROVIDERS_FOREIGN_CLIENT_ID", "gatehouse");
    server.set("GATEHOUSE_PROVIDERS_FOREIGN_CLIENT_SECRET", PROVIDER_SECRET);
    server.migrate()?;
    server.invite_administrator()?;
    let _serving = server.serve()?;
    let widget = format!("http://localhost:{}", ports::free(None)?);
    let with_widget = beside(&server, &widget, "siteverify")?;
    let without_widget = beside(&server, &widget, "away")?;
    let _serving_too = (with_widget.serve()?, without_widget.serve()?);
    let peer_port = ports::free(None)?;
    let peer = format!("http://127.0.0.1:{peer_port}");
    let by_card = taking_cards(&server, &peer)?;
    let endpoint = format!("{}/webhooks/stripe", by_card.address());
    let _peer = voices::stripe_peer(place, services, peer_port, Some(&endpoint))?;
    let _serving_cards = by_card.serve()?;
    let report = services.state.folder.join("journeys.json");
    let mut command = Command::new(folder.join("node_modules/.bin/playwright"));
    command
        .args(["test", "--reporter=list,json"])
        .args(filter)
        .current_dir(&folder)
        .env("PATH", setup::path(place)?)
        .env("PLAYWRIGHT_JSON_OUTPUT_NAME", &report)
        .env("GATEHOUSE_URL", server.address())
        .env("GATEHOUSE_MAIL_FOLDER", &services.state.mail)
        .env("GATEHOUSE_FIRST_ADMIN_FILE", server.admin_file())
        .env("GATEHOUSE_PROVIDER_URL", &provider)
        .env("GATEHOUSE_PROVIDER_SECRET", PROVIDER_SECRET)
        .env("GATEHOUSE_WIDGET_URL", &widget)
        .env("GATEHOUSE_WIDGET_KEY", WIDGET_KEY)
        .env("GATEHOUSE_WIDGET_SECRET", WIDGET_SECRET)
        .env("GATEHOUSE_WIDGET_SERVER", with_widget.address())
        .env("GATEHOUSE_WIDGET_SERVER_WITHOUT", without_widget.address())
        .env("GATEHOUSE_STRIPE_SERVER", by_card.address())
        .env("CHROMIUM", setup::chromium().unwrap_or_default());
    if filter.is_none() {
        // Whether the log keeps secrets can be told when enough was done.
        command.env("GATEHOUSE_LOG_FILE", server.log());
    }
    let status = process::finish(&mut command)?;
    let (passed, failed) = files::read(&report).and_then(|text| totals(&text)).unwrap_or_default();
    Ok(Counts::reported(passed, failed, status.success()))
}

/// One more server on the same database, which asks networks under suspicion to solve the widget of another site. Its
/// tokens are verified at the path `verify` there.
fn beside(server: &Server, widget: &str, verify: &str) -> Outcome<Server> {
    let other = server.another()?;
    let log = other.log().with_file_name(format!("server-{verify}.log"));
    let mut other = other.logging_to(log);
    let address = other.address();
    other.set("GATEHOUSE_HTTP_PUBLIC_URL", &address);
    other.set("GATEHOUSE_CAPTCHA_TURNSTILE_SITE_KEY", WIDGET_KEY);
    other.set("GATEHOUSE_CAPTCHA_TURNSTILE_SECRET", WIDGET_SECRET);
    other.set("GATEHOUSE_CAPTCHA_TURNSTILE_SCRIPT_URL", &format!("{widget}/api.js"));
    other.set("GATEHOUSE_CAPTCHA_TURNSTILE_VERIFY_URL", &format!("{widget}/{verify}"));
    Ok(other)
}

/// One more server on the same database, whose organizations can pay by card at the stand-in for Stripe.
fn taking_cards(server: &Server, peer: &str) -> Outcome<Server> {
    let other = server.another()?;
    let log = other.log().with_file_name("server-cards.log");
    let mut other = other.logging_to(log);
    let address = other.address();
    other.set("GATEHOUSE_HTTP_PUBLIC_URL", &address);
    other.set("GATEHOUSE_BILLING_STRIPE_API_KEY", "sk_test_of_journeys");
    other.set("GATEHOUSE_BILLING_STRIPE_BASE_URL", peer);
    Ok(other)
}

/// Passed and failed from the report's `"stats"`; one that passed at a second try has passed.
fn totals(report: &str) -> Option<(u64, u64)> {
    let (_, stats) = report.rsplit_once("\"stats\"")?;
    let number = |name: &str| -> Option<u64> {
        let (_, value) = stats.split_once(&format!("\"{name}\":"))?;
        let digits = value.trim_start();
        let end = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
        digits[..end].parse().ok()
    };
    Some((number("expected")? + number("flaky")?, number("unexpected")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_try_that_passes_counts_as_passed() {
        let report = r#"{"suites": [], "errors": [], "stats": {"startTime": "x", "duration": 12.5,
            "expected": 8, "skipped": 1, "unexpected": 2, "flaky": 1}}"#;
        assert_eq!(totals(report), Some((9, 2)));
        assert_eq!(totals("{}"), None);
    }
}
