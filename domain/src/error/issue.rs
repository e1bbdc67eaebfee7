//! One field of a form and what is wrong with it.

use std::mem::take;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error, ser::SerializeMap};

/// One field of a form and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldProblem {
    /// The field's name, as in the API.
    pub field: String,
    /// The stable name of the problem.
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

/// `{"field", "problem", …, "message"}`: the problem's name, and its bounds beside it.
impl Serialize for FieldProblem {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("field", &self.field)?;
        map.serialize_entry("problem", self.issue.name())?;
        for (name, bound) in self.issue.bounds() {
            map.serialize_entry(name, &bound)?;
        }
        map.serialize_entry("message", &self.message)?;
        map.end()
    }
}

/// Everything that can stand in a problem of a field. Read flat: what serde makes of a tag inside of an object is a tenth of
/// the browser's program.
#[derive(Deserialize)]
struct Wire {
    field: String,
    problem: String,
    message: String,
    min: Option<i64>,
    max: Option<i64>,
    organization: Option<String>,
}

impl<'de> Deserialize<'de> for FieldProblem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut wire = Wire::deserialize(deserializer)?;
        let (field, message) = (take(&mut wire.field), take(&mut wire.message));
        let issue = FieldIssue::read(wire).ok_or_else(|| D::Error::custom("no problem of a field"))?;
        Ok(Self { field, issue, message })
    }
}

fn bound<W, B: TryFrom<W>>(written: Option<W>) -> Option<B> {
    B::try_from(written?).ok()
}

/// What stands beside the name of a problem.
#[derive(Serialize)]
#[serde(untagged)]
enum Bound {
    Number(i64),
    Text(String),
}

impl From<u32> for Bound {
    fn from(number: u32) -> Self {
        Self::Number(number.into())
    }
}

impl From<i64> for Bound {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<String> for Bound {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// Makes [`FieldIssue`] of a table. A row is the issue with its bounds, its stable name, and the sentence for people: the
/// reason, and what to do next.
macro_rules! issues {
    ($(
        #[doc = $doc:literal]
        $issue:ident $({ $(#[doc = $of:literal] $bound:ident: $number:ty,)+ })? $name:literal = $sentence:literal;
    )*) => {
        /// What can be wrong with a field. Closed, so that no link can put words into our mouth.
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum FieldIssue {
            $(#[doc = $doc] $issue $({ $(#[doc = $of] $bound: $number,)+ })?,)*
        }

        impl FieldIssue {
            /// The stable name.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self { $(Self::$issue { .. } => $name,)* }
            }

            /// The sentence for people.
            #[must_use]
            pub fn sentence(&self) -> String {
                match self { $(Self::$issue $({ $($bound),+ })? => issues!(@say $sentence $($($bound)+)?),)* }
            }

            fn bounds(&self) -> Vec<(&'static str, Bound)> {
                match self {
                    $(Self::$issue $({ $($bound),+ })? => vec![$($((stringify!($bound), $bound.clone().into())),+)?],)*
                }
            }

            fn read(wire: Wire) -> Option<Self> {
                Some(match wire.problem.as_str() {
                    $($name => Self::$issue $({ $($bound: bound(wire.$bound)?),+ })?,)*
                    _ => return None,
                })
            }

            /// One of each, with bounds that can be told apart.
            #[cfg(test)]
            fn each() -> Vec<Option<Self>> {
                let wire = |problem: &str| Wire {
                    field: String::new(),
                    problem: problem.to_owned(),
                    message: String::new(),
                    min: Some(3),
                    max: Some(7),
                    organization: Some("acme".to_owned()),
                };
                [$($name),*].into_iter().map(|name| Self::read(wire(name))).collect()
            }
        }
    };
    (@say $sentence:literal) => { $sentence.to_owned() };
    (@say $sentence:literal $($bound:ident)+) => { format!($sentence) };
}

issues! {
    /// Nothing was given.
    Required "required" = "Fill this in.";
    /// Longer than allowed.
    TooLong {
        /// The most characters allowed.
        max: u32,
    } "too-long" = "Use at most {max} characters.";
    /// Shorter than allowed.
    TooShort {
        /// The fewest characters allowed.
        min: u32,
    } "too-short" = "Use at least {min} characters.";
    /// Not an e-mail address.
    NotAnAddress "not-an-address" = "Enter an e-mail address such as name@example.com.";
    /// A control character, which no field takes.
    ControlCharacter "control-character" = "Remove the invisible control characters.";
    /// A password everybody tries first.
    TooCommon "too-common" = "This is among the 10,000 most used passwords. Choose another one.";
    /// A password that was seen in a breach.
    Breached "breached" = "This password was seen in a data breach. Choose another one.";
    /// A password that repeats the address or the product's name.
    TooObvious "too-obvious" = "This is too close to your address or the product's name. Choose another one.";
    /// Not one of the values on offer.
    NotAnOption "not-an-option" = "Choose one of the values on offer.";
    /// Not a well-formed identifier, number or time.
    Unreadable "unreadable" = "This cannot be read. Check how it is written.";
    /// Outside its bounds.
    OutOfRange {
        /// The smallest value.
        min: i64,
        /// The largest value.
        max: i64,
    } "out-of-range" = "Enter a number from {min} to {max}.";
    /// The current password is not the one given.
    WrongPassword "wrong-password" = "This is not your current password.";
    /// It must differ from what it is now.
    Unchanged "unchanged" = "Choose something different from what it is now.";
    /// The one who asks may not do this to themselves.
    Yourself "yourself" = "You cannot do this to your own account.";
    /// Nobody would be left to run the site.
    LastAdministrator "last-administrator"
        = "This is the last administrator. Make somebody else an administrator first.";
    /// Nobody may open an account.
    RegistrationClosed "registration-closed"
        = "This site takes no new accounts at the moment. Ask an administrator of it.";
    /// Nobody may open an account without an invitation.
    InvitationNeeded "invitation-needed"
        = "This site takes new accounts by invitation only. Ask an administrator of it for one.";
    /// The invitation is for another address.
    InvitedElsewhere "invited-elsewhere" = "Your invitation was sent to another address. Use that one.";
    /// The address has an account.
    HasAccount "has-account" = "Somebody with this address has an account already.";
    /// Not an address of a domain that may open accounts.
    DomainNotAllowed "domain-not-allowed"
        = "This site takes no addresses of this domain. Use the one of your organization.";
    /// Not the name of a domain.
    NotADomain "not-a-domain" = "Write domains such as example.com, without a path or a wildcard.";
    /// Not an address that messages can be sent to.
    NotAWebAddress "not-a-web-address"
        = "Enter an https address such as https://siem.example.com/in, without a name, a password or a #.";
    /// An address inside a network that is not to be reached.
    OutOfReach "out-of-reach"
        = "This address is inside a private network. Ask who runs the site to allow it in webhooks.networks.";
    /// Nobody was chosen.
    NobodyChosen "nobody-chosen" = "Choose at least one person.";
    /// Whose account it is looks after the site.
    Staff "staff" = "This person looks after the site. Nobody else sees it with their eyes.";
    /// The account is locked, about to be deleted, or was never confirmed.
    NobodyIn "nobody-in"
        = "This account is locked, about to be deleted, or not confirmed: nobody can be in it, so there is \
           nothing to see.";
    /// The account has no second factor.
    FactorMissing "factor-missing" = "This account has no second factor. Its password is all it needs.";
    /// It already is so.
    AlreadyDone "already-done" = "This has been done already.";
    /// It is not what has to be typed.
    NotTheSame "not-the-same" = "This is not what has to be typed. Compare the two.";
    /// Nobody could sign in to the account any more.
    LastWayIn "last-way-in"
        = "This is the only way to sign in to your account. Set a password or connect a provider first.";
    /// There is no second factor to change.
    FactorOff "factor-off" = "The second factor is off. Set up an authenticator or a passkey first.";
    /// There is a second factor, and one is enough.
    FactorOn "factor-on" = "The second factor is on. Turn it off first to set up another authenticator.";
    /// The site is reached by numbers, for which no browser makes a passkey.
    SiteHasNoName "site-has-no-name"
        = "Passkeys need a site with a name, and this one is reached by numbers. Use an authenticator.";
    /// There is no passkey to ask for.
    NoPasskey "no-passkey" = "There is no passkey on this account. Use another way.";
    /// A moment that has passed.
    NotInFuture "not-in-future" = "Choose a moment in the future.";
    /// It is being done already.
    OnItsWay "on-its-way" = "This is on its way already. Wait for what comes of it.";
    /// The same request is being carried out.
    StillRunning "still-running"
        = "The same request is being carried out. Wait a moment, then send it again with the same key.";
    /// The same request was begun, and nobody knows how it ended.
    AnswerLost "answer-lost"
        = "This request was begun, and how it ended is not known any more. Look at what is there now.";
    /// It is not as the one who asks has seen it.
    MovedOn "moved-on" = "This has moved on since you looked. Load the page again to see where it stands.";
    /// Not what stands in addresses.
    NotASlug "not-a-slug" = "Use small letters, digits and hyphens, such as my-team.";
    /// A word that is kept for pages of the site.
    Reserved "reserved" = "This name is kept for pages of the site. Choose another one.";
    /// Another one has it.
    Taken "taken" = "Another one has this name. Choose a different one.";
    /// Nobody would be left to own the organization.
    LastOwner "last-owner" = "This is the last owner who can act. Make somebody else an owner first.";
    /// Nobody would be left to own an organization, which is named by its slug.
    LastOwnerOf {
        /// The slug, of small letters, digits and hyphens.
        organization: String,
    } "last-owner-of"
        = "The organization {organization} has no other owner. Make somebody else its owner first, or delete it.";
    /// More than the one who asks may do themselves.
    AboveYourself "above-yourself" = "This is more than you may do yourself. Ask an owner of the organization.";
    /// Nobody in the organization.
    NotAMember "not-a-member" = "Nobody with this address is a member. Invite them first.";
    /// Somebody in the organization already.
    AlreadyAMember "already-a-member" = "This person is a member already.";
    /// What cannot be done to the organization that is somebody's own.
    Personal "personal" = "This is somebody's personal organization. Make another one for this.";
    /// A group that is below the one that is moved, or that one itself.
    InsideItself "inside-itself" = "A group cannot be inside itself. Choose a group that is not below it.";
    /// There are groups below it.
    HasGroups "has-groups" = "There are groups below it. Move them up to its parent, or delete them first.";
    /// Somebody has it.
    InUse "in-use"
        = "Somebody has this role. Try out its deletion to see who would lose what, then say that it is taken from them.";
    /// Not an address of a domain that the organization invites.
    DomainNotInvited "domain-not-invited" = "The policy of this organization invites no addresses of this domain.";
    /// The one who asks could not come in any more.
    LocksYouOut "locks-you-out" = "You could not come in any more by this. Do yourself what it asks first.";
    /// The organization is about to be deleted.
    AboutToEnd "about-to-end" = "This organization is about to be deleted. An owner can keep it first.";
    /// The address, or the one who asks, has had their share of letters.
    EnoughLetters "enough-letters"
        = "Enough letters were sent to this address, or by you, for now. Try again later.";
    /// More lines than are done at once.
    TooManyLines {
        /// The most there can be.
        max: u32,
    } "too-many-lines" = "Send at most {max} lines at once.";
    /// Not an amount of money.
    NotAnAmount "not-an-amount" = "Enter an amount in US dollars such as 12.50, with at most nine decimal places.";
    /// Nothing, or less than that.
    NotPositive "not-positive" = "Enter an amount above zero.";
    /// A sum it belongs to would be more than can be written down.
    SumTooLarge "sum-too-large"
        = "A sum of more than nine billion dollars cannot be written down. Nothing was changed.";
    /// There is no price for it.
    Unpriced "unpriced" = "There is no price for this. Set one in the price book, or say the amount.";
    /// It was ended before.
    Ended "ended" = "This has ended already. Look at what became of it.";
    /// The call was sent on under that name; made once more it would cost once more.
    SentOn "sent-on" = "This call was sent on already. Settle it, or use another name for another call.";
    /// What is paid for stands in the way.
    PaidFor "paid-for"
        = "Something is paid for in the present currency. Cancel the plan first; the currency can be changed when it has \
           ended.";
    /// Stripe looks after it.
    AtStripe "at-stripe" = "Stripe looks after this invoice. Do this in Stripe's dashboard.";
    /// Nothing is paid through Stripe here.
    NoStripe "no-stripe" = "This site takes no payments through Stripe. Pay invoices as they say.";
    /// What costs something is paid by it.
    LastPaymentMethod "last-payment-method"
        = "The plan is paid by this. Add another way to pay first, or cancel the plan.";
    /// What costs something is charged to it.
    ChargedPaymentMethod "charged-payment-method"
        = "The plan is charged to this. Choose another way to pay for that first.";
    /// What is there is paid to somebody else.
    PaidOtherwise "paid-otherwise"
        = "The present plan is paid in another way. Cancel it first; the way can be changed when it has ended.";
    /// Nobody pays for it.
    PaymentDeclined "payment-declined"
        = "The payment was declined, and nothing was changed. Use another card, or ask your bank.";
    /// As many as there can be are there already.
    TooMany {
        /// The most there can be.
        max: u32,
    } "too-many" = "There are {max} already. End one that is not needed any more.";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_problem_of_a_field_survives_the_wire() {
        let all: Vec<_> =
            FieldIssue::each().into_iter().map(|issue| issue.expect("is read by its name")).collect();
        let names: BTreeSet<_> = all.iter().map(FieldIssue::name).collect();
        assert_eq!(names.len(), all.len(), "no two have one name");
        for issue in all {
            let problem = FieldProblem::new("name", issue);
            let text = serde_json::to_string(&problem).expect("is written");
            assert_eq!(serde_json::from_str::<FieldProblem>(&text).expect("is read"), problem, "{text}");
        }
    }

    #[test]
    fn bounds_stand_beside_the_name_and_in_the_sentence() {
        let problem = FieldProblem::new("name", FieldIssue::OutOfRange { min: -1, max: 9 });
        let written = serde_json::to_string(&problem).expect("is written");
        assert_eq!(
            written,
            r#"{"field":"name","problem":"out-of-range","min":-1,"max":9,"message":"Enter a number from -1 to 9."}"#
        );
    }

    #[test]
    fn what_is_unknown_or_lacks_its_bounds_is_not_read() {
        for text in [
            r#"{"field":"a","problem":"too-fast","message":""}"#,
            r#"{"field":"a","problem":"too-long","message":""}"#,
            r#"{"field":"a","problem":"too-long","max":-1,"message":""}"#,
        ] {
            assert!(serde_json::from_str::<FieldProblem>(text).is_err(), "{text}");
        }
    }
}
