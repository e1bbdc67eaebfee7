//! New passwords judged, and where a sign-in may lead.

use std::{collections::HashSet, sync::LazyLock};

use super::{Address, Password};
use crate::{AppError, FieldIssue, FieldProblem, platform::Platform};

/// The 10,000 passwords seen most often in breaches, as ranked by the zxcvbn project.
static COMMON: LazyLock<HashSet<&'static str>> =
    LazyLock::new(|| include_str!("common_passwords.txt").lines().collect());

/// Reads a new password and refuses what everybody tries first, and what was seen in a breach.
pub(super) async fn new_password(
    platform: &Platform,
    typed: &str,
    owner: Option<&Address>,
) -> Result<Password, FieldIssue> {
    let password = uncommon_password(typed, owner)?;
    if platform.breached().contains(password.reveal()).await {
        return Err(FieldIssue::Breached);
    }
    Ok(password)
}

/// Refuses what everybody tries first, also when it is only written twice.
fn uncommon_password(typed: &str, owner: Option<&Address>) -> Result<Password, FieldIssue> {
    let password = Password::parse(typed, owner)?;
    let lower = password.reveal().to_lowercase();
    let half = lower.get(..lower.len() / 2).filter(|half| lower == format!("{half}{half}"));
    if COMMON.contains(lower.as_str()) || half.is_some_and(|half| COMMON.contains(half)) || is_one_run(&lower)
    {
        return Err(FieldIssue::TooCommon);
    }
    Ok(password)
}

/// One character over and over.
fn is_one_run(password: &str) -> bool {
    let mut chars = password.chars();
    let first = chars.next();
    chars.all(|c| Some(c) == first)
}

/// Collects the problems of a form, so that a person sees all of them at once.
#[derive(Default)]
pub(super) struct Problems(Vec<FieldProblem>);

impl Problems {
    /// Whether nothing is wrong so far.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Keeps the value, or its problem under the field's name.
    pub(super) fn check<T>(&mut self, field: &str, parsed: Result<T, FieldIssue>) -> Option<T> {
        match parsed {
            Ok(value) => Some(value),
            Err(issue) => {
                self.0.push(FieldProblem::new(field, issue));
                None
            }
        }
    }

    /// The error with everything that was found. Called when a value is missing.
    pub(super) fn into_error(self) -> AppError {
        AppError::InvalidInput { errors: self.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_everybody_tries_first_is_refused() {
        for typed in ["qwerty123456", "passwordpassword", "aaaaaaaaaaaaaaaa", "1q2w3e4r5t6y"] {
            assert_eq!(uncommon_password(typed, None).err(), Some(FieldIssue::TooCommon), "{typed}");
        }
        assert!(uncommon_password("seven green lanterns", None).is_ok());
    }
}
