//! Who may be made an owner, whatever makes them one.

use uuid::Uuid;

use super::{
    super::store::{self, members},
    conflict,
};
use crate::{
    AppError, FieldIssue,
    access::{BuiltInRole, Tx},
    sessions,
};

/// Whether a role, as typed, makes somebody an owner.
pub(in crate::organizations) fn names_owner(role: &str) -> bool {
    role.trim().eq_ignore_ascii_case(BuiltInRole::Owner.name())
}

/// Holds the accounts of members who are to be owners, in the order of their ids, before the organization is held: whoever leaves
/// the site, joins or is given the organization holds the account first as well, and two who hold crosswise would wait for each
/// other.
pub(in crate::organizations) async fn hold_first(tx: &mut Tx, mut users: Vec<Uuid>) -> Result<(), AppError> {
    let organization = tx.organization()?;
    users.sort_unstable();
    users.dedup();
    for user in users {
        // Nobody is made to wait by a stranger.
        if members::given(tx.conn(), organization, user).await?.is_some() {
            sessions::service::hold(tx, user).await?;
        }
    }
    Ok(())
}

/// Refuses whom an organization, which is held, cannot have as another owner: somebody's own has no other, and an owner who
/// cannot act is none.
///
/// # Errors
/// [`AppError::Conflict`]; [`AppError::NotFound`] for an organization that is gone.
pub(in crate::organizations) async fn could_own(
    tx: &mut Tx,
    field: &str,
    user: Uuid,
) -> Result<(), AppError> {
    let organization = tx.organization()?;
    let row = store::find(tx.conn(), organization).await?.ok_or(AppError::NotFound)?;
    if row.personal_of.is_some_and(|own| own != user) {
        return Err(conflict(field, FieldIssue::Personal));
    }
    // Nobody becomes an owner while they leave the site: of the two the second sees what the first has done.
    sessions::service::hold(tx, user).await?;
    if members::who_can_act(tx.conn(), organization, user).await?.is_none() {
        return Err(conflict(field, FieldIssue::NobodyIn));
    }
    Ok(())
}
