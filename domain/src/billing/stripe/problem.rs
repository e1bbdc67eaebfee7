//! What can come of a question to Stripe besides an answer.

use serde::Deserialize;

use crate::platform::{log::Cause, outbound::OutboundProblem};

/// Why there is no answer, or which one it is. Closed: of Stripe's own words only codes come through.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StripeProblem {
    /// It could not be asked, in no try. Whether it did what was asked is unknown; the same act may be tried again.
    #[error("Stripe: {0}")]
    Unreachable(#[from] OutboundProblem),
    /// It had no time, in no try. Whether it did what was asked is unknown; the same act may be tried again.
    #[error("Stripe answered {status}")]
    Busy {
        /// The HTTP status.
        status: u16,
    },
    /// It does not take our key, or the key may not do this.
    #[error("Stripe refuses the key in billing.stripe.api_key")]
    Key,
    /// It knows no such object.
    #[error("Stripe knows no such object")]
    Missing,
    /// The card was declined.
    #[error("the card was declined ({code})")]
    Declined {
        /// Its code, such as `card_declined`.
        code: String,
    },
    /// The key of this act was used for another one.
    #[error("this act was tried with other parameters")]
    KeyReused,
    /// There is one already under this name.
    #[error("it is there already")]
    Exists,
    /// It refuses what was asked.
    #[error("Stripe refuses this ({code}, {param})")]
    Refused {
        /// Its code, or nothing.
        code: String,
        /// Which parameter, or nothing.
        param: String,
    },
    /// The answer cannot be read.
    #[error("what Stripe answered cannot be read")]
    Unreadable,
}

impl Cause for StripeProblem {
    fn passes(&self) -> bool {
        matches!(self, Self::Unreachable(_) | Self::Busy { .. })
    }
}

impl StripeProblem {
    /// Whether it is certain that the act was not done, and that the same act never will be.
    pub(in crate::billing) fn is_final(&self) -> bool {
        // Of the others it is unknown, or the operator puts it right.
        !matches!(self, Self::Unreachable(_) | Self::Busy { .. } | Self::Key | Self::Unreadable)
    }
}

/// The code of an object that is not there; other 404s are about the address or the way.
const MISSING: &str = "resource_missing";

/// The body of a refusal, as far as it matters.
#[derive(Default, Deserialize)]
struct Body {
    error: Said,
}

#[derive(Default, Deserialize)]
struct Said {
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default)]
    code: Option<String>,
    #[serde(default)]
    decline_code: Option<String>,
    #[serde(default)]
    param: Option<String>,
    #[serde(default)]
    message: Option<String>,
}

impl StripeProblem {
    /// What a status other than 2xx means.
    pub(super) fn of(status: u16, body: &[u8]) -> Self {
        let said = serde_json::from_slice::<Body>(body).unwrap_or_default().error;
        let code = plain(said.code.as_deref());
        match (status, said.kind.as_str()) {
            (401 | 403, _) => Self::Key,
            (402, _) | (_, "card_error") => {
                let reason = plain(said.decline_code.as_deref());
                Self::Declined { code: if reason.is_empty() { code } else { reason } }
            }
            (409 | 429 | 500.., _) => Self::Busy { status },
            (_, "idempotency_error") => Self::KeyReused,
            (404, _) if code == MISSING => Self::Missing,
            // Somebody in between, who knows nothing of Stripe.
            (404, "") => Self::Unreadable,
            // Neither code nor parameter tell it from other refusals.
            (400, _) if is_known_event(said.message.as_deref()) => Self::Exists,
            (400..=499, _) => Self::Refused { code, param: plain(said.param.as_deref()) },
            _ => Self::Unreadable,
        }
    }
}

/// What Stripe says of a meter event whose identifier it has.
fn is_known_event(message: Option<&str>) -> bool {
    message.is_some_and(|text| text.contains("event already exists with identifier"))
}

/// Codes and names of parameters; what is none is not passed on.
fn plain(text: Option<&str>) -> String {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'[' | b']' | b'.');
    text.filter(|text| text.len() <= 100 && text.bytes().all(fits)).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> StripeProblem {
        StripeProblem::of(status, body.as_bytes())
    }

    #[test]
    fn each_refusal_has_one_meaning_and_stripes_own_words_stay_behind() {
        let card =
            r#"{"error":{"type":"card_error","code":"card_declined","decline_code":"insufficient_funds"}}"#;
        assert_eq!(of(402, card), StripeProblem::Declined { code: "insufficient_funds".into() });
        assert_eq!(of(400, r#"{"error":{"type":"idempotency_error"}}"#), StripeProblem::KeyReused);
        assert_eq!(of(401, ""), StripeProblem::Key);
        let missing = r#"{"error":{"type":"invalid_request_error","code":"resource_missing","param":"id"}}"#;
        assert_eq!(of(404, missing), StripeProblem::Missing);
        assert_eq!(of(404, "<html>"), StripeProblem::Unreadable);
        let nowhere = r#"{"error":{"type":"invalid_request_error","message":"Unrecognized request URL"}}"#;
        let refused = StripeProblem::Refused { code: String::new(), param: String::new() };
        assert_eq!(of(404, nowhere), refused);
        assert_eq!(of(503, "<html>"), StripeProblem::Busy { status: 503 });
        let twice = r#"{"error":{"type":"invalid_request_error","message":"An event already exists with identifier x."}}"#;
        assert_eq!(of(400, twice), StripeProblem::Exists);
        let odd = r#"{"error":{"type":"invalid_request_error","code":"<b>","param":"items[0][price]","message":"x"}}"#;
        let refused = StripeProblem::Refused { code: String::new(), param: "items[0][price]".into() };
        assert_eq!(of(400, odd), refused);
    }
}
