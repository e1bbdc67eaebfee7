//! Words for what an endpoint declares; the API page and the machine description use the same.

use app::endpoint::{Endpoint, Place, Rate};
use axum::http::Method;
use domain::access::{Need, Permission, Verb};

/// `/api/v1/identity/sign-in` → `identity`.
pub(crate) fn room(path: &str) -> &str {
    below(path).split('/').next().unwrap_or_default()
}

/// `/api/v1/identity/sign-in` → `identity_sign_in`, `/exports/audit.csv` → `exports_audit_csv`.
pub(crate) fn operation_id(path: &str) -> String {
    below(path).replace(['/', '-', '.'], "_").replace(['{', '}'], "")
}

/// The part of a path that tells endpoints apart; files have no version.
fn below(path: &str) -> &str {
    path.strip_prefix("/api/v1/").unwrap_or(path.trim_start_matches('/'))
}

/// Who may call.
pub(crate) fn access(endpoint: &Endpoint) -> String {
    if let Some(permission) = endpoint.asks {
        return of_organization(permission);
    }
    match endpoint.need {
        Need::Nothing(_) => "anybody".into(),
        Need::HalfWay => "pending-second-factor".into(),
        Need::AnySession => "any-session".into(),
        Need::AlsoLeaving => "also-leaving".into(),
        Need::SignedIn => "signed-in".into(),
        Need::SteppedUp => "stepped-up".into(),
        Need::Impersonating => "impersonating".into(),
        Need::Member => "member".into(),
        Need::Organization(permission) => of_organization(permission),
        Need::Site(action) => format!("site:{}", kebab(&format!("{action:?}"))),
    }
}

fn of_organization(permission: Permission) -> String {
    format!("organization:{}", permission.name())
}

/// The scope an API token needs; none for what takes no API token.
pub(crate) fn scope(endpoint: &Endpoint) -> Option<String> {
    let verb = if endpoint.method.is_safe() { Verb::Read } else { Verb::Write };
    let by_hand = endpoint.need == Need::HalfWay || endpoint.need.is_fresh();
    let takes_one = !by_hand && endpoint.place == Place::Anywhere;
    takes_one.then(|| format!("{}:{}", endpoint.room(), verb.name()))
}

/// How often.
pub(crate) fn rate(rate: Rate) -> &'static str {
    match rate {
        Rate::SignIn => "sign-in",
        Rate::Letters => "letters",
        Rate::Write => "write",
        Rate::Meter => "meter",
        Rate::Read => "read",
    }
}

/// What everything that needs a session answers without one, or with one that can only keep the account.
const SIGNED_IN: [&str; 5] =
    ["sign-in-required", "second-factor-required", "step-up-required", "deletion-pending", "not-allowed"];
/// What everything in an organization answers besides.
const IN_ORGANIZATION: [&str; 2] = ["not-found", "organization-policy"];

/// Every problem an endpoint answers with: its own, those of its access, and those of every endpoint.
pub(crate) fn problem_names(endpoint: &Endpoint) -> Vec<&'static str> {
    let mut names =
        vec!["malformed-request", "invalid-input", "too-many-requests", "busy", "internal", "cross-site"];
    if endpoint.method != Method::GET {
        names.push("too-large");
    }
    match endpoint.need {
        Need::Nothing(_) => {}
        Need::HalfWay => names.push("sign-in-required"),
        Need::AnySession => names.extend(["sign-in-required", "second-factor-required", "not-allowed"]),
        Need::AlsoLeaving => {
            names.extend(SIGNED_IN.into_iter().filter(|name| *name != "deletion-pending"));
        }
        Need::SignedIn | Need::SteppedUp | Need::Site(_) | Need::Impersonating => names.extend(SIGNED_IN),
        Need::Member | Need::Organization(_) => {
            names.extend(SIGNED_IN);
            names.extend(IN_ORGANIZATION);
        }
    }
    if endpoint.asks.is_some() {
        names.extend(IN_ORGANIZATION);
    }
    if endpoint.takes_keys() {
        names.extend(["conflict", "idempotency-mismatch"]);
    }
    names.extend(endpoint.problems);
    names.sort_unstable();
    names.dedup();
    names
}

/// `ReadUsers` → `read-users`.
fn kebab(name: &str) -> String {
    let mut text = String::new();
    for character in name.chars() {
        if character.is_ascii_uppercase() && !text.is_empty() {
            text.push('-');
        }
        text.push(character.to_ascii_lowercase());
    }
    text
}
