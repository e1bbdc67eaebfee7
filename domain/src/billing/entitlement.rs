//! What a plan gives besides its price. Shared with the browser.

use serde::{Deserialize, Serialize};

/// Something that a plan gives: a number of things, or a switch. What usage it includes is an amount of money, and stands with
/// its price.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Entitlement {
    /// How many people belong to the organization.
    Seats,
    /// How many groups there are.
    Groups,
    /// How many roles the organization has made for itself.
    CustomRoles,
    /// How many budgets there are.
    Budgets,
    /// How many API tokens act for the organization.
    ApiTokens,
    /// For how many days what happened is kept at most.
    RetentionDays,
    /// Whether members can sign in by the organization's own provider.
    OwnSignIn,
}

/// How an entitlement is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum EntitlementKind {
    /// There can be so many.
    Number,
    /// It is there, or it is not.
    Switch,
}

impl Entitlement {
    /// Every one, in the order of lists.
    pub const ALL: [Self; 7] = [
        Self::Seats,
        Self::Groups,
        Self::CustomRoles,
        Self::Budgets,
        Self::ApiTokens,
        Self::RetentionDays,
        Self::OwnSignIn,
    ];

    /// The name in the API and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Seats => "seats",
            Self::Groups => "groups",
            Self::CustomRoles => "custom-roles",
            Self::Budgets => "budgets",
            Self::ApiTokens => "api-tokens",
            Self::RetentionDays => "retention-days",
            Self::OwnSignIn => "own-sign-in",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }

    /// How it is counted.
    #[must_use]
    pub fn kind(self) -> EntitlementKind {
        match self {
            Self::OwnSignIn => EntitlementKind::Switch,
            _ => EntitlementKind::Number,
        }
    }

    /// What it is called where people read it.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Seats => "Seats",
            Self::Groups => "Groups",
            Self::CustomRoles => "Roles of your own",
            Self::Budgets => "Budgets",
            Self::ApiTokens => "API tokens",
            Self::RetentionDays => "Days of history",
            Self::OwnSignIn => "Sign-in by your own provider",
        }
    }
}

/// How much of an entitlement a plan gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Entitled {
    /// Of what.
    pub entitlement: Entitlement,
    /// How it is counted.
    pub kind: EntitlementKind,
    /// How much: for a switch 1 or 0; null where there is no limit.
    pub amount: Option<i64>,
}

impl Entitled {
    /// So much of it; `None` for no limit.
    #[must_use]
    pub fn new(entitlement: Entitlement, amount: Option<i64>) -> Self {
        Self { entitlement, kind: entitlement.kind(), amount }
    }

    /// Whether so many are within it.
    #[must_use]
    pub fn covers(self, count: i64) -> bool {
        self.amount.is_none_or(|amount| count <= amount)
    }

    /// How much, in words.
    #[must_use]
    pub fn told(self) -> String {
        match (self.kind, self.amount) {
            (EntitlementKind::Switch, Some(0)) => "No".into(),
            (EntitlementKind::Switch, _) => "Yes".into(),
            (_, None) => "No limit".into(),
            (EntitlementKind::Number, Some(amount)) => amount.to_string(),
        }
    }
}

/// How much of an entitlement is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Used {
    /// What the plan gives.
    pub limit: Entitled,
    /// How much of it there is; null where nobody counts it here.
    pub used: Option<i64>,
}

impl Used {
    /// Whether there is more than the plan gives.
    #[must_use]
    pub fn is_exceeded(self) -> bool {
        self.used.is_some_and(|used| !self.limit.covers(used))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_back_and_are_those_of_the_wire() {
        for it in Entitlement::ALL {
            assert_eq!(Entitlement::parse(it.name()), Some(it));
            assert_eq!(serde_json::to_value(it).expect("written"), it.name());
        }
        assert_eq!(Entitlement::parse("seat"), None);
    }

    #[test]
    fn a_limit_covers_itself_and_no_limit_covers_everything() {
        let five = Entitled::new(Entitlement::Seats, Some(5));
        assert!(five.covers(5) && !five.covers(6));
        assert!(Entitled::new(Entitlement::Seats, None).covers(i64::MAX));
    }

    #[test]
    fn an_amount_is_told_as_it_is_counted() {
        let told = |entitlement, amount| Entitled::new(entitlement, amount).told();
        assert_eq!(told(Entitlement::Seats, Some(3)), "3");
        assert_eq!(told(Entitlement::Seats, None), "No limit");
        assert_eq!(told(Entitlement::OwnSignIn, Some(0)), "No");
        assert_eq!(told(Entitlement::OwnSignIn, Some(1)), "Yes");
    }
}
