//! What a person types, parsed once, and what they are told about themselves. Shared with the browser.

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use crate::{FieldIssue, Timestamp, access::SiteRole, federation::Offered, values::LocalTime};

/// An e-mail address: ASCII, one `@`, at most 254 characters (RFC 5321 §4.5.3.1).
///
/// Letters outside ASCII are refused, so that no look-alike of another person's address can be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// The most characters.
    pub const MAX: u32 = 254;

    /// Reads what was typed; the domain is put into lower case.
    pub fn parse(typed: &str) -> Result<Self, FieldIssue> {
        let text = typed.trim();
        if text.is_empty() {
            return Err(FieldIssue::Required);
        }
        if text.len() > Self::MAX as usize {
            return Err(FieldIssue::TooLong { max: Self::MAX });
        }
        let (local, domain) = text.rsplit_once('@').ok_or(FieldIssue::NotAnAddress)?;
        let domain = domain.to_ascii_lowercase();
        if is_local_part(local) && is_domain(&domain) {
            Ok(Self(format!("{local}@{domain}")))
        } else {
            Err(FieldIssue::NotAnAddress)
        }
    }

    /// The address as its owner writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the `@`.
    #[must_use]
    pub fn local_part(&self) -> &str {
        self.0.rsplit_once('@').map_or("", |(local, _)| local)
    }
}

/// RFC 5322 `dot-atom`, at most 64 characters; quoted local parts are legal but nobody has one.
fn is_local_part(text: &str) -> bool {
    let atom = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b))
    };
    text.len() <= 64 && text.split('.').all(atom)
}

/// A host name with at least two labels (RFC 1123 §2.1).
fn is_domain(text: &str) -> bool {
    let label = |part: &str| {
        (1..=63).contains(&part.len())
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    };
    text.contains('.') && text.split('.').all(label)
}

/// A password: 12–256 characters of any script, normalized (NFC) so that the same keys give the same bytes.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// The fewest characters (NIST SP 800-63B-4 asks for 15 alone, 8 beside a second factor).
    pub const MIN: u32 = 12;
    /// The most characters; more is refused rather than cut.
    pub const MAX: u32 = 256;

    /// Reads a new password. No composition rules (NIST SP 800-63B-4 §3.1.1.2).
    pub fn parse(typed: &str, owner: Option<&Address>) -> Result<Self, FieldIssue> {
        let password = Self::as_typed(typed);
        let length = u32::try_from(password.0.chars().count()).unwrap_or(u32::MAX);
        if length == 0 {
            return Err(FieldIssue::Required);
        }
        if length > Self::MAX {
            return Err(FieldIssue::TooLong { max: Self::MAX });
        }
        if length < Self::MIN {
            return Err(FieldIssue::TooShort { min: Self::MIN });
        }
        if is_obvious(&password.0, owner) {
            return Err(FieldIssue::TooObvious);
        }
        Ok(password)
    }

    /// What was typed to prove an existing password: normalized, but not judged.
    #[must_use]
    pub fn as_typed(typed: &str) -> Self {
        Self(typed.nfc().take(Self::MAX as usize + 1).collect())
    }

    /// The bytes that are hashed.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Password {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Password(***)")
    }
}

/// The address, its local part or the product's name, alone or repeated, with digits and signs around it.
fn is_obvious(password: &str, owner: Option<&Address>) -> bool {
    let core: String = password.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
    let mut words = vec!["gatehouse".to_owned()];
    if let Some(owner) = owner {
        if password.eq_ignore_ascii_case(owner.as_str()) {
            return true;
        }
        words.push(owner.local_part().to_lowercase().chars().filter(|c| c.is_alphabetic()).collect());
        words.push(owner.as_str().to_lowercase().chars().filter(|c| c.is_alphabetic()).collect());
    }
    // A word of one or two letters would make half of all passwords "obvious".
    words
        .iter()
        .filter(|word| word.len() >= 4)
        .any(|word| !core.is_empty() && core.replace(word.as_str(), "").is_empty())
}

/// How a person wants to be called: at most 100 characters on one line, may be empty.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct DisplayName(String);

impl DisplayName {
    /// Reads what was typed.
    pub fn parse(typed: &str) -> Result<Self, FieldIssue> {
        let name: String = typed.trim().nfc().collect();
        if name.chars().count() > 100 {
            return Err(FieldIssue::TooLong { max: 100 });
        }
        // Direction marks could make one name look like another in a list.
        let hidden = |c: char| {
            c.is_control()
                || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
        };
        if name.chars().any(hidden) {
            return Err(FieldIssue::ControlCharacter);
        }
        Ok(Self(name))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Light, dark, or what the device says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// What the device says.
    #[default]
    System,
    /// Always light.
    Light,
    /// Always dark.
    Dark,
}

impl Theme {
    /// The name in the API, the cookie and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Reads the name.
    pub fn parse(name: &str) -> Result<Self, FieldIssue> {
        [Self::System, Self::Light, Self::Dark]
            .into_iter()
            .find(|theme| theme.name() == name)
            .ok_or(FieldIssue::NotAnOption)
    }
}

/// The answer to a registration: the same for a free and for a taken address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Registered {
    /// What happens next.
    pub state: RegisteredState,
}

/// What happens after a registration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum RegisteredState {
    /// A letter is on its way.
    CheckYourMail,
}

/// The token with which the owner of an account sets a new password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct ResetLink {
    /// For `identity/reset-password`; it works once, within 30 minutes.
    pub token: String,
}

/// Which proof a step-up asks of the caller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct ProofNeeded {
    /// What to send.
    pub proof: ProofKind,
    /// Whether a passkey proves it as well.
    pub passkey: bool,
    /// The providers that prove it as well, at `/auth/<id>/start?prove=1`; none where there is a second factor.
    pub providers: Vec<Offered>,
}

impl ProofNeeded {
    /// What an account with these second factors is asked for, and without them with or without a password.
    #[must_use]
    pub fn of(authenticator: bool, passkey: bool, password: bool) -> Self {
        let proof = match (authenticator, passkey) {
            (true, _) => ProofKind::Code,
            (false, true) => ProofKind::Passkey,
            (false, false) if password => ProofKind::Password,
            (false, false) => ProofKind::Provider,
        };
        Self { proof, passkey, providers: Vec::new() }
    }
}

/// What proves a person to a session that they are in already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum ProofKind {
    /// The account has no second factor.
    Password,
    /// The word of a connected provider: the account has neither a second factor nor a password.
    Provider,
    /// A code of the authenticator.
    Code,
    /// A passkey, the only second factor of the account.
    Passkey,
}

/// The answer to a sign-in step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct SignedIn {
    /// Whether that was all.
    pub state: SignInState,
}

/// Where a sign-in stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum SignInState {
    /// The session cookie is set.
    SignedIn,
    /// The second factor is still missing.
    SecondFactor,
}

/// The answer when a change of the address was undone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct UndoneEmail {
    /// What that meant.
    pub state: UndoneState,
}

/// What it meant to undo a change of the address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum UndoneState {
    /// It had not been made yet, and will not be.
    Cancelled,
    /// The old address is back; a new password is needed.
    PutBack,
}

/// What a person is told about themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Viewer {
    /// The account.
    pub id: Uuid,
    /// The address it signs in with.
    pub email: String,
    /// Whether the address was confirmed.
    pub email_verified: bool,
    /// The address that waits for its confirmation to take the place of this one.
    pub pending_email: Option<String>,
    /// How the person wants to be called; may be empty.
    pub display_name: String,
    /// BCP 47 language tag for sentences and letters.
    pub locale: String,
    /// The chosen theme.
    pub theme: Theme,
    /// The zone in which times are told, by its IANA name.
    pub time_zone: String,
    /// How the clocks of that zone go, from ten years ago until two years from now.
    pub local_time: LocalTime,
    /// Site roles.
    pub roles: Vec<SiteRole>,
    /// Whether an authenticator or a passkey is set up.
    pub second_factor: bool,
    /// Whether there is a password; without one a provider or a passkey signs them in.
    pub has_password: bool,
    /// What `identity/step-up` asks for.
    pub step_up: ProofNeeded,
    /// Organizations the person belongs to.
    pub organizations: Vec<MemberOf>,
    /// Who it is in truth, where an administrator sees the site with this person's eyes.
    pub impersonated_by: Option<ImpersonatedBy>,
}

/// An administrator who sees the site as somebody else does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct ImpersonatedBy {
    /// The administrator's address.
    pub email: String,
    /// When it ends at the latest.
    pub until: Timestamp,
}

/// An organization in the eyes of one of its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct MemberOf {
    /// The organization.
    pub id: Uuid,
    /// Its name in addresses.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// The member's roles in it.
    pub roles: Vec<String>,
}

/// What a person changes about themselves; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileChange {
    /// How they want to be called.
    pub display_name: Option<DisplayName>,
    /// Their language.
    pub locale: Option<String>,
    /// Their theme.
    pub theme: Option<Theme>,
    /// Their time zone.
    pub time_zone: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_trimmed_and_its_domain_lowered() {
        assert_eq!(
            Address::parse(" Ann.Lee+x@Example.COM ").map(|a| a.0),
            Ok("Ann.Lee+x@example.com".into())
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for typed in [
            "ann",
            "@example.com",
            "ann@",
            "ann@localhost",
            "a b@example.com",
            "ann@exa_mple.com",
            "ann@-a.com",
            "ann@example.com\r\nBcc: x@example.com",
            "\u{430}nn@example.com",
            "ann@ex\u{430}mple.com",
            "a@b@example.com",
            ".ann@example.com",
            "ann@example..com",
            "ann\0@example.com",
        ] {
            assert_eq!(Address::parse(typed), Err(FieldIssue::NotAnAddress), "{typed:?}");
        }
        assert_eq!(Address::parse(&"a".repeat(5000)), Err(FieldIssue::TooLong { max: 254 }));
        assert_eq!(Address::parse(&format!("{}@example.com", "a".repeat(65))), Err(FieldIssue::NotAnAddress));
        assert_eq!(Address::parse("  "), Err(FieldIssue::Required));
    }

    #[test]
    fn the_same_password_in_two_unicode_forms_is_the_same_password() {
        let composed = Password::parse("caf\u{e9} au lait noir", None).expect("valid");
        let decomposed = Password::parse("cafe\u{301} au lait noir", None).expect("valid");
        assert_eq!(composed, decomposed);
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(
            Password::parse("\u{1f511}".repeat(11).as_str(), None),
            Err(FieldIssue::TooShort { min: 12 })
        );
        assert!(Password::parse("\u{1f511}".repeat(12).as_str(), None).is_ok());
        assert_eq!(Password::parse(&"xy".repeat(129), None), Err(FieldIssue::TooLong { max: 256 }));
    }

    #[test]
    fn a_password_may_be_long_and_of_any_characters() {
        let (longest, foreign) = ("xy".repeat(128), "\u{674e}\u{767d}".repeat(6));
        for typed in ["all in small letters", "408 1523 7796 2044", &foreign, &longest] {
            assert!(Password::parse(typed, None).is_ok(), "{typed}");
        }
    }

    #[test]
    fn a_password_is_neither_trimmed_nor_folded() {
        let typed = "  Seven GREEN lanterns ";
        assert_eq!(Password::as_typed(typed).reveal(), typed);
        assert_eq!(Password::parse(typed, None).as_ref().map(Password::reveal), Ok(typed));
    }

    #[test]
    fn the_address_and_the_products_name_are_obvious() {
        let owner = Address::parse("marguerite@example.com").expect("valid");
        for typed in [
            "Gatehouse-2026!",
            "gatehousegatehouse",
            "marguerite@example.com",
            "Marguerite123",
            "1marguerite1marguerite",
        ] {
            assert_eq!(Password::parse(typed, Some(&owner)), Err(FieldIssue::TooObvious), "{typed}");
        }
        assert!(Password::parse("gatehouse opens slowly", Some(&owner)).is_ok());
    }

    #[test]
    fn a_name_with_direction_marks_is_refused() {
        assert_eq!(DisplayName::parse("Ann\u{202e}eeL"), Err(FieldIssue::ControlCharacter));
        assert_eq!(DisplayName::parse("Ann\nLee"), Err(FieldIssue::ControlCharacter));
        assert_eq!(DisplayName::parse(" Zoë 李 ").map(|n| n.0), Ok("Zoë 李".into()));
    }
}
