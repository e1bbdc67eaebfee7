//! Refusals in Stripe's own shape.

use serde_json::{Value, json};

/// What is answered instead of an object.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    kind: &'static str,
    code: Option<&'static str>,
    decline_code: Option<&'static str>,
    param: Option<String>,
    message: String,
}

/// What comes of a call.
pub(crate) type Reply = Result<Value, Refusal>;

impl Refusal {
    fn new(status: u16, kind: &'static str, message: String) -> Self {
        Self { status, kind, code: None, decline_code: None, param: None, message }
    }

    /// A parameter that is not acceptable.
    pub(crate) fn invalid(param: &str, message: impl Into<String>) -> Self {
        let refusal = Self::new(400, "invalid_request_error", message.into());
        Self { param: Some(param.to_owned()), ..refusal }
    }

    /// No such object.
    pub(crate) fn missing(kind: &str, id: &str) -> Self {
        let refusal = Self::new(404, "invalid_request_error", format!("No such {kind}: '{id}'"));
        Self { code: Some("resource_missing"), param: Some("id".into()), ..refusal }
    }

    /// No such address.
    pub(crate) fn unrecognized(method: &str, path: &str) -> Self {
        Self::new(404, "invalid_request_error", format!("Unrecognized request URL ({method}: {path})."))
    }

    /// A card that is not good.
    pub(crate) fn declined() -> Self {
        let refusal = Self::new(402, "card_error", "Your card was declined.".into());
        Self { code: Some("card_declined"), decline_code: Some("generic_decline"), ..refusal }
    }

    /// No key, or none of ours.
    pub(crate) fn key() -> Self {
        Self::new(401, "invalid_request_error", "Invalid API Key provided.".into())
    }

    /// An idempotency key that belongs to another request.
    pub(crate) fn reused() -> Self {
        let message = "Keys for idempotent requests can only be used with the same parameters they were first used with.";
        Self::new(400, "idempotency_error", message.into())
    }

    /// A planned fault.
    pub(crate) fn fault(status: u16, kind: &'static str, message: &str) -> Self {
        Self::new(status, kind, message.to_owned())
    }

    pub(crate) fn code(self, code: &'static str) -> Self {
        Self { code: Some(code), ..self }
    }

    pub(crate) fn body(&self) -> Value {
        let mut error = json!({ "type": self.kind, "message": self.message });
        let more =
            [("code", self.code), ("decline_code", self.decline_code), ("param", self.param.as_deref())];
        for (name, value) in more.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            error[name] = value.into();
        }
        json!({ "error": error })
    }
}
