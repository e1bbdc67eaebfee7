//! What a form does: posts its own fields to an endpoint, as the browser would without us, and keeps what came of it.
//!
//! Smaller than the framework's action, which reads the fields into the endpoint's type and writes them out again:
//! here nothing of the input is compiled into the browser half, and both roads send the same bytes.

use leptos::{ev::SubmitEvent, prelude::*, task::spawn_local};
use serde::de::DeserializeOwned;
use server_fn::ServerFn;

use super::{Checking, browser};
use crate::error::Problem;

/// The tries of a form: the last answer, how many there were, and whether one is under way. Make it in the page, so
/// that it outlives the parts that are drawn anew.
pub struct FormAction<S: ServerFn<Error = Problem>>
where
    S::Output: Send + Sync + 'static,
{
    value: RwSignal<Option<Result<S::Output, Problem>>>,
    version: RwSignal<usize>,
    pending: RwSignal<bool>,
    checking: RwSignal<Checking>,
}

impl<S: ServerFn<Error = Problem>> Clone for FormAction<S>
where
    S::Output: Send + Sync + 'static,
{
    fn clone(&self) -> Self {
        *self
    }
}

impl<S: ServerFn<Error = Problem>> Copy for FormAction<S> where S::Output: Send + Sync + 'static {}

impl<S: ServerFn<Error = Problem>> Default for FormAction<S>
where
    S::Output: Send + Sync + 'static,
{
    fn default() -> Self {
        Self::new()
    }
}

impl<S: ServerFn<Error = Problem>> FormAction<S>
where
    S::Output: Send + Sync + 'static,
{
    /// No try yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            value: RwSignal::new(None),
            version: RwSignal::new(0),
            pending: RwSignal::new(false),
            checking: RwSignal::new(Checking::Nothing),
        }
    }

    /// The last answer.
    #[must_use]
    pub fn value(&self) -> RwSignal<Option<Result<S::Output, Problem>>> {
        self.value
    }

    /// How many answers there were.
    #[must_use]
    pub fn version(&self) -> Signal<usize> {
        self.version.into()
    }

    /// Whether a request is under way.
    #[must_use]
    pub fn pending(&self) -> Signal<bool> {
        self.pending.into()
    }

    /// What the browser does about a captcha meanwhile.
    #[must_use]
    pub fn checking(&self) -> Signal<Checking> {
        self.checking.into()
    }
}

impl<S: ServerFn<Error = Problem>> FormAction<S>
where
    S::Output: DeserializeOwned + Send + Sync + 'static,
{
    /// Sends the form of the event. One press is one request: while one is under way nothing else happens. Where a
    /// captcha is asked, the browser solves it and the same fields are sent once more.
    pub fn send(self, event: &SubmitEvent) {
        event.prevent_default();
        if self.pending.get_untracked() {
            return;
        }
        self.pending.set(true);
        let answer = browser::post_form(event, S::PATH, self.checking);
        spawn_local(async move {
            let answer = answer.await.and_then(|body| read::<S::Output>(&body));
            // The page may have gone while the answer was on its way.
            self.pending.try_set(false);
            self.value.try_set(Some(answer));
            self.version.try_update(|version| *version += 1);
        });
    }
}

/// An empty body stands for the answer that says nothing.
fn read<T: DeserializeOwned>(body: &str) -> Result<T, Problem> {
    let body = if body.is_empty() { "null" } else { body };
    serde_json::from_str(body).map_err(|_| Problem(domain::AppError::Unreachable))
}
