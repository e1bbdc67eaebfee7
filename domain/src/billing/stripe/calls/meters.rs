//! Meters, and what is reported to them.

use serde_json::{Value, json};

use super::super::{Act, Listed, Meter, MeterSummary, Stripe, StripeProblem};

/// Something that was used.
#[derive(Clone, Copy, Debug)]
pub struct Usage<'a> {
    /// The name that its meter listens to.
    pub event_name: &'a str,
    /// Who used it.
    pub customer: &'a str,
    /// How much, in whole units.
    pub value: u64,
    /// What makes it this fact and no other, such as meter, organization and interval; at most 100 characters.
    pub identifier: &'a str,
    /// When, in seconds since 1970: at most 35 days ago.
    pub at: i64,
}

/// What came of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reported {
    /// It is counted.
    Now,
    /// It was counted before: that Stripe has it is the proof of an earlier delivery.
    Before,
}

impl Stripe {
    /// All meters.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn meters(&self) -> Result<Listed<Meter>, StripeProblem> {
        self.get(&["billing", "meters"], &json!({ "limit": 100 })).await
    }

    /// Makes a meter that sums up.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn create_meter(
        &self,
        act: &Act,
        event_name: &str,
        name: &str,
    ) -> Result<Meter, StripeProblem> {
        let params = json!({
            "event_name": event_name,
            "display_name": name,
            "default_aggregation": { "formula": "sum" },
        });
        self.post(&["billing", "meters"], &params, act).await
    }

    /// Reports usage, which is counted once however often it is reported.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn report(&self, usage: &Usage<'_>) -> Result<Reported, StripeProblem> {
        let params = json!({
            "event_name": usage.event_name,
            "identifier": usage.identifier,
            "timestamp": usage.at,
            "payload": { "stripe_customer_id": usage.customer, "value": usage.value.to_string() },
        });
        let act = Act::new("meter-event", usage.identifier);
        match self.post::<Value>(&["billing", "meter_events"], &params, &act).await {
            Ok(_) => Ok(Reported::Now),
            Err(StripeProblem::Exists) => Ok(Reported::Before),
            Err(problem) => Err(problem),
        }
    }

    /// How much a customer used between two whole minutes.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn meter_summaries(
        &self,
        meter: &str,
        customer: &str,
        from: i64,
        until: i64,
    ) -> Result<Listed<MeterSummary>, StripeProblem> {
        let params = json!({ "customer": customer, "start_time": from, "end_time": until });
        self.get(&["billing", "meters", meter, "event_summaries"], &params).await
    }
}
