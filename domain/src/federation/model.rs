//! What people see of the providers they sign in with.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

/// A provider by which one can sign in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Offered {
    /// Its name in addresses, such as `google` in `/auth/google/start`.
    pub id: String,
    /// Its name for people.
    pub name: String,
}

/// One way to sign in, connected to an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Identity {
    /// The connection.
    pub id: Uuid,
    /// What the provider is called; its issuer where it is not configured any more.
    pub name: String,
    /// What the provider called the address when it was connected.
    pub email: Option<String>,
    /// When it was connected.
    pub linked_at: Timestamp,
    /// When somebody last signed in by it.
    pub last_used_at: Option<Timestamp>,
}

/// How somebody signs in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Ways {
    /// Whether the account has a password.
    pub has_password: bool,
    /// Whether the last proof of identity is fresh enough to connect a provider.
    pub is_proved: bool,
    /// What is connected.
    pub items: Vec<Identity>,
    /// What could be.
    pub available: Vec<Offered>,
}

/// Why a way through a provider has led nowhere. Closed, so that no provider can put words into our mouth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProviderRefusal {
    /// The provider cannot be reached.
    Away,
    /// The person said no there.
    Declined,
    /// What the provider said is not to be believed.
    Unproved,
    /// The answer is too old, was used before, or belongs to another browser.
    Stale,
    /// The provider does not vouch for the address.
    AddressNotVerified,
    /// This provider opens no accounts.
    NoAccount,
    /// Nobody may open an account.
    RegistrationClosed,
    /// Nobody may open an account whom no administrator has invited.
    InvitationNeeded,
    /// Nobody with an address of this domain may open an account.
    DomainNotAllowed,
    /// The account is locked.
    Locked,
    /// The identity belongs to another account.
    Taken,
    /// Another identity of the provider is connected already.
    Another,
    /// It is not the identity that the account has.
    SomebodyElse,
    /// It does not say when somebody signed in there.
    Ageless,
}

impl ProviderRefusal {
    /// The sentence for people: the reason, and what to do next.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Away => {
                "The provider cannot be reached at the moment. Try again in a few minutes, or sign in with your password."
            }
            Self::Declined => "The provider says that you did not agree. Nothing was changed.",
            Self::Unproved => {
                "The provider’s answer could not be verified, so it was not used. Try again; if it stays so, tell the one \
                 who runs this site."
            }
            Self::Stale => {
                "This sign-in took too long, was used before, or began in another browser. Begin again here."
            }
            Self::AddressNotVerified => {
                "The provider has not confirmed your e-mail address. Confirm it there, or create an account with a password."
            }
            Self::NoAccount => {
                "No account is connected with it, and this provider opens none here. Sign in with your password, then \
                 connect it on the security page."
            }
            Self::RegistrationClosed => {
                "No account is connected with it, and this site takes no new ones at the moment. If you have an account, \
                 sign in to it and connect the provider on the security page."
            }
            Self::InvitationNeeded => {
                "No account is connected with it, and this site takes new ones by invitation only. Ask one of its administrators; \
                 if you have an account, sign in to it and connect the provider on the security page."
            }
            Self::DomainNotAllowed => {
                "No account is connected with it, and this site takes no addresses of this domain. If you have an account, \
                 sign in to it and connect the provider on the security page."
            }
            Self::Locked => "Your account is locked. Ask the one who runs this site.",
            Self::Taken => {
                "It is connected with another account here. Sign in to that one and disconnect it there first."
            }
            Self::Another => {
                "Another account of this provider is connected already. Disconnect that one first."
            }
            Self::Ageless => {
                "This provider does not say when you signed in there, so it cannot confirm that it is you now. Set a password by \
                 a letter, or sign out and in again with a passkey."
            }
            Self::SomebodyElse => "This is not the account at the provider that is connected with yours.",
        }
    }
}
