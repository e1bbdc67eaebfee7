//! What administrators and supporters do to accounts, one file for each kind of act.

mod help;
mod impersonate;
mod invitations;
mod list;
mod lock;
mod roles;
mod settings;

pub use crate::identity::service::invite_first_administrator;
pub use help::{resend_verification, reset_second_factor, take_second_factor};
pub use impersonate::{impersonate, stop_impersonating};
pub use invitations::{invitations, invite_user, revoke_invitation};
pub use list::{Query, user, users};
pub use lock::{lock_user, lock_users, unlock_user};
pub use roles::set_roles;
pub use settings::{settings, update_settings};

use uuid::Uuid;

use super::store::{self, Held};
use crate::{
    AppError, FieldIssue, FieldProblem,
    access::{Grant, Site, SiteRole, Tx, site_allows},
};

/// The roles of the one who acts and of the one it is done to, as they are until the transaction ends.
struct Roles {
    caller: Vec<SiteRole>,
    other: Vec<SiteRole>,
    /// Whether nobody can be in the other account.
    other_is_out: bool,
}

impl Roles {
    fn may_be_touched(&self) -> Result<(), AppError> {
        let raised = self.other.iter().any(|role| *role != SiteRole::User);
        if raised && !self.caller.contains(&SiteRole::Admin) { Err(AppError::NotAllowed) } else { Ok(()) }
    }
}

/// Holds both accounts. The grant is from before: whoever was locked or lost the role meanwhile does nothing any more.
async fn hold(tx: &mut Tx, grant: &Grant<Site>, user: Uuid) -> Result<Roles, AppError> {
    let held = store::hold(tx.conn(), &[grant.person().user, user]).await?;
    let caller = acting(&held, grant)?.roles.clone();
    let other = held.iter().find(|account| account.id == user).ok_or(AppError::NotFound)?;
    Ok(Roles { caller, other: other.roles.clone(), other_is_out: other.out })
}

/// Holds the one who acts, for acts of other rooms on the site.
///
/// # Errors
/// [`AppError::SignInRequired`], [`AppError::NotAllowed`] for somebody who was locked or lost the role meanwhile.
pub(crate) async fn hold_acting(tx: &mut Tx, grant: &Grant<Site>) -> Result<(), AppError> {
    hold(tx, grant, grant.person().user).await.map(drop)
}

/// The one who acts, as they are now.
fn acting<'a>(held: &'a [Held], grant: &Grant<Site>) -> Result<&'a Held, AppError> {
    let caller = grant.person().user;
    let acting = held.iter().find(|account| account.id == caller && !account.out);
    let acting = acting.ok_or(AppError::SignInRequired)?;
    if site_allows(&acting.roles, grant.action()) { Ok(acting) } else { Err(AppError::NotAllowed) }
}

fn user_id(text: &str) -> Result<Uuid, AppError> {
    if text.trim().is_empty() {
        return Err(AppError::invalid("user_id", FieldIssue::Required));
    }
    Uuid::parse_str(text.trim()).map_err(|_| AppError::MalformedRequest)
}

/// Why, in 3 to 500 characters: it stands in the trail for as long as the trail does.
fn reason_of(typed: &str) -> Result<String, AppError> {
    let reason = typed.trim();
    let issue = if reason.is_empty() {
        FieldIssue::Required
    } else if reason.chars().count() < 3 {
        FieldIssue::TooShort { min: 3 }
    } else if reason.chars().count() > 500 {
        FieldIssue::TooLong { max: 500 }
    } else if reason.chars().any(|c| c.is_control() && c != '\n') {
        FieldIssue::ControlCharacter
    } else {
        return Ok(reason.to_owned());
    };
    Err(AppError::invalid("reason", issue))
}

fn conflict(issue: FieldIssue) -> AppError {
    AppError::Conflict { errors: vec![FieldProblem::new("user_id", issue)] }
}
