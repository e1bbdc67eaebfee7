//! Whose call it is: every dimension it counts in, frozen when it is reserved.

use super::{super::Scope, read_name};
use crate::{
    AppError, FieldIssue,
    access::{Grant, Organization, Via},
};

/// The longest name of a workspace, a tag, a model …
const LONGEST: u32 = 100;
/// How many names a call can have.
const MOST: usize = 20;

/// The dimensions of a call, each with its key; none of them twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Attribution {
    pub(super) dimensions: Vec<String>,
    pub(super) keys: Vec<String>,
}

impl Attribution {
    /// Of a call that this caller makes. `scope` says the rest: `workspace:…, project:…, tag:…, model:…`.
    pub(super) fn read(grant: &Grant<Organization>, scope: Option<&str>) -> Result<Self, AppError> {
        let mut it = Self::default();
        it.add(Scope::Organization.name(), "");
        let person = grant.person();
        it.add(Scope::Person.name(), &person.user.to_string());
        if matches!(person.via, Via::ApiToken(_)) {
            it.add(Scope::Token.name(), &person.session.to_string());
        }
        let named: Vec<&str> =
            scope.unwrap_or_default().split(',').map(str::trim).filter(|part| !part.is_empty()).collect();
        if named.len() > MOST {
            let max = u32::try_from(MOST).unwrap_or(u32::MAX);
            return Err(AppError::invalid("scope", FieldIssue::TooMany { max }));
        }
        for part in named {
            let (scope, key) = part.split_once(':').ok_or_else(not_an_option)?;
            let scope =
                Scope::parse(scope.trim()).filter(|scope| is_named(*scope)).ok_or_else(not_an_option)?;
            it.add(scope.name(), &read_name("scope", key, LONGEST)?);
        }
        Ok(it)
    }

    /// Adds what the rest tells.
    pub(super) fn and(mut self, groups: &[String], provider: &str, item: &str) -> Self {
        for group in groups {
            self.add(Scope::Group.name(), group);
        }
        if !provider.is_empty() {
            self.add("provider", provider);
        }
        // Also where its client names another model: the budget of the one that is billed is not to be passed by.
        if !item.is_empty() {
            self.add(Scope::Model.name(), item);
        }
        self
    }

    fn add(&mut self, dimension: &str, key: &str) {
        let is_there = self.dimensions.iter().zip(&self.keys).any(|(d, k)| d == dimension && k == key);
        if !is_there {
            self.dimensions.push(dimension.to_owned());
            self.keys.push(key.to_owned());
        }
    }
}

/// Whether a client says it: who calls, and with which token, is known.
fn is_named(scope: Scope) -> bool {
    matches!(scope, Scope::Workspace | Scope::Project | Scope::Tag | Scope::Model)
}

fn not_an_option() -> AppError {
    AppError::invalid("scope", FieldIssue::NotAnOption)
}
