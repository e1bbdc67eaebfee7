//! The proof that access was decided. Services demand one; only this room mints it.

use uuid::Uuid;

use super::{
    Actor, Caller, Impersonation, Permission, Permissions, Person, Purpose, RequestFacts, SiteAction, Tx,
    caller::demand_fresh,
};
use crate::{
    AppError,
    platform::{Platform, log::WhileDoing},
};

/// A decided permission with the scope it holds for. Private fields, no public constructor.
#[derive(Clone)]
pub struct Grant<S> {
    platform: Platform,
    request: RequestFacts,
    actor: Option<Uuid>,
    /// What holds for whoever sees with somebody else's eyes.
    eyes: Option<Impersonation>,
    scope: S,
}

/// Nobody known, for one purpose.
#[derive(Clone, Debug)]
pub struct Anonymous {
    pub(super) purpose: Purpose,
}

/// Between password and second factor.
#[derive(Clone, Debug)]
pub struct HalfWayScope {
    pub(super) sign_in: Uuid,
    pub(super) user: Uuid,
}

/// The caller's own account.
#[derive(Clone, Debug)]
pub struct Own {
    pub(super) person: Person,
}

/// The caller's own account, for acts that need a fresh proof.
#[derive(Clone, Debug)]
pub struct SteppedUp {
    pub(super) person: Person,
}

/// One action on the whole site.
#[derive(Clone, Debug)]
pub struct Site {
    pub(super) person: Person,
    pub(super) action: SiteAction,
}

/// Somebody else's eyes, to end that, and to write down what they see.
#[derive(Clone, Debug)]
pub struct Impersonated {
    pub(super) user: Uuid,
    pub(super) impersonation: Impersonation,
}

/// One permission of a member of an organization.
#[derive(Clone, Debug)]
pub struct Organization {
    pub(super) person: Person,
    pub(super) organization: Uuid,
    pub(super) permissions: Permissions,
    pub(super) permission: Permission,
}

/// The process itself: workers and the command line, never a request.
#[derive(Clone, Debug)]
pub struct System {
    pub(super) task: &'static str,
}

/// What row-level security shall let a transaction see.
pub trait Scope {
    /// The organization whose rows may be touched, if it is one.
    fn organization(&self) -> Option<Uuid> {
        None
    }
    /// What may be done with rows that belong to the whole site.
    fn site(&self) -> SiteRows;

    /// Whose memberships may be read, whatever the organization.
    fn reader(&self) -> Option<Uuid> {
        None
    }

    /// Whether it changes something also for whoever sees with somebody else's eyes.
    fn is_about_eyes(&self) -> bool {
        false
    }
}

/// What row-level security allows with rows of the whole site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SiteRows {
    /// Nothing.
    None,
    /// New ones: whoever acts leaves a trace, and need not be able to read the trail.
    Write,
    /// Reading as well.
    Read,
}

impl SiteRows {
    fn setting(self) -> &'static str {
        match self {
            Self::None => "",
            Self::Write => "write",
            Self::Read => "on",
        }
    }
}

impl Scope for Anonymous {
    fn site(&self) -> SiteRows {
        SiteRows::Write
    }
}
impl Scope for HalfWayScope {
    fn site(&self) -> SiteRows {
        SiteRows::Write
    }
}
impl Scope for Own {
    fn site(&self) -> SiteRows {
        SiteRows::Write
    }

    fn reader(&self) -> Option<Uuid> {
        Some(self.person.user)
    }
}
impl Scope for SteppedUp {
    fn site(&self) -> SiteRows {
        SiteRows::Write
    }

    fn reader(&self) -> Option<Uuid> {
        Some(self.person.user)
    }
}
impl Scope for Site {
    fn site(&self) -> SiteRows {
        SiteRows::Read
    }
}
impl Scope for Impersonated {
    fn site(&self) -> SiteRows {
        SiteRows::Write
    }

    fn is_about_eyes(&self) -> bool {
        true
    }
}

impl Scope for System {
    fn site(&self) -> SiteRows {
        SiteRows::Read
    }
}
impl Scope for Organization {
    fn organization(&self) -> Option<Uuid> {
        Some(self.organization)
    }
    fn site(&self) -> SiteRows {
        SiteRows::None
    }
}

impl<S: Scope> Grant<S> {
    pub(super) fn mint(caller: &Caller, scope: S) -> Self {
        let (actor, eyes) = match caller.actor() {
            Actor::Nobody => (None, None),
            Actor::HalfWay(half_way) => (Some(half_way.user), None),
            Actor::Person(person) => (Some(person.user), None),
            // Whoever looks is the one who acts, whatever they look at.
            Actor::Impersonating(it) => (Some(it.administrator), Some(it.impersonation.clone())),
        };
        Self { platform: caller.platform().clone(), request: caller.request().clone(), actor, eyes, scope }
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

    /// What holds for an administrator who sees with somebody else's eyes.
    pub(crate) fn eyes(&self) -> Option<&Impersonation> {
        self.eyes.as_ref()
    }

    /// Begins the transaction in which this grant acts. With somebody else's eyes it only reads: Postgres refuses the rest,
    /// whatever was forgotten elsewhere.
    ///
    /// # Errors
    /// [`AppError::Busy`] while the database is away.
    pub async fn begin(&self) -> Result<Tx, AppError> {
        let only_reads = self.eyes.is_some() && !self.scope.is_about_eyes();
        let statement = if only_reads { "BEGIN READ ONLY" } else { "BEGIN" };
        // On the heap: it would make every future around it large.
        let begun = Box::pin(self.platform.db().begin_with(statement)).await;
        let mut inner = begun.while_doing("beginning a transaction")?;
        sqlx::query!(
            "SELECT set_config('app.organization_id', $1, true) AS organization, set_config('app.site', $2, true) AS site,
                    set_config('app.user_id', $3, true) AS person",
            self.scope.organization().map(|id| id.to_string()).unwrap_or_default(),
            self.scope.site().setting(),
            self.scope.reader().map(|id| id.to_string()).unwrap_or_default(),
        )
        .fetch_one(&mut *inner)
        .await
        .while_doing("telling the database who asks")?;
        Ok(Tx {
            inner,
            actor: self.actor,
            request: self.request.clone(),
            organization: self.scope.organization(),
        })
    }
}

impl Grant<Anonymous> {
    /// Refuses a grant that was minted for something else.
    pub(crate) fn demand(&self, purpose: Purpose) -> Result<(), AppError> {
        if self.scope.purpose == purpose { Ok(()) } else { Err(AppError::NotAllowed) }
    }
}

impl Grant<HalfWayScope> {
    /// The pending sign-in.
    #[must_use]
    pub fn sign_in(&self) -> Uuid {
        self.scope.sign_in
    }

    /// Whose it is.
    #[must_use]
    pub fn user(&self) -> Uuid {
        self.scope.user
    }
}

impl Grant<Own> {
    /// The caller.
    #[must_use]
    pub fn person(&self) -> &Person {
        &self.scope.person
    }

    /// The caller's account.
    #[must_use]
    pub fn user(&self) -> Uuid {
        self.scope.person.user
    }
}

impl Grant<SteppedUp> {
    /// The caller.
    #[must_use]
    pub fn person(&self) -> &Person {
        &self.scope.person
    }

    /// The caller's account.
    #[must_use]
    pub fn user(&self) -> Uuid {
        self.scope.person.user
    }

    /// Whoever has proved it again is signed in as well.
    #[must_use]
    pub fn own(&self) -> Grant<Own> {
        let Self { platform, request, actor, eyes, scope } = self.clone();
        Grant { platform, request, actor, eyes, scope: Own { person: scope.person } }
    }
}

impl Grant<Site> {
    /// The caller.
    #[must_use]
    pub fn person(&self) -> &Person {
        &self.scope.person
    }

    /// What was decided, to decide it once more where time has passed.
    pub(crate) fn action(&self) -> SiteAction {
        self.scope.action
    }

    /// Refuses a grant that was minted for another action.
    pub(crate) fn demand(&self, action: SiteAction) -> Result<(), AppError> {
        if self.scope.action == action { Ok(()) } else { Err(AppError::NotAllowed) }
    }
}

impl Grant<Organization> {
    /// The caller.
    #[must_use]
    pub fn person(&self) -> &Person {
        &self.scope.person
    }

    /// The organization.
    #[must_use]
    pub fn organization(&self) -> Uuid {
        self.scope.organization
    }

    /// Everything the caller may do in the organization: nobody gives what they have not.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        self.scope.permissions
    }

    /// Refuses a grant that was minted for another permission.
    pub(crate) fn demand(&self, permission: Permission) -> Result<(), AppError> {
        if self.scope.permission == permission { Ok(()) } else { Err(AppError::NotAllowed) }
    }

    /// What was decided, to decide it once more where time has passed.
    pub(super) fn permission(&self) -> Permission {
        self.scope.permission
    }

    /// Refuses whoever has not just proved who they are: for the few ways to use a permission that give too much away.
    pub(crate) fn demand_fresh(&self) -> Result<(), AppError> {
        demand_fresh(&self.scope.person, &self.platform)
    }
}

impl Grant<Impersonated> {
    /// What was begun.
    #[must_use]
    pub fn impersonation(&self) -> &Impersonation {
        &self.scope.impersonation
    }

    /// Whose eyes they are.
    #[must_use]
    pub fn user(&self) -> Uuid {
        self.scope.user
    }
}

impl Grant<System> {
    /// For the process itself; a request never comes here.
    #[must_use]
    pub fn system(platform: &Platform, task: &'static str) -> Self {
        let request = RequestFacts {
            id: platform.new_id(),
            address: std::net::IpAddr::from([127, 0, 0, 1]),
            user_agent: String::new(),
            device: None,
            claim: None,
        };
        Self { platform: platform.clone(), request, actor: None, eyes: None, scope: System { task } }
    }

    /// What the process is doing.
    #[must_use]
    pub fn task(&self) -> &'static str {
        self.scope.task
    }
}
