//! Meters.

use serde::Deserialize;
use serde_json::Number;

/// What usage is counted by.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Meter {
    /// `mtr_…`.
    pub id: String,
    /// The name that usage is reported under.
    pub event_name: String,
    /// `active` or `inactive`.
    pub status: String,
}

/// How much was used in a time.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct MeterSummary {
    /// How much; kept as the number that was written.
    pub aggregated_value: Number,
    /// From when.
    pub start_time: i64,
    /// Until when.
    pub end_time: i64,
}
