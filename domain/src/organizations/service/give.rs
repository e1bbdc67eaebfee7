//! Roles as they are given and taken: none above one's own, and never the last owner's.

use uuid::Uuid;

use super::{
    super::{
        RoleRef,
        letters::{self, News},
        store::{self, members},
    },
    conflict,
};
use crate::{
    AppError, FieldIssue,
    access::{BuiltInRole, Grant, Organization, Permissions, Tx, permissions_of},
    audit::{self, OrganizationDeed},
    platform::{Platform, letters::outbox},
    sessions,
};

/// A role that can be given in an organization.
#[derive(Clone, Debug)]
pub(super) struct Role {
    pub(super) built_in: Option<BuiltInRole>,
    pub(super) id: Option<Uuid>,
    pub(super) name: String,
    pub(super) permissions: Permissions,
}

impl Role {
    fn built_in(role: BuiltInRole) -> Self {
        let name = store::called(role).to_owned();
        Self { built_in: Some(role), id: None, name, permissions: role.permissions() }
    }

    fn of(given: members::Given) -> Self {
        if let Some(role) = given.built_in.as_deref().and_then(BuiltInRole::parse) {
            return Self::built_in(role);
        }
        let names = given.permissions.unwrap_or_default();
        Self {
            built_in: None,
            id: given.role_id,
            name: given.name.unwrap_or_default(),
            permissions: Permissions::named(names.iter().map(String::as_str)),
        }
    }

    /// How it is named in the API and the trail.
    pub(super) fn wire(&self) -> String {
        match (self.built_in, self.id) {
            (Some(role), _) => role.name().to_owned(),
            (None, id) => id.map(|id| id.to_string()).unwrap_or_default(),
        }
    }

    pub(super) fn built_in_name(&self) -> Option<&'static str> {
        self.built_in.map(BuiltInRole::name)
    }

    pub(super) fn owns(&self) -> bool {
        self.built_in == Some(BuiltInRole::Owner)
    }

    fn is(&self, other: &Self) -> bool {
        (self.built_in, self.id) == (other.built_in, other.id)
    }
}

/// Every role that there is in an organization.
pub(super) struct Roles(Vec<Role>);

impl Roles {
    /// Those of the organization that the transaction is in.
    pub(super) async fn of(tx: &mut Tx) -> Result<Self, AppError> {
        let organization = tx.organization()?;
        let made = members::made_roles(tx.conn(), organization).await?;
        let built_in = BuiltInRole::ALL.into_iter().map(Role::built_in);
        Ok(Self(built_in.chain(made.into_iter().map(Role::of)).collect()))
    }

    /// The role of this name or id.
    pub(super) fn find(&self, typed: &str) -> Option<&Role> {
        let typed = typed.trim();
        let id = Uuid::try_parse(typed).ok();
        self.0.iter().find(|role| match role.built_in {
            Some(built_in) => built_in.name().eq_ignore_ascii_case(typed),
            None => id.is_some() && role.id == id,
        })
    }

    /// The role of a row that names one.
    pub(super) fn stored(&self, built_in: Option<&str>, id: Option<Uuid>) -> Option<&Role> {
        self.0.iter().find(|role| role.built_in_name() == built_in && role.id == id)
    }

    /// Those that allow nothing beyond `own`.
    pub(super) fn within(&self, own: Permissions) -> Vec<RoleRef> {
        let given = self.0.iter().filter(|role| own.include(role.permissions));
        given.map(|role| RoleRef { role: role.wire(), name: role.name.clone() }).collect()
    }
}

/// Somebody at work on the members of an organization that is held.
pub(super) struct Acting<'a> {
    pub(super) grant: &'a Grant<Organization>,
    /// What they may do themselves, now that the organization is held.
    pub(super) own: Permissions,
    pub(super) roles: Roles,
    pub(super) personal_of: Option<Uuid>,
    pub(super) batch: Option<Uuid>,
}

impl<'a> Acting<'a> {
    /// Holds the organization.
    pub(super) async fn hold(
        grant: &'a Grant<Organization>,
        tx: &mut Tx,
        batch: Option<Uuid>,
    ) -> Result<Self, AppError> {
        let own = grant.hold(tx).await?;
        let roles = Roles::of(tx).await?;
        let row = store::find(tx.conn(), grant.organization()).await?.ok_or(AppError::NotFound)?;
        Ok(Self { grant, own, roles, personal_of: row.personal_of, batch })
    }

    /// The role of this name, if the caller has all that it allows.
    pub(super) fn role(&self, field: &str, typed: &str) -> Result<&Role, AppError> {
        if typed.trim().is_empty() {
            return Err(AppError::invalid(field, FieldIssue::Required));
        }
        let role = self.roles.find(typed).ok_or_else(|| AppError::invalid(field, FieldIssue::NotAnOption))?;
        self.may_give(role).map(|()| role)
    }

    /// Nobody gives, or takes, what they have not.
    pub(super) fn may_give(&self, role: &Role) -> Result<(), AppError> {
        if self.own.include(role.permissions) { Ok(()) } else { Err(AppError::NotAllowed) }
    }

    /// To make somebody an owner needs a fresh proof, and somebody's own organization has no other.
    pub(super) fn may_make_owner(&self, field: &str) -> Result<(), AppError> {
        self.grant.demand_fresh()?;
        if self.personal_of.is_some() { Err(conflict(field, FieldIssue::Personal)) } else { Ok(()) }
    }

    /// What a member was given themselves.
    pub(super) async fn given(&self, tx: &mut Tx, user: Uuid) -> Result<Option<Vec<Role>>, AppError> {
        let given = members::given(tx.conn(), self.grant.organization(), user).await?;
        Ok(given.map(|given| given.into_iter().map(Role::of).collect()))
    }

    /// Gives a member these roles in place of those they have. Answers whether they are an owner by it: the others are told.
    pub(super) async fn set_roles(&self, tx: &mut Tx, user: Uuid, wanted: &[Role]) -> Result<bool, AppError> {
        let organization = self.grant.organization();
        let before = self.given(tx, user).await?.ok_or(AppError::NotFound)?;
        let missing = |among: &[Role], role: &Role| !among.iter().any(|other| other.is(role));
        let added: Vec<&Role> = wanted.iter().filter(|role| missing(&before, role)).collect();
        let taken: Vec<&Role> = before.iter().filter(|role| missing(wanted, role)).collect();
        if added.is_empty() && taken.is_empty() {
            return Ok(false);
        }
        for role in added.iter().chain(&taken) {
            self.may_give(role)?;
        }
        if added.iter().any(|role| role.permissions.are_owners()) {
            self.grant.demand_fresh()?;
        }
        let becomes_owner = added.iter().any(|role| role.owns());
        if becomes_owner {
            self.may_make_owner("roles")?;
            // Nobody becomes an owner while they leave the site: of the two the second sees what the first has done.
            sessions::service::hold(tx, user).await?;
            if members::who_can_act(tx.conn(), organization, user).await?.is_none() {
                return Err(conflict("roles", FieldIssue::NobodyIn));
            }
        }
        if taken.iter().any(|role| role.owns())
            && !members::has_another_owner(tx.conn(), organization, user).await?
        {
            return Err(conflict("roles", FieldIssue::LastOwner));
        }
        let now = self.grant.platform().now();
        for role in taken {
            members::take(tx.conn(), organization, user, role.built_in_name(), role.id).await?;
        }
        for role in added {
            members::give(tx.conn(), organization, user, role.built_in_name(), role.id, now).await?;
        }
        let names = |roles: &[Role]| roles.iter().map(Role::wire).collect();
        let (before, after) = (names(&before), names(wanted));
        audit::note(tx, OrganizationDeed::RolesSet { user, before, after, batch: self.batch }).await?;
        Ok(becomes_owner)
    }

    /// Removes a member who has nothing above the caller.
    pub(super) async fn remove(&self, tx: &mut Tx, user: Uuid) -> Result<(), AppError> {
        let organization = self.grant.organization();
        let given = self.given(tx, user).await?.ok_or(AppError::NotFound)?;
        if user == self.grant.person().user {
            return Err(conflict("user_id", FieldIssue::Yourself));
        }
        // Also by their groups, and by those above.
        if !self.own.include(permissions_of(tx, user).await?) {
            return Err(AppError::NotAllowed);
        }
        if self.personal_of == Some(user) {
            return Err(conflict("user_id", FieldIssue::Personal));
        }
        let owns = given.iter().any(Role::owns);
        if owns && !members::has_another_owner(tx.conn(), organization, user).await? {
            return Err(conflict("user_id", FieldIssue::LastOwner));
        }
        members::remove(tx.conn(), organization, user).await?;
        audit::note(tx, OrganizationDeed::MemberRemoved { user, batch: self.batch }).await
    }
}

/// Tells those who owned the organization of the transaction already who owns it beside them: one letter to each, however many
/// were made at once.
pub(in crate::organizations) async fn tell_of_owners(
    tx: &mut Tx,
    platform: &Platform,
    made: &[Uuid],
    by: Uuid,
) -> Result<(), AppError> {
    if made.is_empty() {
        return Ok(());
    }
    let organization = tx.organization()?;
    let row = store::find(tx.conn(), organization).await?.ok_or(AppError::NotFound)?;
    let by = store::person(tx.conn(), by).await?.ok_or(AppError::NotFound)?;
    let owners = members::owners(tx.conn(), organization).await?;
    let (new, others): (Vec<_>, Vec<_>) = owners.into_iter().partition(|owner| made.contains(&owner.id));
    let who = match new.as_slice() {
        [] => return Ok(()),
        [one] => one.email.clone(),
        [one, more @ ..] => format!("{} (and {} more)", one.email, more.len()),
    };
    let news = News::OwnerMade { by: &by.email, who: &who };
    for owner in others {
        outbox::put(platform, tx, letters::write(platform, &owner.email, &row.name, &row.slug, &news))
            .await?;
    }
    Ok(())
}
