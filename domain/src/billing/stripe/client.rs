//! The way to Stripe: one call, tried until it is answered.

use std::{
    fmt::{self, Display},
    sync::Arc,
    time::Instant,
};

use hyper::{Method, Response};
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use url::Url;

use super::{Pacing, StripeProblem, form::encode, retry::again};
use crate::platform::outbound::{Credentials, Outbound, OutboundProblem};

/// The version of its interface whose words we know, whatever the account is set to.
pub const API_VERSION: &str = "2025-09-30.clover";
/// A list of events may be long.
const LARGEST: usize = 4 * 1024 * 1024;

/// What the operator said of it.
#[derive(Clone, Debug)]
pub struct StripeSettings {
    /// Whose account it is: `sk_…` or `rk_…`.
    pub api_key: SecretString,
    /// Where it is; another address is a stand-in of tests.
    pub base_url: Url,
}

/// Names an act that changes something at Stripe. The same act has the same name at every try, also after this process
/// ended: it is made of what the act is about, and never by chance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act(String);

impl Act {
    /// `what` is done `to` something, such as `customer` to the id of an organization. The key is their hash: it has room for
    /// every name, and no two acts share one.
    #[must_use]
    pub fn new(what: &'static str, to: impl Display) -> Self {
        // The length says where the one ends and the other begins.
        let hash = Sha256::digest(format!("{}:{what}:{to}", what.len()));
        Self(hash.iter().fold(String::from("gatehouse-"), |key, byte| format!("{key}{byte:02x}")))
    }
}

/// The way to Stripe. Cheap to clone.
#[derive(Clone)]
pub struct Stripe(Arc<Inner>);

struct Inner {
    settings: StripeSettings,
    outbound: Outbound,
    pacing: Pacing,
}

impl Stripe {
    /// For an account. Nothing is asked before the first call.
    #[must_use]
    pub fn new(settings: StripeSettings, outbound: Outbound, pacing: Pacing) -> Self {
        Self(Arc::new(Inner { settings, outbound: outbound.up_to(LARGEST), pacing }))
    }

    /// Whether it answers, and takes our key.
    ///
    /// # Errors
    /// [`StripeProblem`].
    pub async fn look(&self) -> Result<(), StripeProblem> {
        let _: Value = self.get(&["events"], &serde_json::json!({ "limit": 1 })).await?;
        Ok(())
    }

    /// Reads something.
    pub(super) async fn get<T: DeserializeOwned>(
        &self,
        path: &[&str],
        params: &Value,
    ) -> Result<T, StripeProblem> {
        let mut url = self.address(path)?;
        let query = encode(params);
        url.set_query(Some(&query).filter(|query| !query.is_empty()).map(String::as_str));
        self.ask(Method::GET, &url, String::new(), None).await
    }

    /// Changes something, once for each act.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        path: &[&str],
        params: &Value,
        act: &Act,
    ) -> Result<T, StripeProblem> {
        self.ask(Method::POST, &self.address(path)?, encode(params), Some(act)).await
    }

    /// Computes something that is kept nowhere: a key would bring the answer of yesterday.
    pub(super) async fn compute<T: DeserializeOwned>(
        &self,
        path: &[&str],
        params: &Value,
    ) -> Result<T, StripeProblem> {
        self.ask(Method::POST, &self.address(path)?, encode(params), None).await
    }

    /// Ends something. Stripe keeps no keys for it.
    pub(super) async fn delete<T: DeserializeOwned>(
        &self,
        path: &[&str],
        params: &Value,
    ) -> Result<T, StripeProblem> {
        self.ask(Method::DELETE, &self.address(path)?, encode(params), None).await
    }

    fn address(&self, path: &[&str]) -> Result<Url, StripeProblem> {
        let mut url = self.0.settings.base_url.clone();
        // An empty part would turn one object into the list of all.
        if path.iter().any(|part| part.is_empty()) {
            return Err(StripeProblem::Missing);
        }
        let mut parts = url.path_segments_mut().map_err(|()| OutboundProblem::Address)?;
        parts.pop_if_empty().push("v1").extend(path);
        drop(parts);
        Ok(url)
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        method: Method,
        url: &Url,
        form: String,
        act: Option<&Act>,
    ) -> Result<T, StripeProblem> {
        let Inner { settings, outbound, pacing } = &*self.0;
        let who = Credentials::Bearer(settings.api_key.expose_secret());
        let mut headers = vec![("stripe-version", API_VERSION)];
        headers.extend(act.map(|Act(key)| ("idempotency-key", key.as_str())));
        let begun = Instant::now();
        let mut tries = 0;
        loop {
            let result = outbound.call(method.clone(), url, &who, &headers, form.clone()).await;
            tries += 1;
            let rest = again(&result).and_then(|asked| pacing.rest(tries, asked, begun.elapsed()));
            let Some(rest) = rest else { return read(result) };
            let answer = result.as_ref().map(|response| response.status().as_u16()).ok();
            tracing::info!(tries, answer, "Stripe is asked again");
            tokio::time::sleep(rest).await;
        }
    }
}

impl fmt::Debug for Stripe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Stripe").field(&self.0.settings).finish()
    }
}

/// The last answer, as what it says.
fn read<T: DeserializeOwned>(result: Result<Response<Vec<u8>>, OutboundProblem>) -> Result<T, StripeProblem> {
    let response = result?;
    let status = response.status();
    if status.is_success() {
        return serde_json::from_slice(response.body()).map_err(|error| {
            tracing::error!(%error, "what Stripe answered cannot be read");
            StripeProblem::Unreadable
        });
    }
    let problem = StripeProblem::of(status.as_u16(), response.body());
    // By this id its support, and its dashboard, find the call.
    let request = response.headers().get("request-id").and_then(|id| id.to_str().ok());
    tracing::warn!(stripe.request = request, status = status.as_u16(), %problem, "Stripe refused");
    Err(problem)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(base: &str) -> Stripe {
        let settings = StripeSettings {
            api_key: "sk_test_canary".to_owned().into(),
            base_url: Url::parse(base).expect("an address"),
        };
        Stripe::new(settings, Outbound::new(Duration::from_secs(1)), Pacing::STANDARD)
    }

    #[test]
    fn an_id_cannot_lead_to_another_address() {
        let address = |id: &str| at("https://api.stripe.com").address(&["customers", id]).map(String::from);
        assert_eq!(address("cus_1").expect("valid"), "https://api.stripe.com/v1/customers/cus_1");
        assert_eq!(
            address("a/../../x?y#z").expect("valid"),
            "https://api.stripe.com/v1/customers/a%2F..%2F..%2Fx%3Fy%23z"
        );
        assert_eq!(address(""), Err(StripeProblem::Missing));
        let below = at("http://127.0.0.1:1/peer/").address(&["events"]).expect("valid");
        assert_eq!(below.path(), "/peer/v1/events");
    }

    #[test]
    fn the_key_is_not_shown() {
        assert!(!format!("{:?}", at("https://api.stripe.com")).contains("canary"));
    }

    #[test]
    fn the_same_act_has_the_same_name_and_no_other_act_has_it() {
        assert_eq!(Act::new("customer", 7), Act::new("customer", 7));
        let long = "y".repeat(300);
        let acts = [
            Act::new("customer", 7),
            Act::new("customer", 8),
            Act::new("customer:7", ""),
            Act::new("customer", "Köln"),
            Act::new("customer", "Kln"),
            Act::new("customer", &long),
            Act::new("customer", format!("{long}y")),
        ];
        for (place, act) in acts.iter().enumerate() {
            assert!(!acts[..place].contains(act), "{act:?}");
            // Stripe takes keys of at most 255 characters.
            assert!(act.0.is_ascii() && act.0.len() <= 255, "{act:?}");
        }
    }
}
