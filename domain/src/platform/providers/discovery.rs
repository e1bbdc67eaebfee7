//! What a provider says of itself (OpenID Connect Discovery 1.0, RFC 8414), held against what the operator said.

use serde::{Deserialize, Deserializer, de::Error as _};
use url::Url;

use super::{ProviderProblem, ProviderSettings};

/// The document at `/.well-known/openid-configuration`, as far as it matters here.
#[derive(Debug, Deserialize)]
pub(super) struct Metadata {
    issuer: String,
    #[serde(deserialize_with = "address")]
    pub(super) authorization_endpoint: Url,
    #[serde(deserialize_with = "address")]
    pub(super) token_endpoint: Url,
    #[serde(deserialize_with = "address")]
    pub(super) jwks_uri: Url,
    #[serde(default, deserialize_with = "maybe_address")]
    pub(super) userinfo_endpoint: Option<Url>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// How we prove to the token endpoint who we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proof {
    /// In the header.
    Basic,
    /// In the form.
    Post,
}

impl Metadata {
    /// Where a provider's document is (Discovery 1.0 §4.1).
    pub(super) fn address(issuer: &str) -> Option<Url> {
        Url::parse(&format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'))).ok()
    }

    /// Reads a document and refuses one that is not of this issuer, or leads to a host nobody named.
    pub(super) fn read(body: &[u8], settings: &ProviderSettings) -> Result<Self, ProviderProblem> {
        let metadata: Self = serde_json::from_slice(body)
            .map_err(|_| ProviderProblem::Refused("its configuration cannot be read"))?;
        if metadata.issuer != settings.issuer {
            return Err(ProviderProblem::Refused("its configuration names another issuer"));
        }
        let hosts = Hosts::of(settings).ok_or(ProviderProblem::Refused("its issuer is no address"))?;
        let places = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
        if !places.into_iter().chain(&metadata.userinfo_endpoint).all(|place| hosts.allow(place)) {
            return Err(ProviderProblem::Refused(
                "its configuration leads to a host that is not among `hosts`",
            ));
        }
        let methods = metadata.code_challenge_methods_supported.as_deref();
        if methods.is_some_and(|methods| !methods.iter().any(|method| method == "S256")) {
            return Err(ProviderProblem::Refused("it does not know PKCE with S256"));
        }
        Ok(metadata)
    }

    /// How it wants us to prove who we are; `client_secret_basic` where it does not say (Discovery 1.0 §3).
    pub(super) fn proof(&self) -> Proof {
        let methods = self.token_endpoint_auth_methods_supported.as_deref();
        let knows = |name: &str| methods.is_some_and(|methods| methods.iter().any(|method| method == name));
        if !knows("client_secret_basic") && knows("client_secret_post") { Proof::Post } else { Proof::Basic }
    }

    /// Whether the issuer in an answer is ours; it may only be missing where nobody promised it (RFC 9207 §2.4).
    pub(super) fn is_answer_of(&self, issuer: Option<&str>) -> bool {
        match issuer {
            Some(issuer) => issuer == self.issuer,
            None => !self.authorization_response_iss_parameter_supported,
        }
    }
}

/// The hosts that may be asked: what a document says must not lead us into the house's own network.
struct Hosts<'a> {
    issuer: Url,
    others: &'a [String],
}

impl<'a> Hosts<'a> {
    fn of(settings: &'a ProviderSettings) -> Option<Self> {
        Some(Self { issuer: Url::parse(&settings.issuer).ok()?, others: &settings.hosts })
    }

    /// The issuer's own origin, or another of the named hosts by TLS on its usual port.
    fn allow(&self, place: &Url) -> bool {
        let is_plain = place.username().is_empty() && place.password().is_none();
        let is_named = place.scheme() == "https"
            && place.port().is_none()
            && place.host_str().is_some_and(|host| self.others.iter().any(|other| other == host));
        is_plain && (place.origin() == self.issuer.origin() || is_named)
    }
}

fn address<'de, D: Deserializer<'de>>(input: D) -> Result<Url, D::Error> {
    Url::parse(&String::deserialize(input)?).map_err(D::Error::custom)
}

fn maybe_address<'de, D: Deserializer<'de>>(input: D) -> Result<Option<Url>, D::Error> {
    let text = Option::<String>::deserialize(input)?;
    text.map(|text| Url::parse(&text).map_err(D::Error::custom)).transpose()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::platform::providers::ProviderKind;

    fn settings() -> ProviderSettings {
        let (kind, issuer) = (ProviderKind::Oidc, "https://id.example.com");
        let mut settings =
            ProviderSettings::standard("test", kind, issuer, "gate", "secret".to_owned().into());
        settings.hosts = vec!["keys.example.com".into()];
        settings
    }

    fn document() -> Value {
        json!({
            "issuer": "https://id.example.com",
            "authorization_endpoint": "https://id.example.com/authorize",
            "token_endpoint": "https://id.example.com/token",
            "jwks_uri": "https://keys.example.com/jwks",
        })
    }

    fn read(document: &Value) -> Result<Metadata, ProviderProblem> {
        Metadata::read(document.to_string().as_bytes(), &settings())
    }

    #[test]
    fn a_document_leads_only_to_hosts_that_were_named() {
        assert!(read(&document()).is_ok());
        for elsewhere in [
            "https://evil.example/token",
            "https://id.example.com.evil.example/token",
            "http://id.example.com/token",
            "https://id.example.com:8443/token",
            "https://keys.example.com:8443/token",
            "https://user@id.example.com/token",
            "http://169.254.169.254/latest/meta-data",
            "http://127.0.0.1:5432/",
            "file:///etc/passwd",
            "nonsense",
        ] {
            for place in ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"] {
                let mut document = document();
                document[place] = elsewhere.into();
                assert!(read(&document).is_err(), "{place}: {elsewhere}");
            }
        }
    }

    #[test]
    fn a_document_of_another_issuer_or_without_pkce_is_refused() {
        for (name, value) in [
            ("issuer", json!("https://id.example.com/")),
            ("issuer", json!("https://other.example.com")),
            ("code_challenge_methods_supported", json!(["plain"])),
            ("token_endpoint", Value::Null),
        ] {
            let mut document = document();
            document[name] = value;
            assert!(read(&document).is_err(), "{name}");
        }
    }

    #[test]
    fn the_issuer_of_an_answer_is_compared_and_missed_where_it_was_promised() {
        let silent = read(&document()).expect("valid");
        assert!(silent.is_answer_of(None) && silent.is_answer_of(Some("https://id.example.com")));
        assert!(!silent.is_answer_of(Some("https://evil.example")));
        let mut promising = document();
        promising["authorization_response_iss_parameter_supported"] = true.into();
        assert!(!read(&promising).expect("valid").is_answer_of(None));
    }

    #[test]
    fn the_secret_is_shown_as_the_provider_wants_it() {
        assert_eq!(read(&document()).expect("valid").proof(), Proof::Basic);
        for (methods, proof) in [
            (json!(["client_secret_post"]), Proof::Post),
            (json!(["client_secret_basic", "client_secret_post"]), Proof::Basic),
        ] {
            let mut document = document();
            document["token_endpoint_auth_methods_supported"] = methods;
            assert_eq!(read(&document).expect("valid").proof(), proof);
        }
    }
}
