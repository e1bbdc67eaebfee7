//! What happened at Stripe, and any object as it stands.

use serde_json::{Value, json};

use super::super::{Listed, Stripe, StripeProblem};

impl Stripe {
    /// A page of what happened since a moment (seconds since 1970), newest first, as it is written. `kinds` are at most 20.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn events(
        &self,
        since: i64,
        kinds: &[&str],
        after: Option<&str>,
        limit: u8,
    ) -> Result<Listed<Value>, StripeProblem> {
        let created = json!({ "gte": since });
        let params = json!({ "created": created, "types": kinds, "starting_after": after, "limit": limit });
        self.get(&["events"], &params).await
    }

    /// An object as it stands, as it is written.
    pub(in crate::billing::stripe) async fn object(&self, path: &[&str]) -> Result<Value, StripeProblem> {
        self.get(path, &Value::Null).await
    }
}
