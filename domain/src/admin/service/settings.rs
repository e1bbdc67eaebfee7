//! What holds for the whole site.

use super::reason_of;
use crate::{
    AppError, FieldIssue, FieldProblem,
    access::{Grant, Site, SiteAction},
    audit::{self, Deed},
    identity::{
        Registering, RegistrationPolicy,
        service::{change_registration_policy, registration_policy},
    },
};

/// Who may open an account at the moment.
pub async fn settings(grant: &Grant<Site>) -> Result<RegistrationPolicy, AppError> {
    grant.demand(SiteAction::ReadSettings)?;
    registration_policy(grant.platform()).await
}

/// Decides who may open an account; true from the next request on.
///
/// # Errors
/// [`AppError::InvalidInput`]; [`AppError::Conflict`] when nothing would change.
pub async fn update_settings(
    grant: &Grant<Site>,
    registration: &str,
    allowed_domains: &str,
    reason: &str,
) -> Result<(), AppError> {
    grant.demand(SiteAction::ChangeSettings)?;
    let registration = Registering::parse(registration.trim())
        .ok_or_else(|| AppError::invalid("registration", FieldIssue::NotAnOption))?;
    let allowed_domains = RegistrationPolicy::read_domains(allowed_domains)
        .map_err(|issue| AppError::invalid("allowed_domains", issue))?;
    let reason = reason_of(reason)?;
    let after = RegistrationPolicy { registration, allowed_domains };
    let mut tx = grant.begin().await?;
    super::hold(&mut tx, grant, grant.person().user).await?;
    let before = change_registration_policy(&mut tx, &after).await?;
    if before == after {
        return Err(AppError::Conflict {
            errors: vec![FieldProblem::new("registration", FieldIssue::Unchanged)],
        });
    }
    audit::note(&mut tx, Deed::SettingsChanged { before, after, reason }).await?;
    tx.commit().await
}
