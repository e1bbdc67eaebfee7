//! The rules of this room, one file for what belongs together.
//!
//! Whoever changes who belongs to an organization, or what they may do there, holds its row first: so of two owners who leave
//! at once the second sees that it is the last. Accounts that are held as well are held before it.

mod arrive;
mod bulk;
mod counted;
mod ends;
mod give;
mod invitations;
mod make;
mod members;
mod owner;
mod person;
mod read;
mod staff;
mod transfer;

pub use arrive::{accept_invitation, invitation};
pub use bulk::{Pasting, bulk_members};
pub use counted::Counter;
pub use ends::{delete, delete_due, keep};
pub(in crate::organizations) use give::tell_of_owners;
pub use invitations::{invitations, invite, revoke_invitation};
pub(crate) use make::give_personal;
pub use make::{MOST_OWNED, create};
pub use members::{leave, remove_member, set_member_roles};
pub(in crate::organizations) use owner::{could_own, hold_first, names_owner};
pub use person::sweep;
pub(crate) use person::{
    copy_of, end_invitations_to, end_own_plan, forget_person, refuse_last_owner, roles_of,
};
pub use read::{Change, Query, assignable_roles, get, list, members, update};
pub use staff::{StaffQuery, organizations};
pub use transfer::transfer;

use uuid::Uuid;

use crate::{
    AppError, FieldIssue,
    platform::limiter::Verdict,
    typed::{conflict, given, limit as read_limit, read_id},
};

/// What a refused try is told: when to come back.
fn allowed(verdict: &Verdict) -> Result<(), AppError> {
    if verdict.allowed {
        return Ok(());
    }
    let wait = verdict.retry_after.unwrap_or(verdict.reset_after).as_secs();
    Err(AppError::TooManyRequests { retry_after_s: u32::try_from(wait + 1).unwrap_or(u32::MAX) })
}

/// Where a page ended that is in the order of ids.
fn read_cursor(cursor: Option<&str>) -> Result<Option<Uuid>, AppError> {
    given(cursor)
        .map(|text| Uuid::parse_str(text).map_err(|_| AppError::invalid("cursor", FieldIssue::Unreadable)))
        .transpose()
}

/// Text to look for; `%` and `_` are what was typed, not wildcards.
pub(in crate::organizations) fn read_pattern(q: Option<&str>) -> Result<Option<String>, AppError> {
    let Some(q) = given(q) else { return Ok(None) };
    if q.chars().count() > 254 {
        return Err(AppError::invalid("q", FieldIssue::TooLong { max: 254 }));
    }
    let escaped = q.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    Ok(Some(format!("%{escaped}%")))
}
