//! Somebody in an organization: what they have there, decided once for a request.

use uuid::Uuid;

use super::{
    super::{Actor, Caller, Grant, Own, Person, grant::Organization},
    Permission, Permissions, evaluator, store,
};
use crate::{AppError, FieldIssue, FieldProblem, access::Tx};

/// A caller who belongs to an organization. Only [`Caller::in_organization`] makes one.
pub struct Member {
    caller: Caller,
    person: Person,
    organization: Uuid,
    permissions: Permissions,
    /// Whether an owner has asked for its deletion.
    ends: bool,
}

impl Caller {
    /// The caller in an organization, which is named by its id or its slug.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for an organization that does not exist, or to which the caller does not belong;
    /// [`AppError::OrganizationPolicy`] and [`AppError::StepUpRequired`] where it asks for more than they have; and as
    /// [`Caller::signed_in`].
    pub async fn in_organization(&self, id_or_slug: &str) -> Result<Member, AppError> {
        let grant = self.signed_in()?;
        let person = grant.person().clone();
        let mut tx = grant.begin().await?;
        let found = store::find(tx.conn(), id_or_slug, person.user).await?.ok_or(AppError::NotFound)?;
        // Whoever sees with somebody else's eyes has a session of another kind, and changes nothing.
        if !matches!(self.actor(), Actor::Impersonating(_)) {
            found.asks.admit(&person, self.platform().now())?;
        }
        tx.enter(found.organization).await?;
        let permissions = evaluator::of_member(tx.conn(), found.organization, person.user).await?;
        // Not committed: nothing was done, and the key of a request is marked by what is done first.
        drop(tx);
        Ok(Member {
            caller: self.clone(),
            person,
            organization: found.organization,
            permissions,
            ends: found.ends,
        })
    }
}

impl Member {
    /// The organization.
    #[must_use]
    pub fn organization(&self) -> Uuid {
        self.organization
    }

    /// Everything the caller may do in it.
    #[must_use]
    pub fn permissions(&self) -> Permissions {
        self.permissions
    }

    /// The caller, to whom it is told what they may do here and what not, whatever that is.
    ///
    /// # Errors
    /// As [`Caller::signed_in`].
    pub fn own(&self) -> Result<Grant<Own>, AppError> {
        self.caller.signed_in()
    }

    /// A grant to do what a permission allows.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`] without the permission; [`AppError::StepUpRequired`] where it needs a fresh proof;
    /// [`AppError::Conflict`] for a change of an organization that is about to be deleted.
    pub fn may(&self, permission: Permission) -> Result<Grant<Organization>, AppError> {
        if !self.permissions.has(permission) {
            return Err(AppError::NotAllowed);
        }
        if permission.needs_fresh_proof() {
            self.caller.stepped_up()?;
        }
        may_still(permission, self.ends)?;
        Ok(Grant::mint(
            &self.caller,
            Organization {
                person: self.person.clone(),
                organization: self.organization,
                permissions: self.permissions,
                permission,
            },
        ))
    }
}

impl Grant<Organization> {
    /// Holds the organization until the transaction ends, and decides once more: the grant is from before, and whoever left
    /// or lost the permission meanwhile does nothing any more. Answers what the caller may do now.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for an organization that is gone; [`AppError::NotAllowed`]; [`AppError::Conflict`] as
    /// [`Member::may`].
    pub(crate) async fn hold(&self, tx: &mut Tx) -> Result<Permissions, AppError> {
        let (organization, permission) = (self.organization(), self.permission());
        let ends = store::hold(tx.conn(), organization).await?.ok_or(AppError::NotFound)?;
        let permissions = evaluator::of_member(tx.conn(), organization, self.person().user).await?;
        if !permissions.has(permission) {
            return Err(AppError::NotAllowed);
        }
        may_still(permission, ends)?;
        Ok(permissions)
    }
}

/// What is about to be deleted can be read, and kept.
fn may_still(permission: Permission, ends: bool) -> Result<(), AppError> {
    if ends && permission.verb() != "read" && permission != Permission::DeleteOrganization {
        let problem = FieldProblem::new("organization_id", FieldIssue::AboutToEnd);
        return Err(AppError::Conflict { errors: vec![problem] });
    }
    Ok(())
}

/// The organization with this id or slug, if it is one of the person's. The transaction may touch its rows from here on.
///
/// # Errors
/// [`AppError::NotFound`].
pub(crate) async fn enter_own(tx: &mut Tx, id_or_slug: &str, person: &Person) -> Result<Uuid, AppError> {
    let found = store::find(tx.conn(), id_or_slug, person.user).await?.ok_or(AppError::NotFound)?;
    tx.enter(found.organization).await?;
    Ok(found.organization)
}

/// Everything somebody may do in the organization that the transaction is in.
pub(crate) async fn permissions_of(tx: &mut Tx, user: Uuid) -> Result<Permissions, AppError> {
    let organization = tx.organization()?;
    evaluator::of_member(tx.conn(), organization, user).await
}

/// Holds the organization that the transaction is in, until it ends; answers whether it is about to be deleted.
///
/// # Errors
/// [`AppError::NotFound`] for one that is gone.
pub(crate) async fn hold_organization(tx: &mut Tx) -> Result<bool, AppError> {
    let organization = tx.organization()?;
    store::hold(tx.conn(), organization).await?.ok_or(AppError::NotFound)
}
