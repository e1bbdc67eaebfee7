//! Many members at once.
//!
//! Promise: one transaction, so that "all or nothing" is true and each line is either done or told why not; the entries in the
//! trail have the batch in common.

use std::collections::HashSet;

use uuid::Uuid;

use super::{
    super::{
        BulkAction, BulkLine, BulkMode, BulkReport,
        lines::{Pasted, read_lines},
        store::members,
    },
    give::{Acting, tell_of_owners},
    given, hold_first,
    invitations::Sending,
    names_owner,
};
use crate::{
    AppError, FieldIssue,
    access::{Grant, Organization, Permission, Tx},
    identity::Address,
};

/// What somebody pasted, and what is to be done with it; as typed.
#[derive(Clone, Debug, Default)]
pub struct Pasting {
    /// Addresses, one on each line, with a role behind a comma where each has its own.
    pub lines: String,
    /// The role of those without one.
    pub role: Option<String>,
    /// A mode's name.
    pub mode: Option<String>,
}

impl BulkAction {
    /// What whoever does it may do one by one.
    #[must_use]
    pub fn permission(self) -> Permission {
        match self {
            Self::Invite => Permission::InviteMembers,
            Self::SetRole => Permission::AssignRoles,
            Self::Remove => Permission::RemoveMembers,
        }
    }
}

/// Does the same with every line of a pasted list.
///
/// # Errors
/// [`AppError::InvalidInput`] for no lines, too many of them, or a mode that is none; [`AppError::TooManyRequests`] where
/// letters that were to be sent have gone elsewhere in the same moment.
pub async fn bulk_members(
    grant: &Grant<Organization>,
    action: BulkAction,
    pasting: &Pasting,
) -> Result<BulkReport, AppError> {
    grant.demand(action.permission())?;
    let mode = match given(pasting.mode.as_deref()) {
        None => BulkMode::default(),
        Some(name) => {
            BulkMode::parse(name).ok_or_else(|| AppError::invalid("mode", FieldIssue::NotAnOption))?
        }
    };
    let lines = read_lines(&pasting.lines).map_err(|issue| AppError::invalid("lines", issue))?;
    let batch_id = grant.platform().new_id();
    let mut tx = grant.begin().await?;
    if action == BulkAction::SetRole {
        let owners = new_owners(&mut tx, &lines, given(pasting.role.as_deref())).await?;
        hold_first(&mut tx, owners).await?;
    }
    let acting = Acting::hold(grant, &mut tx, Some(batch_id)).await?;
    let mut report = BulkReport { batch_id, applied: false, good: 0, refused: 0, lines: Vec::new() };
    let (mut seen, mut sending, mut owners) = (HashSet::new(), Sending::default(), Vec::new());
    for pasted in lines {
        let issue = if seen.insert(pasted.email.to_lowercase()) {
            let role = pasted.role.as_deref().or(given(pasting.role.as_deref())).unwrap_or_default();
            told(one(&acting, &mut tx, action, &pasted, role, &mut sending).await, &mut owners)?
        } else {
            Some(FieldIssue::AlreadyDone)
        };
        report.add(pasted, issue.as_ref());
    }
    report.applied = report.good > 0 && (mode == BulkMode::Each || report.refused == 0);
    // What is not committed was never there, letters and entries included: so it uses up no allowance either.
    if report.applied {
        tell_of_owners(&mut tx, grant.platform(), &owners, grant.person().user).await?;
        sending.take(grant.platform().limiter(), grant.person().user).await?;
        tx.commit().await?;
    }
    Ok(report)
}

/// Those of the list who would be owners by it.
async fn new_owners(tx: &mut Tx, lines: &[Pasted], role: Option<&str>) -> Result<Vec<Uuid>, AppError> {
    let organization = tx.organization()?;
    let mut users = Vec::new();
    for pasted in lines.iter().filter(|it| it.role.as_deref().or(role).is_some_and(names_owner)) {
        let Ok(address) = Address::parse(&pasted.email) else { continue };
        let found = members::by_address(tx.conn(), organization, address.as_str()).await?;
        users.extend(found.map(|member| member.id));
    }
    Ok(users)
}

/// Does it with one line; answers who is an owner by it. Whatever is refused is refused before anything is written.
async fn one(
    acting: &Acting<'_>,
    tx: &mut Tx,
    action: BulkAction,
    pasted: &Pasted,
    role: &str,
    sending: &mut Sending,
) -> Result<Option<Uuid>, AppError> {
    let address = Address::parse(&pasted.email).map_err(|issue| AppError::invalid("email", issue))?;
    if action == BulkAction::Invite {
        let role = acting.role("role", role)?;
        return acting.invite(tx, &address, role, sending).await.map(|_| None);
    }
    let user = member(acting, tx, &address).await?;
    match action {
        BulkAction::SetRole => {
            let role = acting.role("role", role)?.clone();
            Ok(acting.set_roles(tx, user, &[role]).await?.then_some(user))
        }
        BulkAction::Remove | BulkAction::Invite => acting.remove(tx, user).await.map(|()| None),
    }
}

async fn member(acting: &Acting<'_>, tx: &mut Tx, address: &Address) -> Result<Uuid, AppError> {
    let found = members::by_address(tx.conn(), acting.grant.organization(), address.as_str()).await?;
    found.map(|member| member.id).ok_or_else(|| AppError::invalid("email", FieldIssue::NotAMember))
}

/// What is wrong with a line; what is wrong with everything ends it all. Keeps who is an owner by it.
fn told(
    outcome: Result<Option<Uuid>, AppError>,
    owners: &mut Vec<Uuid>,
) -> Result<Option<FieldIssue>, AppError> {
    match outcome {
        Ok(owner) => {
            owners.extend(owner);
            Ok(None)
        }
        Err(AppError::NotAllowed) => Ok(Some(FieldIssue::AboveYourself)),
        Err(AppError::TooManyRequests { .. }) => Ok(Some(FieldIssue::EnoughLetters)),
        Err(AppError::InvalidInput { errors } | AppError::Conflict { errors }) => {
            Ok(Some(errors.into_iter().next().map_or(FieldIssue::Unreadable, |problem| problem.issue)))
        }
        Err(other) => Err(other),
    }
}

impl BulkReport {
    fn add(&mut self, pasted: Pasted, issue: Option<&FieldIssue>) {
        if issue.is_some() {
            self.refused += 1;
        } else {
            self.good += 1;
        }
        self.lines.push(BulkLine {
            line: pasted.line,
            email: pasted.email.chars().take(Address::MAX as usize).collect(),
            problem: issue.map(|issue| issue.name().to_owned()),
            message: issue.map(FieldIssue::sentence),
        });
    }
}
