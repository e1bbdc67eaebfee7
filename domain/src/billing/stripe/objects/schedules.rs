//! What is planned for subscriptions.

use serde::Deserialize;

/// What is planned for a subscription.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Schedule {
    /// `sub_sched_…`.
    pub id: String,
    /// How it stands.
    pub status: ScheduleStatus,
    /// For which; nothing once it let go of it.
    pub subscription: Option<String>,
    /// What is planned, one after the other.
    pub phases: Vec<Phase>,
}

/// How a schedule stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleStatus {
    /// It begins later.
    NotStarted,
    /// It is at work.
    Active,
    /// It came to its end.
    Completed,
    /// It let go of its subscription, which goes on.
    Released,
    /// It was ended, and its subscription with it.
    Canceled,
    /// Something that is new to us.
    #[serde(other)]
    Other,
}

/// What holds for some time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Phase {
    /// From when.
    pub start_date: i64,
    /// Until when.
    pub end_date: i64,
    /// What of.
    pub items: Vec<PhaseItem>,
}

/// One price of a phase.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct PhaseItem {
    /// `price_…`.
    pub price: String,
    /// How many.
    pub quantity: Option<u64>,
}
