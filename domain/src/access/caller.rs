//! The caller of a request: an actor, the facts of the request, and the platform to act on.

use std::time::Duration;

use super::{
    Actor, Grant, HalfWay, Impersonating, Permission, Person, Place, RequestFacts, SiteAction, Verb, Via,
    grant::{Anonymous, HalfWayScope, Impersonated, Own, Site, SteppedUp},
    idempotency::Claim,
    site_allows,
};
use crate::{AppError, platform::Platform};

/// How old the last proof may be for acts that change factors, addresses or passwords.
pub const STEP_UP_MAX_AGE: Duration = Duration::from_mins(5);

const STEP_UP: AppError = AppError::StepUpRequired { max_age_s: 300 };

/// Why somebody unknown may call at all. Spelled out, so that reviewers can search for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Open an account.
    Register,
    /// Prove who they are.
    SignIn,
    /// Use a link from a letter, or ask for one.
    Letter,
    /// Become the first administrator with the one-time link.
    Bootstrap,
    /// Show a refresh token, which says by itself who asks.
    Refresh,
}

/// What an endpoint needs of its caller; declared beside each one and checked before it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// Anybody, for this purpose.
    Nothing(Purpose),
    /// A right password, waiting for the second factor.
    HalfWay,
    /// A session, wherever it is used, and also of an account that is about to be deleted: to prove anew who one is, or
    /// to leave.
    AnySession,
    /// A session where its owner has proved who they are, also of an account that is about to be deleted: to keep it.
    AlsoLeaving,
    /// A session where its owner has proved who they are.
    SignedIn,
    /// A session with a proof younger than [`STEP_UP_MAX_AGE`].
    SteppedUp,
    /// A session whose roles allow the action, with a fresh proof where the action needs one.
    Site(SiteAction),
    /// A session of somebody who belongs to the organization in the input and has the permission there. The gate checks the
    /// session; what the organization says, the function itself asks (`Caller::in_organization`).
    Organization(Permission),
    /// A session of somebody who belongs to the organization in the input, whatever they may do there.
    Member,
    /// A session that sees with somebody else's eyes: to end that.
    Impersonating,
}

impl Need {
    /// Whether a proof younger than [`STEP_UP_MAX_AGE`] is needed.
    #[must_use]
    pub fn is_fresh(self) -> bool {
        match self {
            Self::SteppedUp => true,
            Self::Site(action) => action.needs_fresh_proof(),
            Self::Organization(permission) => permission.needs_fresh_proof(),
            _ => false,
        }
    }
}

/// The caller of one request.
#[derive(Clone)]
pub struct Caller {
    platform: Platform,
    actor: Actor,
    request: RequestFacts,
}

impl Caller {
    /// Built by the session layer, once per request.
    #[must_use]
    pub fn new(platform: Platform, actor: Actor, request: RequestFacts) -> Self {
        Self { platform, actor, request }
    }

    /// The same, for a request that is carried out once.
    #[must_use]
    pub fn with_claim(mut self, claim: Claim) -> Self {
        self.request.claim = Some(claim);
        self
    }

    /// Who asks.
    #[must_use]
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The hands to the outside.
    #[must_use]
    pub(crate) fn platform(&self) -> &Platform {
        &self.platform
    }

    /// What the request brought besides its body.
    #[must_use]
    pub fn request(&self) -> &RequestFacts {
        &self.request
    }

    /// Checks a declared need without minting a grant; the gate in front of the endpoints.
    ///
    /// # Errors
    /// The same as the method that mints the grant.
    pub fn check(&self, need: Need) -> Result<(), AppError> {
        match need {
            Need::Nothing(_) => Ok(()),
            Need::HalfWay => self.half_way_person().map(drop),
            Need::AnySession => self.person_in_any_session().map(drop),
            Need::AlsoLeaving => self.person_in_place().map(drop),
            Need::Organization(permission) if permission.needs_fresh_proof() => self.fresh_person().map(drop),
            Need::SignedIn | Need::Member | Need::Organization(_) => self.reader().map(drop),
            Need::SteppedUp => self.fresh_person().map(drop),
            Need::Site(action) => self.person_who_may(action).map(drop),
            Need::Impersonating => self.impersonator().map(drop),
        }
    }

    /// Whether a bearer may do this with the room at all; everybody without an API token may, as far as scopes go.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`] for an API token without the scope.
    pub fn check_scope(&self, room: &str, verb: Verb) -> Result<(), AppError> {
        match &self.actor {
            Actor::Person(Person { via: Via::ApiToken(scopes), .. }) if !scopes.allow(room, verb) => {
                Err(AppError::NotAllowed)
            }
            _ => Ok(()),
        }
    }

    /// Refuses whatever could change something to whoever sees with somebody else's eyes, except to end that.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`] for such a caller.
    pub fn check_eyes(&self, need: Option<Need>, verb: Verb) -> Result<(), AppError> {
        let ends_it = need == Some(Need::Impersonating);
        match &self.actor {
            Actor::Impersonating(_) if verb == Verb::Write && !ends_it => Err(AppError::NotAllowed),
            _ => Ok(()),
        }
    }

    /// Refuses a bearer where an act is about the session of a browser, such as ending it.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`] for a person without a browser's session.
    pub fn check_browser(&self) -> Result<(), AppError> {
        match &self.actor {
            Actor::Person(person) if person.via != Via::Cookie => Err(AppError::NotAllowed),
            _ => Ok(()),
        }
    }

    /// A grant for somebody unknown.
    #[must_use]
    pub fn anonymous(&self, purpose: Purpose) -> Grant<Anonymous> {
        Grant::mint(self, Anonymous { purpose })
    }

    /// A grant for somebody between password and second factor.
    ///
    /// # Errors
    /// [`AppError::SignInRequired`] without a pending sign-in.
    pub fn half_way(&self) -> Result<Grant<HalfWayScope>, AppError> {
        let HalfWay { sign_in, user } = self.half_way_person()?.clone();
        Ok(Grant::mint(self, HalfWayScope { sign_in, user }))
    }

    /// A grant over the caller's own account, also while it waits to be deleted, and where the session has moved to another
    /// browser or network: to prove anew who one is, and to leave.
    ///
    /// # Errors
    /// [`AppError::SignInRequired`], [`AppError::SecondFactorRequired`].
    pub fn any_session(&self) -> Result<Grant<Own>, AppError> {
        let person = self.person_in_any_session()?.clone();
        Ok(Grant::mint(self, Own { person }))
    }

    /// A grant over the caller's own account, also while it waits to be deleted: to keep it.
    ///
    /// # Errors
    /// [`AppError::SignInRequired`], [`AppError::SecondFactorRequired`]; [`AppError::StepUpRequired`] where the session has
    /// moved to another browser or network.
    pub fn also_leaving(&self) -> Result<Grant<Own>, AppError> {
        let person = self.person_in_place()?.clone();
        Ok(Grant::mint(self, Own { person }))
    }

    /// A grant over the caller's own account. To an administrator who sees with somebody else's eyes it is the other
    /// account, and only to be read: its transactions can change nothing.
    ///
    /// # Errors
    /// [`AppError::SignInRequired`], [`AppError::SecondFactorRequired`], [`AppError::DeletionPending`];
    /// [`AppError::StepUpRequired`] where the session has moved to another browser or network.
    pub fn signed_in(&self) -> Result<Grant<Own>, AppError> {
        let person = self.reader()?.clone();
        Ok(Grant::mint(self, Own { person }))
    }

    /// A grant over the caller's own account for acts that need a fresh proof.
    ///
    /// # Errors
    /// As [`Caller::signed_in`], and [`AppError::StepUpRequired`].
    pub fn stepped_up(&self) -> Result<Grant<SteppedUp>, AppError> {
        let person = self.fresh_person()?.clone();
        Ok(Grant::mint(self, SteppedUp { person }))
    }

    /// A grant to do `action` to the site.
    ///
    /// # Errors
    /// As [`Caller::signed_in`], and [`AppError::NotAllowed`]; [`AppError::StepUpRequired`] where the action needs a fresh
    /// proof.
    pub fn may(&self, action: SiteAction) -> Result<Grant<Site>, AppError> {
        let person = self.person_who_may(action)?.clone();
        Ok(Grant::mint(self, Site { person, action }))
    }

    /// A grant to end that the caller sees with somebody else's eyes, and to write down what they see.
    ///
    /// # Errors
    /// As [`Caller::signed_in`]; [`AppError::NotAllowed`] for everybody with their own eyes.
    pub fn impersonating(&self) -> Result<Grant<Impersonated>, AppError> {
        let Impersonating { impersonation, person, .. } = self.impersonator()?.clone();
        Ok(Grant::mint(self, Impersonated { user: person.user, impersonation }))
    }

    fn impersonator(&self) -> Result<&Impersonating, AppError> {
        match &self.actor {
            Actor::Impersonating(impersonating) => Ok(impersonating),
            _ => self.person().and(Err(AppError::NotAllowed)),
        }
    }

    /// Whose account is read.
    fn reader(&self) -> Result<&Person, AppError> {
        match &self.actor {
            Actor::Impersonating(impersonating) => Ok(&impersonating.person),
            _ => self.person(),
        }
    }

    fn half_way_person(&self) -> Result<&HalfWay, AppError> {
        match &self.actor {
            Actor::HalfWay(half_way) => Ok(half_way),
            Actor::Nobody | Actor::Person(_) | Actor::Impersonating(_) => Err(AppError::SignInRequired),
        }
    }

    fn person(&self) -> Result<&Person, AppError> {
        let person = self.person_in_place()?;
        match person.leaving {
            Some(due_at) => Err(AppError::DeletionPending { due_at }),
            None => Ok(person),
        }
    }

    fn person_in_place(&self) -> Result<&Person, AppError> {
        let person = self.person_in_any_session()?;
        if person.place == Place::Moved { Err(STEP_UP) } else { Ok(person) }
    }

    fn person_in_any_session(&self) -> Result<&Person, AppError> {
        match &self.actor {
            Actor::Person(person) => Ok(person),
            // Neither proofs nor secrets nor anything that changes: only `reader` takes them for the other person.
            Actor::Impersonating(_) => Err(AppError::NotAllowed),
            Actor::HalfWay(_) => Err(AppError::SecondFactorRequired),
            Actor::Nobody => Err(AppError::SignInRequired),
        }
    }

    fn fresh_person(&self) -> Result<&Person, AppError> {
        self.fresh(self.person()?)
    }

    fn fresh<'a>(&self, person: &'a Person) -> Result<&'a Person, AppError> {
        demand_fresh(person, &self.platform).map(|()| person)
    }

    fn person_who_may(&self, action: SiteAction) -> Result<&Person, AppError> {
        let person = self.person()?;
        if !site_allows(&person.roles, action) {
            return Err(AppError::NotAllowed);
        }
        if self.platform.rules().staff_needs_second_factor && !person.second_factor {
            return Err(AppError::SecondFactorRequired);
        }
        if action.needs_fresh_proof() { self.fresh(person) } else { Ok(person) }
    }
}

/// Refuses a person whose last proof is not fresh.
pub(super) fn demand_fresh(person: &Person, platform: &Platform) -> Result<(), AppError> {
    // A token that lies in a file proves nothing about who reads the file.
    if matches!(person.via, Via::ApiToken(_)) {
        return Err(AppError::NotAllowed);
    }
    let age = platform.now() - person.proved_at;
    if age > STEP_UP_MAX_AGE { Err(STEP_UP) } else { Ok(()) }
}
