//! What is planned for subscriptions, such as a cheaper plan from the next period on.

use serde_json::{Value, json};

use super::{
    super::{Act, Schedule, Stripe, StripeProblem},
    subscriptions::Priced,
};

/// What holds for some time.
#[derive(Clone, Copy, Debug)]
pub struct NewPhase<'a> {
    /// What of.
    pub prices: &'a [Priced<'a>],
    /// From when, in seconds since 1970.
    pub start: i64,
    /// Until when; nothing for one period of its price, which only the last phase may have.
    pub end: Option<i64>,
}

impl NewPhase<'_> {
    fn params(&self) -> Value {
        let items: Vec<Value> = self.prices.iter().map(Priced::params).collect();
        json!({ "items": items, "start_date": self.start, "end_date": self.end })
    }
}

impl Stripe {
    /// Begins to plan for a subscription: the first phase is its present period.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn create_schedule(&self, act: &Act, subscription: &str) -> Result<Schedule, StripeProblem> {
        self.post(&["subscription_schedules"], &json!({ "from_subscription": subscription }), act).await
    }

    /// Reads what is planned.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn schedule(&self, id: &str) -> Result<Schedule, StripeProblem> {
        self.get(&["subscription_schedules", id], &Value::Null).await
    }

    /// Plans these phases, the present one among them, after which the subscription goes on as the last of them says.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn plan_phases(
        &self,
        act: &Act,
        id: &str,
        phases: &[NewPhase<'_>],
    ) -> Result<Schedule, StripeProblem> {
        let phases: Vec<Value> = phases.iter().map(NewPhase::params).collect();
        let params = json!({ "phases": phases, "end_behavior": "release", "proration_behavior": "none" });
        self.post(&["subscription_schedules", id], &params, act).await
    }

    /// Gives a plan up; the subscription goes on as it is.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn release_schedule(&self, act: &Act, id: &str) -> Result<Schedule, StripeProblem> {
        self.post(&["subscription_schedules", id, "release"], &json!({}), act).await
    }
}
