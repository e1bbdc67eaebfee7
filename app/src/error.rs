//! The wire shape of [`AppError`]: RFC 9457 problem details, and the one table of statuses and titles.
//!
//! Every server function fails with a [`Problem`]. The server layer adds `instance` and the headers; what travels
//! is closed, so that no link and no peer can put words into our mouth.

use bytes::Bytes;
use domain::{
    AppError, FieldIssue,
    access::{PolicyNeed, SignInMethod},
    billing::Entitlement,
};
use serde::{Deserialize, Serialize};
use server_fn::{
    ContentType, Decodes, Encodes, Format, FormatType,
    error::{FromServerFnError, ServerFnErrorErr},
};

/// What a caller is told, as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Problem(pub AppError);

/// One row of the catalogue of problems; `/problems/<name>` explains it.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// The stable name, the end of the `type` URI.
    pub name: &'static str,
    /// The HTTP status.
    pub status: u16,
    /// The short summary, the same for every occurrence.
    pub title: &'static str,
    /// What it means and what to do next.
    pub explanation: &'static str,
}

const fn kind(name: &'static str, status: u16, title: &'static str, explanation: &'static str) -> Kind {
    Kind { name, status, title, explanation }
}

const INVALID_INPUT: Kind = kind(
    "invalid-input",
    422,
    "Some fields need another look",
    "One or more fields are missing or not acceptable. `errors` names each field, what is wrong with it, and what to do.",
);
const MALFORMED_REQUEST: Kind = kind(
    "malformed-request",
    400,
    "The request cannot be read",
    "The body or the query is not what this endpoint takes: broken JSON, a wrong type, invalid UTF-8, or an identifier that is none.",
);
const SIGN_IN_REQUIRED: Kind = kind(
    "sign-in-required",
    401,
    "Sign in first",
    "This needs a session or a token, and the request brought none that is still good.",
);
const WRONG_CREDENTIALS: Kind = kind(
    "wrong-credentials",
    401,
    "Address or password is wrong",
    "The answer is the same for an unknown address, a wrong password and a locked account, so that it tells nobody which accounts exist.",
);
const SECOND_FACTOR_REQUIRED: Kind = kind(
    "second-factor-required",
    401,
    "The second factor is missing",
    "The password was right, or the account is signed in, but this needs the second factor as well.",
);
const CODE_REFUSED: Kind = kind(
    "code-refused",
    401,
    "This code was refused",
    "The code is wrong, too old, or has been used before. Each code works once: wait for the next one.",
);
const PASSKEY_REFUSED: Kind = kind(
    "passkey-refused",
    401,
    "This passkey was not accepted",
    "It is unknown here, was removed, or its answer came too late or from elsewhere. Try again, or use another way.",
);
const STEP_UP_REQUIRED: Kind = kind(
    "step-up-required",
    403,
    "Confirm that it is you",
    "This needs a proof of identity that is at most `max_age_s` seconds old. Confirm your password or code and try again.",
);
const DELETION_PENDING: Kind = kind(
    "deletion-pending",
    403,
    "This account is about to be deleted",
    "Its owner asked for its deletion, which happens at `due_at`. Until then it can only be kept, by `identity/keep-account`.",
);
const ORGANIZATION_POLICY: Kind = kind(
    "organization-policy",
    403,
    "The organization asks for more",
    "Its policy asks for something that the caller has not: a second factor on their account, or a session that was begun by one of `methods`. `needs` says which.",
);
const NOT_ALLOWED: Kind = kind(
    "not-allowed",
    403,
    "You may not do this",
    "Your role does not allow it, the token of a script lacks the scope, or you see the site with somebody else’s eyes and can only look. Ask an administrator for the right, make a token with the scope that `x-scope` names, or stop looking first.",
);
const CROSS_SITE: Kind = kind(
    "cross-site",
    403,
    "Request from another site refused",
    "A browser sent this request on behalf of another site. Open the page itself and try again.",
);
const NOT_FOUND: Kind = kind(
    "not-found",
    404,
    "Nothing here",
    "There is nothing at this address, or nothing that you may know of.",
);
const CONFLICT: Kind = kind(
    "conflict",
    409,
    "This is not possible right now",
    "The current state of things stands in the way. `errors` names what.",
);
const QUOTA_EXCEEDED: Kind = kind(
    "quota-exceeded",
    409,
    "The plan has no room for this",
    "There can be `limit` of `resource`, there are `used`, and `requested` more were asked for. Remove what is not needed, or take a larger plan.",
);
const IDEMPOTENCY_MISMATCH: Kind = kind(
    "idempotency-mismatch",
    422,
    "This key belongs to another request",
    "`Idempotency-Key` is the key of another request of the last 24 hours. Give each request a key of its own, and send it again unchanged.",
);
const TOKEN_REFUSED: Kind = kind(
    "token-refused",
    400,
    "This link does not work any more",
    "The link or token is wrong, was used before, or has expired. Ask for a new letter.",
);
const EMAIL_NOT_VERIFIED: Kind = kind(
    "email-not-verified",
    403,
    "Confirm your e-mail address first",
    "The password is right, but the address has not been confirmed. Open the link in the letter, or ask for a new one at `resend`.",
);
const PROVIDER_REFUSED: Kind = kind(
    "provider-refused",
    403,
    "Signing in there has not worked",
    "The way through a sign-in provider has led nowhere; `reason` says why. Begin again, or sign in with your password.",
);
const CAPTCHA_REQUIRED: Kind = kind(
    "captcha-required",
    428,
    "One moment, please",
    "Too many tries came from this network, so the next one needs some work of the machine, a look at the person, or some patience. Solve `challenge` and send the same again with the solution as `captcha`; or wait `wait_s` seconds and send `wait_token` instead.",
);
const TOO_MANY_REQUESTS: Kind = kind(
    "too-many-requests",
    429,
    "Too many tries",
    "Wait for the number of seconds in `Retry-After`, then try again.",
);
const SPEND_CAP_REACHED: Kind = kind(
    "spend-cap-reached",
    402,
    "The budget has too little left",
    "A budget above this call has not enough left for it. `scope`, `cap`, `spent` and `held` say which and how it stands. Sending the call again does not help before `resets_at`: raise the budget at `manage_url`, or wait.",
);
const TOO_LARGE: Kind = kind(
    "too-large",
    413,
    "The request is too large",
    "The body is larger than `limit_bytes`, the most this endpoint takes.",
);
const BUSY: Kind = kind(
    "busy",
    503,
    "Busy at the moment",
    "Too much is going on, or a store is away. Try again after the number of seconds in `Retry-After`. If the store went away while a change was being confirmed, it may have been made: look first.",
);
const INTERNAL: Kind = kind(
    "internal",
    500,
    "Something went wrong on our side",
    "The cause is in the server's log under the request id in `instance`, and nowhere else.",
);
const UNREACHABLE: Kind = kind(
    "unreachable",
    503,
    "The server cannot be reached",
    "The browser got no answer that it could read. Check the connection and try again.",
);

/// Every kind of problem, for the pages that explain them.
#[must_use]
pub fn catalogue() -> &'static [Kind] {
    const ALL: &[Kind] = &[
        INVALID_INPUT,
        MALFORMED_REQUEST,
        SIGN_IN_REQUIRED,
        WRONG_CREDENTIALS,
        SECOND_FACTOR_REQUIRED,
        CODE_REFUSED,
        PASSKEY_REFUSED,
        STEP_UP_REQUIRED,
        DELETION_PENDING,
        ORGANIZATION_POLICY,
        NOT_ALLOWED,
        CROSS_SITE,
        NOT_FOUND,
        CONFLICT,
        QUOTA_EXCEEDED,
        IDEMPOTENCY_MISMATCH,
        TOKEN_REFUSED,
        EMAIL_NOT_VERIFIED,
        PROVIDER_REFUSED,
        CAPTCHA_REQUIRED,
        TOO_MANY_REQUESTS,
        SPEND_CAP_REACHED,
        TOO_LARGE,
        BUSY,
        INTERNAL,
        UNREACHABLE,
    ];
    ALL
}

impl Problem {
    /// The row of the catalogue.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self.0 {
            AppError::InvalidInput { .. } => INVALID_INPUT,
            AppError::MalformedRequest => MALFORMED_REQUEST,
            AppError::SignInRequired => SIGN_IN_REQUIRED,
            AppError::WrongCredentials => WRONG_CREDENTIALS,
            AppError::SecondFactorRequired => SECOND_FACTOR_REQUIRED,
            AppError::CodeRefused => CODE_REFUSED,
            AppError::PasskeyRefused => PASSKEY_REFUSED,
            AppError::StepUpRequired { .. } => STEP_UP_REQUIRED,
            AppError::DeletionPending { .. } => DELETION_PENDING,
            AppError::OrganizationPolicy { .. } => ORGANIZATION_POLICY,
            AppError::NotAllowed => NOT_ALLOWED,
            AppError::CrossSite => CROSS_SITE,
            AppError::NotFound => NOT_FOUND,
            AppError::Conflict { .. } => CONFLICT,
            AppError::QuotaExceeded { .. } => QUOTA_EXCEEDED,
            AppError::IdempotencyMismatch => IDEMPOTENCY_MISMATCH,
            AppError::TokenRefused => TOKEN_REFUSED,
            AppError::EmailNotVerified { .. } => EMAIL_NOT_VERIFIED,
            AppError::ProviderRefused { .. } => PROVIDER_REFUSED,
            AppError::CaptchaRequired { .. } => CAPTCHA_REQUIRED,
            AppError::TooManyRequests { .. } => TOO_MANY_REQUESTS,
            AppError::SpendCapReached { .. } => SPEND_CAP_REACHED,
            AppError::TooLarge { .. } => TOO_LARGE,
            AppError::Busy { .. } => BUSY,
            AppError::Internal => INTERNAL,
            AppError::Unreachable => UNREACHABLE,
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.kind().status
    }

    /// The short summary.
    #[must_use]
    pub fn title(&self) -> &'static str {
        self.kind().title
    }

    /// The sentence for this occurrence: the reason, and what to do next.
    #[must_use]
    pub fn detail(&self) -> String {
        match &self.0 {
            AppError::CaptchaRequired { challenge } => {
                format!("Too many tries came from your network. Try again in {}.", waiting_time(challenge.wait_s()))
            }
            AppError::TooManyRequests { retry_after_s } => {
                format!("Too many tries. Wait {} and try again.", waiting_time(*retry_after_s))
            }
            AppError::InvalidInput { errors } | AppError::Conflict { errors } if errors.len() == 1 => {
                errors.first().map(|e| e.message.clone()).unwrap_or_default()
            }
            AppError::OrganizationPolicy { needs: PolicyNeed::SecondFactor, .. } => {
                "This organization asks for a second factor, and your account has none. Set one up, then come back.".to_owned()
            }
            AppError::OrganizationPolicy { methods, .. } => {
                let methods: Vec<String> = methods.iter().map(SignInMethod::name).collect();
                format!("This organization asks for a session that was begun otherwise. Sign out, and in again by: {}.", methods.join(", "))
            }
            AppError::ProviderRefused { reason } => reason.sentence().to_owned(),
            AppError::StepUpRequired { .. } => "Confirm that it is you, then try again.".to_owned(),
            AppError::EmailNotVerified { .. } => {
                "The password is right, but the address has not been confirmed. Open the link in the letter, or ask \
                 for a new letter."
                    .to_owned()
            }
            AppError::SpendCapReached { scope, subject, cap, spent, held, resets_at, .. } => {
                let of = if subject.is_empty() { String::new() } else { format!(" {subject}") };
                format!(
                    "The budget of the {}{of} has too little left for this: {} of {} are spent and {} are held. It begins anew on \
                     {resets_at}.",
                    scope.name(),
                    spent.told(),
                    cap.told(),
                    held.told(),
                )
            }
            AppError::QuotaExceeded { resource, limit, used, .. } => {
                let of = Entitlement::parse(resource).map_or(resource.as_str(), |it| it.title());
                format!("{of}: the plan of this organization gives {limit}, and {used} are there. Remove what is not needed, or take a larger plan.")
            }
            AppError::TooLarge { limit_bytes } => format!("The body is larger than {limit_bytes} bytes."),
            AppError::Busy { retry_after_s } => {
                format!("Too much is going on, or a part of the server is away. Try again in {}.", waiting_time(*retry_after_s))
            }
            _ => self.kind().explanation.replace('`', ""),
        }
    }

    /// The RFC 9457 object. `instance` is the request id.
    #[must_use]
    pub fn body(&self, instance: Option<uuid::Uuid>) -> serde_json::Value {
        let mut body = serde_json::to_value(&self.0).unwrap_or_default();
        if let Some(object) = body.as_object_mut() {
            object.insert("title".into(), self.title().into());
            object.insert("status".into(), self.status().into());
            object.insert("detail".into(), self.detail().into());
            if let Some(id) = instance {
                object.insert("instance".into(), id.to_string().into());
            }
        }
        body
    }
}

fn waiting_time(seconds: u32) -> String {
    match seconds {
        0 | 1 => "a second".into(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        Self(error)
    }
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.title())
    }
}

impl std::error::Error for Problem {}

/// `application/problem+json`.
pub struct ProblemJson;

impl ContentType for ProblemJson {
    const CONTENT_TYPE: &'static str = "application/problem+json";
}

impl FormatType for ProblemJson {
    const FORMAT_TYPE: Format = Format::Text;
}

impl Encodes<Problem> for ProblemJson {
    type Error = serde_json::Error;

    fn encode(problem: &Problem) -> Result<Bytes, Self::Error> {
        serde_json::to_vec(&problem.body(None)).map(Bytes::from)
    }
}

impl Decodes<Problem> for ProblemJson {
    type Error = serde_json::Error;

    fn decode(bytes: Bytes) -> Result<Problem, Self::Error> {
        serde_json::from_slice(&bytes)
    }
}

impl FromServerFnError for Problem {
    type Encoder = ProblemJson;

    /// The framework's sentences carry details of the parser: they become one of ours, or nothing.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::MissingArg(field) => Self(AppError::invalid(&field, FieldIssue::Required)),
            ServerFnErrorErr::Args(text) => match missing_field(&text) {
                Some(field) => Self(AppError::invalid(field, FieldIssue::Required)),
                None => Self(AppError::MalformedRequest),
            },
            ServerFnErrorErr::Request(_)
            | ServerFnErrorErr::Deserialization(_)
            | ServerFnErrorErr::Response(_) => Self(AppError::Unreachable),
            _ => Self(AppError::Internal),
        }
    }

    fn status_code(&self) -> http::StatusCode {
        http::StatusCode::from_u16(self.status()).unwrap_or(http::StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// The name in serde's ``missing field `name` ``, if it looks like one of ours.
fn missing_field(text: &str) -> Option<&str> {
    let name = text.split("missing field `").nth(1)?.split('`').next()?;
    let ours =
        !name.is_empty() && name.len() <= 40 && name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    ours.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_survives_the_wire() {
        for kind in catalogue() {
            for challenge in challenges() {
                let problem: Problem = serde_json::from_value(body(kind.name, &challenge)).expect(kind.name);
                let bytes = ProblemJson::encode(&problem).expect("encodes");
                assert_eq!(ProblemJson::decode(bytes).expect("decodes"), problem, "{}", kind.name);
            }
        }
    }

    #[test]
    fn what_lacks_a_part_is_no_problem_of_ours() {
        for text in [
            r#"{"type":"/problems/step-up-required"}"#,
            r#"{"type":"/problems/unknown"}"#,
            r#"{"type":"not-found"}"#,
            r#"{"type":"/problems/captcha-required","challenge":{"kind":"riddle","puzzle":"","expires_s":1,"wait_token":"","wait_s":1}}"#,
        ] {
            assert!(serde_json::from_str::<Problem>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_type_is_the_name_in_the_catalogue() {
        for kind in catalogue() {
            let problem: Problem =
                serde_json::from_value(body(kind.name, &challenges()[0])).expect(kind.name);
            assert_eq!(problem.kind().name, kind.name);
        }
    }

    /// A problem with everything that one can have.
    fn body(name: &str, challenge: &serde_json::Value) -> serde_json::Value {
        let of_field =
            serde_json::json!({ "field": "name", "problem": "too-long", "max": 9, "message": "Shorter." });
        serde_json::json!({
            "type": format!("/problems/{name}"), "errors": [of_field], "max_age_s": 1, "resend": "/again",
            "retry_after_s": 1, "limit_bytes": 1, "reason": "stale", "challenge": challenge,
            "due_at": "2026-11-21T12:00:00Z", "needs": "second-factor", "methods": ["passkey"],
            "scope": "organization", "subject": "acme", "cap": "1.00", "spent": "0.90", "held": "0.20",
            "resets_at": "2026-12-01T00:00:00Z", "manage_url": "/o/acme/limits",
            "resource": "seats", "limit": 3, "used": 3, "requested": 1,
        })
    }

    fn challenges() -> [serde_json::Value; 2] {
        let work = serde_json::json!({
            "kind": "proof-of-work", "puzzle": "p", "seed": "s", "count": 16, "bits": 12, "expires_s": 300,
            "wait_token": "w", "wait_s": 10,
        });
        let widget = serde_json::json!({
            "kind": "turnstile", "puzzle": "p", "site_key": "k", "script_url": "u", "action": "a", "cdata": "c",
            "expires_s": 300, "wait_token": "w", "wait_s": 10,
        });
        [work, widget]
    }

    #[test]
    fn the_frameworks_own_sentences_never_reach_the_caller() {
        let told = Problem::from_server_fn_error(ServerFnErrorErr::ServerError("secret cause".into()));
        assert_eq!(told, Problem(AppError::Internal));
        let named = Problem::from_server_fn_error(ServerFnErrorErr::Args("missing field `email`".into()));
        assert_eq!(named.0.of_field("email").map(|p| p.issue.clone()), Some(FieldIssue::Required));
    }
}
