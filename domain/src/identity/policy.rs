//! Who may open an account.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{FieldIssue, Timestamp};

/// More domains are a sign of a mistake.
pub const DOMAINS_MAX: u32 = 100;

/// Who may open an account by themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct RegistrationPolicy {
    /// Whether anybody may.
    pub registration: Registering,
    /// Whose addresses are taken, in small letters; empty for every domain.
    pub allowed_domains: Vec<String>,
}

/// What everybody may know of it. The domains are not for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct RegistrationNotice {
    /// Whether anybody may.
    pub registration: Registering,
}

/// An address that may open an account, and has not yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Invitation {
    /// The invitation.
    pub id: Uuid,
    /// Whom it invites.
    pub email: String,
    /// The address of the administrator who has invited last; null once they are gone.
    pub invited_by: Option<String>,
    /// When the address was first invited.
    pub created_at: Timestamp,
    /// When the newest letter was written.
    pub sent_at: Timestamp,
    /// Until when its link works.
    pub expires_at: Timestamp,
    /// Whether that moment has come.
    pub expired: bool,
}

/// Whether accounts are opened by those who want one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Registering {
    /// By everybody with an address of an allowed domain.
    Open,
    /// By those of them whom an administrator has invited.
    Invited,
    /// By nobody.
    Closed,
}

impl Registering {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Open, Self::Invited, Self::Closed];

    /// The name in the API and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Invited => "invited",
            Self::Closed => "closed",
        }
    }

    /// Reads the name in the API.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|choice| choice.name() == name)
    }
}

/// How somebody may open an account who may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// By themselves.
    Free,
    /// If their address was invited.
    ByInvitation,
}

impl RegistrationPolicy {
    /// Whether somebody with this address may open an account, and how. Looks at nothing but the address, so that the answer is the
    /// same whether it has one or not.
    ///
    /// # Errors
    /// What stands in the way.
    pub fn admits(&self, address: &str) -> Result<Admission, FieldIssue> {
        let admission = match self.registration {
            Registering::Open => Admission::Free,
            Registering::Invited => Admission::ByInvitation,
            Registering::Closed => return Err(FieldIssue::RegistrationClosed),
        };
        self.takes(address).map(|()| admission)
    }

    /// Whether this may be the address of an account.
    ///
    /// # Errors
    /// [`FieldIssue::DomainNotAllowed`].
    pub fn takes(&self, address: &str) -> Result<(), FieldIssue> {
        let domain = address.rsplit('@').next().unwrap_or_default().to_lowercase();
        if self.allowed_domains.is_empty() || self.allowed_domains.contains(&domain) {
            Ok(())
        } else {
            Err(FieldIssue::DomainNotAllowed)
        }
    }

    /// Reads domains between commas, spaces or line breaks, each with or without an `@` in front.
    ///
    /// # Errors
    /// For what is no domain, and for too many.
    pub fn read_domains(typed: &str) -> Result<Vec<String>, FieldIssue> {
        let mut domains: Vec<String> = Vec::new();
        for word in typed.split([',', ';', ' ', '\t', '\r', '\n']).filter(|word| !word.is_empty()) {
            let domain = word.trim_start_matches('@').trim_end_matches('.').to_lowercase();
            if !is_domain(&domain) {
                return Err(FieldIssue::NotADomain);
            }
            if !domains.contains(&domain) {
                domains.push(domain);
            }
        }
        let is_too_many = u32::try_from(domains.len()).is_ok_and(|count| count > DOMAINS_MAX);
        if is_too_many {
            Err(FieldIssue::OutOfRange { min: 0, max: DOMAINS_MAX.into() })
        } else {
            Ok(domains)
        }
    }
}

/// Labels of letters, digits and hyphens (RFC 1123, section 2.1); other scripts as they are written in addresses.
fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_are_read_as_people_type_them() {
        let read = RegistrationPolicy::read_domains;
        assert_eq!(
            read(" Example.com, @example.org\nexample.com. "),
            Ok(vec!["example.com".into(), "example.org".into()])
        );
        assert_eq!(read(""), Ok(Vec::new()));
        for bad in ["example", "a b@c", "-a.com", "a..com", "*.example.com", "https://example.com"] {
            assert_eq!(read(bad), Err(FieldIssue::NotADomain), "{bad}");
        }
    }

    #[test]
    fn only_the_whole_domain_counts() {
        let policy = RegistrationPolicy {
            registration: Registering::Open,
            allowed_domains: vec!["example.com".into()],
        };
        assert_eq!(policy.admits("Ann@EXAMPLE.com"), Ok(Admission::Free));
        for other in ["ann@evil-example.com", "ann@sub.example.com", "example.com@evil.org"] {
            assert_eq!(policy.admits(other), Err(FieldIssue::DomainNotAllowed), "{other}");
        }
        let invited = RegistrationPolicy { registration: Registering::Invited, ..policy.clone() };
        assert_eq!(invited.admits("ann@example.com"), Ok(Admission::ByInvitation));
        assert_eq!(invited.admits("ann@example.org"), Err(FieldIssue::DomainNotAllowed));
        let closed = RegistrationPolicy { registration: Registering::Closed, ..policy };
        assert_eq!(closed.admits("ann@example.com"), Err(FieldIssue::RegistrationClosed));
    }
}
