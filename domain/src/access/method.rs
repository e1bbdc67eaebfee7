//! By what somebody has come in. Pure, shared with the browser.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// By what a session was begun, or what a script shows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignInMethod {
    /// A password, whatever came after it.
    Password,
    /// A passkey alone.
    Passkey,
    /// A sign-in provider, by its id.
    Provider(String),
    /// No session, but a token that somebody made in one.
    ApiToken,
}

impl SignInMethod {
    /// The name in the API and the database.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Password => "password".to_owned(),
            Self::Passkey => "passkey".to_owned(),
            Self::Provider(id) => format!("provider:{id}"),
            Self::ApiToken => "api-token".to_owned(),
        }
    }

    /// Reads the name in the API.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "password" => Some(Self::Password),
            "passkey" => Some(Self::Passkey),
            "api-token" => Some(Self::ApiToken),
            _ => name.strip_prefix("provider:").filter(|id| !id.is_empty()).map(|id| Self::Provider(id.to_owned())),
        }
    }
}

impl Serialize for SignInMethod {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&self.name())
    }
}

impl<'de> Deserialize<'de> for SignInMethod {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("expected a way to sign in"))
    }
}

#[cfg(feature = "server")]
impl schemars::JsonSchema for SignInMethod {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SignInMethod".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^(password|passkey|api-token|provider:.+)$" })
    }
    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::SignInMethod as M;

    #[test]
    fn names_are_read_back_and_a_provider_is_never_taken_for_a_password() {
        for method in [M::Password, M::Passkey, M::ApiToken, M::Provider("password".into())] {
            assert_eq!(M::parse(&method.name()), Some(method));
        }
        for name in ["", "Password", "provider:", "google"] {
            assert_eq!(M::parse(name), None, "{name}");
        }
    }
}
