//! The closed set of things that can go wrong in front of a caller.
//!
//! Each variant has a stable name on the wire (RFC 9457 `type`); `app` gives it its HTTP status and sentences.
//! Causes never travel in it: they go to the log once, where they are met (see `platform::log`).

use serde::{Deserialize, Serialize};

use crate::{Timestamp, federation::ProviderRefusal, identity::captcha::Challenge};

/// What a caller is told. Carries no cause, no secret and no free text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
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

/// One field of a form and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldProblem {
    /// The field's name, as in the API.
    pub field: String,
    /// The stable name of the problem.
    #[serde(flatten)]
    pub issue: FieldIssue,
    /// The sentence for people.
    pub message: String,
}

impl FieldProblem {
    /// Pairs a field with its problem and the sentence that explains it.
    #[must_use]
    pub fn new(field: &str, issue: FieldIssue) -> Self {
        Self { field: field.to_owned(), message: issue.sentence(), issue }
    }
}

/// What can be wrong with a field. Closed, so that no link can put words into our mouth.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "kebab-case")]
pub enum FieldIssue {
    /// Nothing was given.
    Required,
    /// Longer than allowed.
    TooLong {
        /// The most characters allowed.
        max: u32,
    },
    /// Shorter than allowed.
    TooShort {
        /// The fewest characters allowed.
        min: u32,
    },
    /// Not an e-mail address.
    NotAnAddress,
    /// A control character, which no field takes.
    ControlCharacter,
    /// A password everybody tries first.
    TooCommon,
    /// A password that was seen in a breach.
    Breached,
    /// A password that repeats the address or the product's name.
    TooObvious,
    /// Not one of the values on offer.
    NotAnOption,
    /// Not a well-formed identifier, number or time.
    Unreadable,
    /// Outside its bounds.
    OutOfRange {
        /// The smallest value.
        min: i64,
        /// The largest value.
        max: i64,
    },
    /// The current password is not the one given.
    WrongPassword,
    /// It must differ from what it is now.
    Unchanged,
    /// The one who asks may not do this to themselves.
    Yourself,
    /// Nobody would be left to run the site.
    LastAdministrator,
    /// Nobody may open an account.
    RegistrationClosed,
    /// Nobody may open an account without an invitation.
    InvitationNeeded,
    /// The invitation is for another address.
    InvitedElsewhere,
    /// The address has an account.
    HasAccount,
    /// Not an address of a domain that may open accounts.
    DomainNotAllowed,
    /// Not the name of a domain.
    NotADomain,
    /// Not an address that messages can be sent to.
    NotAWebAddress,
    /// An address inside a network that is not to be reached.
    OutOfReach,
    /// Nobody was chosen.
    NobodyChosen,
    /// Whose account it is looks after the site.
    Staff,
    /// The account is locked, about to be deleted, or was never confirmed.
    NobodyIn,
    /// The account has no second factor.
    FactorMissing,
    /// It already is so.
    AlreadyDone,
    /// It is not what has to be typed.
    NotTheSame,
    /// Nobody could sign in to the account any more.
    LastWayIn,
    /// There is no second factor to change.
    FactorOff,
    /// There is a second factor, and one is enough.
    FactorOn,
    /// The site is reached by numbers, for which no browser makes a passkey.
    SiteHasNoName,
    /// There is no passkey to ask for.
    NoPasskey,
    /// A moment that has passed.
    NotInFuture,
    /// It is being done already.
    OnItsWay,
    /// The same request is being carried out.
    StillRunning,
    /// The same request was begun, and nobody knows how it ended.
    AnswerLost,
    /// It is not as the one who asks has seen it.
    MovedOn,
    /// What is paid for stands in the way.
    PaidFor,
    /// As many as there can be are there already.
    TooMany {
        /// The most there can be.
        max: u32,
    },
}

impl FieldIssue {
    /// The sentence for people: the reason, and what to do next.
    #[must_use]
    #[expect(clippy::too_many_lines, reason = "one sentence for each issue")]
    pub fn sentence(&self) -> String {
        match self {
            Self::Required => "Fill this in.".into(),
            Self::TooLong { max } => format!("Use at most {max} characters."),
            Self::TooShort { min } => format!("Use at least {min} characters."),
            Self::NotAnAddress => "Enter an e-mail address such as name@example.com.".into(),
            Self::ControlCharacter => "Remove the invisible control characters.".into(),
            Self::TooCommon => "This is among the 10,000 most used passwords. Choose another one.".into(),
            Self::Breached => "This password was seen in a data breach. Choose another one.".into(),
            Self::TooObvious => {
                "This is too close to your address or the product's name. Choose another one.".into()
            }
            Self::NotAnOption => "Choose one of the values on offer.".into(),
            Self::Unreadable => "This cannot be read. Check how it is written.".into(),
            Self::OutOfRange { min, max } => format!("Enter a number from {min} to {max}."),
            Self::WrongPassword => "This is not your current password.".into(),
            Self::Unchanged => "Choose something different from what it is now.".into(),
            Self::Yourself => "You cannot do this to your own account.".into(),
            Self::LastAdministrator => {
                "This is the last administrator. Make somebody else an administrator first.".into()
            }
            Self::RegistrationClosed => {
                "This site takes no new accounts at the moment. Ask an administrator of it.".into()
            }
            Self::InvitationNeeded => {
                "This site takes new accounts by invitation only. Ask an administrator of it for one.".into()
            }
            Self::InvitedElsewhere => "Your invitation was sent to another address. Use that one.".into(),
            Self::HasAccount => "Somebody with this address has an account already.".into(),
            Self::DomainNotAllowed => {
                "This site takes no addresses of this domain. Use the one of your organization.".into()
            }
            Self::NotADomain => "Write domains such as example.com, without a path or a wildcard.".into(),
            Self::NotAWebAddress => {
                "Enter an https address such as https://siem.example.com/in, without a name, a password or a #.".into()
            }
            Self::OutOfReach => {
                "This address is inside a private network. Ask who runs the site to allow it in webhooks.networks."
                    .into()
            }
            Self::NobodyChosen => "Choose at least one person.".into(),
            Self::Staff => "This person looks after the site. Nobody else sees it with their eyes.".into(),
            Self::NobodyIn => {
                "This account is locked, about to be deleted, or not confirmed: nobody can be in it, so there is nothing \
                 to see."
                    .into()
            }
            Self::FactorMissing => "This account has no second factor. Its password is all it needs.".into(),
            Self::AlreadyDone => "This has been done already.".into(),
            Self::NotTheSame => "This is not what has to be typed. Compare the two.".into(),
            Self::LastWayIn => {
                "This is the only way to sign in to your account. Set a password or connect a provider first."
                    .into()
            }
            Self::FactorOff => "The second factor is off. Set up an authenticator or a passkey first.".into(),
            Self::FactorOn => {
                "The second factor is on. Turn it off first to set up another authenticator.".into()
            }
            Self::SiteHasNoName => {
                "Passkeys need a site with a name, and this one is reached by numbers. Use an authenticator."
                    .into()
            }
            Self::NoPasskey => "There is no passkey on this account. Use another way.".into(),
            Self::OnItsWay => "This is on its way already. Wait for what comes of it.".into(),
            Self::NotInFuture => "Choose a moment in the future.".into(),
            Self::StillRunning => {
                "The same request is being carried out. Wait a moment, then send it again with the same key."
                    .into()
            }
            Self::AnswerLost => {
                "This request was begun, and how it ended is not known any more. Look at what is there now."
                    .into()
            }
            Self::MovedOn => {
                "This has moved on since you looked. Load the page again to see where it stands.".into()
            }
            Self::PaidFor => {
                "Something is paid for in the present currency. Cancel the plan first; the currency can be changed when it has \
                 ended."
                    .into()
            }
            Self::TooMany { max } => format!("There are {max} already. End one that is not needed any more."),
        }
    }
}
