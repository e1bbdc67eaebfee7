//! What an organization asks of whoever comes in, beside their roles.

use std::time::Duration;

use super::{
    super::{Person, SignInMethod, Via},
    PolicyNeed,
};
use crate::{AppError, Timestamp};

/// What the policy of an organization asks. Nothing at all, where it has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Asks {
    /// From when on every member needs a second factor.
    pub(crate) second_factor_from: Option<Timestamp>,
    /// How old the last proof of who they are may be.
    pub(crate) age: Option<Duration>,
    /// How long a session may lie unused.
    pub(crate) idle: Option<Duration>,
    /// By what a session may be begun; empty for everything.
    pub(crate) methods: Vec<SignInMethod>,
}

impl Asks {
    /// Whether somebody may come in as they are now.
    ///
    /// # Errors
    /// [`AppError::OrganizationPolicy`] for who has no second factor, or came in by another way;
    /// [`AppError::StepUpRequired`] for a session that is too old or was unused too long.
    pub(crate) fn admit(&self, person: &Person, now: Timestamp) -> Result<(), AppError> {
        if self.second_factor_from.is_some_and(|from| from <= now) && !person.second_factor {
            return Err(AppError::OrganizationPolicy { needs: PolicyNeed::SecondFactor, methods: Vec::new() });
        }
        let sitting = &person.sitting;
        let by = sitting.method.as_ref();
        if !self.methods.is_empty() && !by.is_some_and(|method| self.methods.contains(method)) {
            let methods = self.methods.clone();
            return Err(AppError::OrganizationPolicy { needs: PolicyNeed::SignInMethod, methods });
        }
        // A token that lies in a file has an end of its own, and nobody sits in front of it.
        if matches!(person.via, Via::ApiToken(_)) {
            return Ok(());
        }
        let proved = sitting.begun_at.max(person.proved_at);
        let is_old = |most: &Duration| now - proved > *most;
        let is_idle = |most: &Duration| sitting.idle > *most;
        match (self.age.filter(is_old), self.idle.filter(is_idle)) {
            (None, None) => Ok(()),
            (Some(most), _) | (None, Some(most)) => {
                Err(AppError::StepUpRequired { max_age_s: u32::try_from(most.as_secs()).unwrap_or(u32::MAX) })
            }
        }
    }
}
