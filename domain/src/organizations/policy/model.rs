//! The policy of an organization. Shared with the browser.

use serde::{Deserialize, Serialize};

use crate::{Timestamp, access::SignInMethod};

/// What an organization asks of its members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Policy {
    /// From when on every member needs a second factor; null where none is asked.
    pub second_factor_from: Option<Timestamp>,
    /// How old the last proof of who they are may be, in seconds; null where it is not asked.
    pub session_age_s: Option<i32>,
    /// How long a session may lie unused, in seconds; null where it is not asked.
    pub session_idle_s: Option<i32>,
    /// By what a session may be begun; empty for everything.
    pub methods: Vec<SignInMethod>,
    /// Whose addresses may be invited, in small letters; empty for every domain.
    pub domains: Vec<String>,
    /// Grows with every change; goes back with the next one.
    pub version: i64,
    /// What `methods` can be made of here.
    pub offers: Vec<MethodOffer>,
    /// How many members have no second factor.
    pub without_second_factor: i64,
}

/// A way to sign in that can be allowed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct MethodOffer {
    /// What it is named by in requests.
    pub method: SignInMethod,
    /// What it is called.
    pub name: String,
}
