//! A document of a provider: fetched once, kept for an hour, fetched by one request at a time.

use std::{sync::Arc, time::Duration};

use tokio::sync::Mutex;

use super::ProviderProblem;
use crate::Timestamp;

/// How long a document is good without a new look.
const FRESH_FOR: Duration = Duration::from_hours(1);
/// How long a provider is left alone after it could not be asked, so that its outage holds nobody up.
const REST: Duration = Duration::from_secs(5);
/// How often a document may be fetched because something is missing in it: whoever invents key ids must not make us ask
/// all the time.
const ANEW_EVERY: Duration = Duration::from_mins(1);

/// A document that is kept.
pub(super) struct Kept<T>(Mutex<State<T>>);

struct State<T> {
    document: Option<(Arc<T>, Timestamp)>,
    failed: Option<(ProviderProblem, Timestamp)>,
    anew: Option<Timestamp>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::new(State { document: None, failed: None, anew: None }))
    }
}

impl<T> Kept<T> {
    /// The document, fetched where there is none or an old one. While the provider is away the old one is good.
    pub(super) async fn get(
        &self,
        now: Timestamp,
        fetch: impl Future<Output = Result<T, ProviderProblem>>,
    ) -> Result<Arc<T>, ProviderProblem> {
        let mut state = self.0.lock().await;
        let old = match &state.document {
            Some((document, at)) if now - *at < FRESH_FOR => return Ok(Arc::clone(document)),
            old => old.as_ref().map(|(document, _)| Arc::clone(document)),
        };
        match (state.fetched(now, fetch).await, old) {
            (Err(problem), Some(old)) if problem.passes() => Ok(old),
            (fetched, _) => fetched,
        }
    }

    /// The document after another look, because `seen` lacks something. Answers what there is where it was looked at just
    /// before.
    pub(super) async fn anew(
        &self,
        now: Timestamp,
        seen: &Arc<T>,
        fetch: impl Future<Output = Result<T, ProviderProblem>>,
    ) -> Result<Arc<T>, ProviderProblem> {
        let mut state = self.0.lock().await;
        if let Some((document, _)) = &state.document {
            let is_newer = !Arc::ptr_eq(document, seen);
            if is_newer || state.anew.is_some_and(|at| now - at < ANEW_EVERY) {
                return Ok(Arc::clone(document));
            }
        }
        state.anew = Some(now);
        state.fetched(now, fetch).await
    }
}

impl<T> State<T> {
    async fn fetched(
        &mut self,
        now: Timestamp,
        fetch: impl Future<Output = Result<T, ProviderProblem>>,
    ) -> Result<Arc<T>, ProviderProblem> {
        if let Some((problem, at)) = self.failed
            && now - at < REST
        {
            return Err(problem);
        }
        match fetch.await {
            Ok(document) => {
                let document = Arc::new(document);
                self.document = Some((Arc::clone(&document), now));
                self.failed = None;
                Ok(document)
            }
            Err(problem) => {
                self.failed = problem.passes().then_some((problem, now));
                Err(problem)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AWAY: ProviderProblem = ProviderProblem::Unwell { what: "document", status: 503 };

    fn at(second: u64) -> Timestamp {
        Timestamp::parse("2026-11-21T12:00:00Z").expect("valid") + Duration::from_secs(second)
    }

    async fn get(
        kept: &Kept<u8>,
        second: u64,
        next: Result<u8, ProviderProblem>,
    ) -> Result<u8, ProviderProblem> {
        kept.get(at(second), async { next }).await.map(|document| *document)
    }

    #[tokio::test]
    async fn a_document_is_good_for_an_hour_and_longer_while_the_provider_is_away() {
        let kept = Kept::default();
        assert_eq!(get(&kept, 0, Ok(1)).await, Ok(1));
        assert_eq!(get(&kept, 3599, Ok(2)).await, Ok(1));
        assert_eq!(get(&kept, 3600, Err(AWAY)).await, Ok(1));
        assert_eq!(get(&kept, 3606, Ok(3)).await, Ok(3));
    }

    #[tokio::test]
    async fn who_is_away_is_left_alone_for_a_moment() {
        let kept = Kept::default();
        assert_eq!(get(&kept, 0, Err(AWAY)).await, Err(AWAY));
        assert_eq!(get(&kept, 4, Ok(1)).await, Err(AWAY), "not asked");
        assert_eq!(get(&kept, 5, Ok(1)).await, Ok(1));
    }

    #[tokio::test]
    async fn what_is_missing_is_looked_for_once_in_a_minute() {
        let kept = Kept::default();
        let first = kept.get(at(0), async { Ok(1) }).await.expect("fetched");
        let second = kept.anew(at(1), &first, async { Ok(2) }).await.expect("fetched");
        assert_eq!(*second, 2);
        assert_eq!(*kept.anew(at(2), &first, async { Ok(3) }).await.expect("kept"), 2, "somebody was faster");
        assert_eq!(*kept.anew(at(60), &second, async { Ok(3) }).await.expect("kept"), 2, "too soon");
        assert_eq!(*kept.anew(at(61), &second, async { Ok(3) }).await.expect("fetched"), 3);
    }
}
