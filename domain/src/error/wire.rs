//! How a browser reads what went wrong. Flat: what serde makes of a tag inside of an object is a tenth of its program.

use serde::{Deserialize, Deserializer, de::Error};

use super::{AppError, FieldProblem};
use crate::{
    Timestamp,
    access::{PolicyNeed, SignInMethod},
    federation::ProviderRefusal,
    identity::captcha::Challenge,
    spend::{Nano, Scope},
};

/// Everything that can stand in a problem besides what is there for people.
#[derive(Deserialize)]
struct Wire {
    #[serde(rename = "type")]
    kind: String,
    errors: Option<Vec<FieldProblem>>,
    max_age_s: Option<u32>,
    due_at: Option<Timestamp>,
    resend: Option<String>,
    reason: Option<ProviderRefusal>,
    challenge: Option<Challenge>,
    retry_after_s: Option<u32>,
    needs: Option<PolicyNeed>,
    methods: Option<Vec<SignInMethod>>,
    scope: Option<Scope>,
    subject: Option<String>,
    cap: Option<Nano>,
    spent: Option<Nano>,
    held: Option<Nano>,
    resets_at: Option<Timestamp>,
    manage_url: Option<String>,
    limit_bytes: Option<u64>,
    resource: Option<String>,
    limit: Option<i64>,
    used: Option<i64>,
    requested: Option<i64>,
}

impl<'de> Deserialize<'de> for AppError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wire = Wire::deserialize(deserializer)?;
        Self::read(wire).ok_or_else(|| D::Error::custom("no problem of ours"))
    }
}

impl AppError {
    fn read(wire: Wire) -> Option<Self> {
        Some(match wire.kind.strip_prefix("/problems/")? {
            "invalid-input" => Self::InvalidInput { errors: wire.errors? },
            "malformed-request" => Self::MalformedRequest,
            "sign-in-required" => Self::SignInRequired,
            "wrong-credentials" => Self::WrongCredentials,
            "second-factor-required" => Self::SecondFactorRequired,
            "code-refused" => Self::CodeRefused,
            "passkey-refused" => Self::PasskeyRefused,
            "step-up-required" => Self::StepUpRequired { max_age_s: wire.max_age_s? },
            "deletion-pending" => Self::DeletionPending { due_at: wire.due_at? },
            "organization-policy" => {
                Self::OrganizationPolicy { needs: wire.needs?, methods: wire.methods.unwrap_or_default() }
            }
            "not-allowed" => Self::NotAllowed,
            "cross-site" => Self::CrossSite,
            "not-found" => Self::NotFound,
            "conflict" => Self::Conflict { errors: wire.errors? },
            "quota-exceeded" => Self::QuotaExceeded {
                resource: wire.resource?,
                limit: wire.limit?,
                used: wire.used?,
                requested: wire.requested?,
            },
            "idempotency-mismatch" => Self::IdempotencyMismatch,
            "token-refused" => Self::TokenRefused,
            "email-not-verified" => Self::EmailNotVerified { resend: wire.resend? },
            "provider-refused" => Self::ProviderRefused { reason: wire.reason? },
            "captcha-required" => Self::CaptchaRequired { challenge: wire.challenge? },
            "too-many-requests" => Self::TooManyRequests { retry_after_s: wire.retry_after_s? },
            "spend-cap-reached" => Self::SpendCapReached {
                scope: wire.scope?,
                subject: wire.subject?,
                cap: wire.cap?,
                spent: wire.spent?,
                held: wire.held?,
                resets_at: wire.resets_at?,
                manage_url: wire.manage_url?,
            },
            "too-large" => Self::TooLarge { limit_bytes: wire.limit_bytes? },
            "busy" => Self::Busy { retry_after_s: wire.retry_after_s? },
            "internal" => Self::Internal,
            "unreachable" => Self::Unreachable,
            _ => return None,
        })
    }
}
