//! Somebody in an organization: what they have there, decided once for a request.

use uuid::Uuid;

use super::{
    super::{Caller, Grant, Person, grant::Organization},
    Permission, Permissions, store,
};
use crate::AppError;

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
    /// [`AppError::NotFound`] for an organization that does not exist, or to which the caller does not belong; and as
    /// [`Caller::signed_in`].
    pub async fn in_organization(&self, id_or_slug: &str) -> Result<Member, AppError> {
        let grant = self.signed_in()?;
        let person = grant.person().clone();
        let mut tx = grant.begin().await?;
        let found = store::find(tx.conn(), id_or_slug, person.user).await?.ok_or(AppError::NotFound)?;
        tx.enter(found.organization).await?;
        let permissions = store::permissions(tx.conn(), found.organization, person.user).await?;
        tx.commit().await?;
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
        // It can be read, and kept.
        if self.ends && permission.verb() != "read" && permission != Permission::DeleteOrganization {
            return Err(AppError::Conflict { errors: Vec::new() });
        }
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
