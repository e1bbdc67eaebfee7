//! What is counted together, for how long, and what happens at the cap. Shared with the browser.

use serde::{Deserialize, Serialize};

/// Whose calls are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Scope {
    /// Those of the whole organization.
    Organization,
    /// Those of a workspace.
    Workspace,
    /// Those of a project.
    Project,
    /// Those of a group, and of the groups below it.
    Group,
    /// Those of a person.
    Person,
    /// Those of an API token.
    Token,
    /// Those with a tag.
    Tag,
    /// Those to a model.
    Model,
}

impl Scope {
    /// Every scope, the widest first.
    pub const ALL: [Self; 8] = [
        Self::Organization,
        Self::Workspace,
        Self::Project,
        Self::Group,
        Self::Person,
        Self::Token,
        Self::Tag,
        Self::Model,
    ];

    /// The name in the API and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Organization => "organization",
            Self::Workspace => "workspace",
            Self::Project => "project",
            Self::Group => "group",
            Self::Person => "person",
            Self::Token => "token",
            Self::Tag => "tag",
            Self::Model => "model",
        }
    }

    /// Reads the name in the API.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// For how long calls are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// A month of the calendar, in the zone of the organization.
    Month,
    /// A day of that calendar.
    Day,
    /// The present day and those before it, as many as the budget says.
    Rolling,
}

impl Period {
    /// Every period.
    pub const ALL: [Self; 3] = [Self::Month, Self::Day, Self::Rolling];

    /// The name in the API and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Month => "month",
            Self::Day => "day",
            Self::Rolling => "rolling",
        }
    }

    /// Reads the name in the API.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|period| period.name() == name)
    }
}

/// What happens at the cap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// Calls are refused (402) until the budget begins anew or is raised.
    Block,
    /// Calls are put off (429): they may come again later.
    Throttle,
    /// Calls go on; people are told.
    Notify,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 3] = [Self::Block, Self::Throttle, Self::Notify];

    /// The name in the API and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Block => "block",
            Self::Throttle => "throttle",
            Self::Notify => "notify",
        }
    }

    /// Reads the name in the API.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back() {
        for scope in Scope::ALL {
            assert_eq!(Scope::parse(scope.name()), Some(scope));
        }
        for period in Period::ALL {
            assert_eq!(Period::parse(period.name()), Some(period));
        }
        for action in Action::ALL {
            assert_eq!(Action::parse(action.name()), Some(action));
        }
        assert_eq!(
            (Scope::parse("everything"), Period::parse("year"), Action::parse("")),
            (None, None, None)
        );
    }
}
