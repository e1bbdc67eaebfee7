//! The closed set of things that can go wrong in front of a caller.
//!
//! Each variant has a stable name on the wire (RFC 9457 `type`); `app` gives it its HTTP status and sentences.
//! Causes never travel in it: they go to the log once, where they are met (see `platform::log`).

mod issue;
mod wire;

use serde::Serialize;

pub use self::issue::{FieldIssue, FieldProblem};
use crate::{
    Timestamp,
    access::{PolicyNeed, SignInMethod},
    federation::ProviderRefusal,
    identity::captcha::Challenge,
    spend::{Nano, Scope},
};

/// What a caller is told. Carries no cause, no secret and no free text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(tag = "type")]
pub enum AppError {
    /// One or more fields are not acceptable.
    #[serde(rename = "/problems/invalid-input")]
    #[error("invalid input")]
    InvalidInput {
        /// Each field with what is wrong with it.
        errors: Vec<FieldProblem>,
    },
    /// The request could not be read at all.
    #[serde(rename = "/problems/malformed-request")]
    #[error("malformed request")]
    MalformedRequest,
    /// Nobody is signed in.
    #[serde(rename = "/problems/sign-in-required")]
    #[error("sign-in required")]
    SignInRequired,
    /// Unknown address, wrong password or locked account: deliberately one and the same.
    #[serde(rename = "/problems/wrong-credentials")]
    #[error("wrong credentials")]
    WrongCredentials,
    /// The password was right; the second factor is still missing.
    #[serde(rename = "/problems/second-factor-required")]
    #[error("second factor required")]
    SecondFactorRequired,
    /// A wrong, old or used code.
    #[serde(rename = "/problems/code-refused")]
    #[error("code refused")]
    CodeRefused,
    /// A passkey that is unknown, removed or wrong, or whose answer came too late or from elsewhere.
    #[serde(rename = "/problems/passkey-refused")]
    #[error("passkey refused")]
    PasskeyRefused,
    /// A fresh proof of identity is needed first.
    #[serde(rename = "/problems/step-up-required")]
    #[error("step-up required")]
    StepUpRequired {
        /// How old the proof may be, in seconds.
        max_age_s: u32,
    },
    /// The account is about to be deleted; until then it can only be kept.
    #[serde(rename = "/problems/deletion-pending")]
    #[error("deletion pending")]
    DeletionPending {
        /// When it is deleted.
        due_at: Timestamp,
    },
    /// The policy of the organization asks for more than the caller has.
    #[serde(rename = "/problems/organization-policy")]
    #[error("organization policy")]
    OrganizationPolicy {
        /// What is missing.
        needs: PolicyNeed,
        /// By what a session may be begun, where that is it.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        methods: Vec<SignInMethod>,
    },
    /// The caller may know of it, but not do it.
    #[serde(rename = "/problems/not-allowed")]
    #[error("not allowed")]
    NotAllowed,
    /// A cookie-bearing request from another site.
    #[serde(rename = "/problems/cross-site")]
    #[error("cross-site request")]
    CrossSite,
    /// Missing, or nothing the caller may know of.
    #[serde(rename = "/problems/not-found")]
    #[error("not found")]
    NotFound,
    /// The state of things does not allow it.
    #[serde(rename = "/problems/conflict")]
    #[error("conflict")]
    Conflict {
        /// What stands in the way.
        errors: Vec<FieldProblem>,
    },
    /// There can be no more of something.
    #[serde(rename = "/problems/quota-exceeded")]
    #[error("quota exceeded")]
    QuotaExceeded {
        /// Of what, by its stable name, such as `seats`.
        resource: String,
        /// How many there can be.
        limit: i64,
        /// How many there are.
        used: i64,
        /// How many more were asked for.
        requested: i64,
    },
    /// The key of this request is the key of another one.
    #[serde(rename = "/problems/idempotency-mismatch")]
    #[error("idempotency mismatch")]
    IdempotencyMismatch,
    /// A link or token that is wrong, used or expired.
    #[serde(rename = "/problems/token-refused")]
    #[error("token refused")]
    TokenRefused,
    /// The address has not been confirmed yet.
    #[serde(rename = "/problems/email-not-verified")]
    #[error("e-mail address not verified")]
    EmailNotVerified {
        /// The endpoint that sends the letter again.
        resend: String,
    },
    /// A way through a sign-in provider has led nowhere.
    #[serde(rename = "/problems/provider-refused")]
    #[error("provider refused")]
    ProviderRefused {
        /// Why.
        reason: ProviderRefusal,
    },
    /// Too many tries came from this network: one more needs some work or some patience.
    #[serde(rename = "/problems/captcha-required")]
    #[error("captcha required")]
    CaptchaRequired {
        /// What is asked.
        challenge: Challenge,
    },
    /// Too many tries.
    #[serde(rename = "/problems/too-many-requests")]
    #[error("too many requests")]
    TooManyRequests {
        /// After how many seconds a try can succeed.
        retry_after_s: u32,
    },
    /// A budget has nothing left for this.
    #[serde(rename = "/problems/spend-cap-reached")]
    #[error("spend cap reached")]
    SpendCapReached {
        /// Whose calls the budget counts.
        scope: Scope,
        /// Of which workspace, project, group, person, token, tag or model; empty for the organization.
        subject: String,
        /// The most that may be spent.
        cap: Nano,
        /// What was spent.
        spent: Nano,
        /// What calls that go on may still cost.
        held: Nano,
        /// When the budget begins anew.
        resets_at: Timestamp,
        /// Where it can be raised.
        manage_url: String,
    },
    /// The body is larger than this endpoint takes.
    #[serde(rename = "/problems/too-large")]
    #[error("request too large")]
    TooLarge {
        /// The largest body, in bytes.
        limit_bytes: u64,
    },
    /// The password queue is full, or a store is away.
    #[serde(rename = "/problems/busy")]
    #[error("busy")]
    Busy {
        /// After how many seconds to try again.
        retry_after_s: u32,
    },
    /// Our fault. The cause is in the log under the request id.
    #[serde(rename = "/problems/internal")]
    #[error("internal error")]
    Internal,
    /// Only in the browser: the server could not be reached, or its answer not be read.
    #[serde(rename = "/problems/unreachable")]
    #[error("server unreachable")]
    Unreachable,
}

impl AppError {
    /// One field, one problem.
    #[must_use]
    pub fn invalid(field: &str, issue: FieldIssue) -> Self {
        Self::InvalidInput { errors: vec![FieldProblem::new(field, issue)] }
    }

    /// The problem of a field, if this error has one.
    #[must_use]
    pub fn of_field(&self, field: &str) -> Option<&FieldProblem> {
        match self {
            Self::InvalidInput { errors } | Self::Conflict { errors } => {
                errors.iter().find(|e| e.field == field)
            }
            _ => None,
        }
    }
}
