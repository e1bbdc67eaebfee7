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
    give::Acting,
    given,
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
/// [`AppError::InvalidInput`] for no lines, too many of them, or a mode that is none.
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
    let acting = Acting::hold(grant, &mut tx, Some(batch_id)).await?;
    let mut report = BulkReport { batch_id, applied: false, good: 0, refused: 0, lines: Vec::new() };
    let mut seen = HashSet::new();
    for pasted in lines {
        let issue = if seen.insert(pasted.email.to_lowercase()) {
            let role = pasted.role.as_deref().or(given(pasting.role.as_deref())).unwrap_or_default();
            told(one(&acting, &mut tx, action, &pasted, role).await)?
        } else {
            Some(FieldIssue::AlreadyDone)
        };
        report.add(pasted, issue.as_ref());
    }
    report.applied = report.good > 0 && (mode == BulkMode::Each || report.refused == 0);
    // What is not committed was never there, letters and entries included.
    if report.applied {
        tx.commit().await?;
    }
    Ok(report)
}

/// Does it with one line. Whatever is refused is refused before anything is written.
async fn one(
    acting: &Acting<'_>,
    tx: &mut Tx,
    action: BulkAction,
    pasted: &Pasted,
    role: &str,
) -> Result<(), AppError> {
    let address = Address::parse(&pasted.email).map_err(|issue| AppError::invalid("email", issue))?;
    if action == BulkAction::Invite {
        let role = acting.role("role", role)?;
        return acting.invite(tx, &address, role).await.map(drop);
    }
    let user = member(acting, tx, &address).await?;
    match action {
        BulkAction::SetRole => {
            let role = acting.role("role", role)?.clone();
            acting.set_roles(tx, user, &[role]).await
        }
        BulkAction::Remove | BulkAction::Invite => acting.remove(tx, user).await,
    }
}

async fn member(acting: &Acting<'_>, tx: &mut Tx, address: &Address) -> Result<Uuid, AppError> {
    let found = members::by_address(tx.conn(), acting.grant.organization(), address.as_str()).await?;
    found.map(|member| member.id).ok_or_else(|| AppError::invalid("email", FieldIssue::NotAMember))
}

/// What is wrong with a line; what is wrong with everything ends it all.
fn told(outcome: Result<(), AppError>) -> Result<Option<FieldIssue>, AppError> {
    match outcome {
        Ok(()) => Ok(None),
        Err(AppError::NotAllowed) => Ok(Some(FieldIssue::AboveYourself)),
        // The address has had its letters.
        Err(AppError::TooManyRequests { .. }) => Ok(Some(FieldIssue::OnItsWay)),
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
        let name = |issue| serde_json::to_value(issue).ok()?["problem"].as_str().map(str::to_owned);
        self.lines.push(BulkLine {
            line: pasted.line,
            email: pasted.email.chars().take(Address::MAX as usize).collect(),
            problem: issue.and_then(name),
            message: issue.map(FieldIssue::sentence),
        });
    }
}
