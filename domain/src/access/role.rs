//! What a person is to the whole site.

use serde::{Deserialize, Serialize};

/// A site role. Everybody is a `USER`; the others are given by an administrator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema, sqlx::Type))]
#[cfg_attr(feature = "server", sqlx(type_name = "site_role", rename_all = "SCREAMING_SNAKE_CASE"))]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SiteRole {
    /// Runs the site.
    Admin,
    /// Sees accounts and helps their owners; cannot raise anyone.
    Support,
    /// Sees and settles what is owed.
    BillingAdmin,
    /// Everybody.
    User,
}

impl SiteRole {
    /// Every role, the strongest first.
    pub const ALL: [Self; 4] = [Self::Admin, Self::Support, Self::BillingAdmin, Self::User];

    /// The name in the API and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Admin => "ADMIN",
            Self::Support => "SUPPORT",
            Self::BillingAdmin => "BILLING_ADMIN",
            Self::User => "USER",
        }
    }

    /// Reads the name in the API.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}
