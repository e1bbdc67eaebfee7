//! Where this process runs: on somebody's laptop or in front of a team.

use std::{fmt, str::FromStr};

/// Development is comfortable, production is strict. Nothing said means production.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Refuses what would be careless on the open network.
    Production,
    /// Letters go to a folder, keys are made on first start, limits are a hundred times wider.
    Development,
}

impl Profile {
    /// Whether this is the strict one.
    #[must_use]
    pub fn is_production(self) -> bool {
        self == Self::Production
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_production() { "production" } else { "development" })
    }
}

impl FromStr for Profile {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "production" => Ok(Self::Production),
            "development" => Ok(Self::Development),
            _ => Err(()),
        }
    }
}
