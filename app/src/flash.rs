//! What a form without wasm finds after its redirect: the outcome, and what was typed.
//!
//! The server's form layer seals a [`Flash`] into a cookie of one minute; the next page opens and forgets it. A link
//! cannot forge one. What was typed is in it without passwords and codes; the answer is in it as it is, and may hold
//! what is shown once. Therefore it is sealed, and opens only within its minute and beside the session it is for.

use std::collections::BTreeMap;

use domain::AppError;
use leptos::server::SharedValue;
use serde::{Deserialize, Serialize};
use server_fn::ServerFn;

/// The outcome of a form post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// The endpoint the form was posted to.
    pub path: String,
    /// What came of it.
    pub outcome: Outcome,
    /// What was typed, without secrets.
    pub values: BTreeMap<String, String>,
}

/// What came of a form post.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was done; this is the endpoint's answer, as JSON text.
    Done(String),
    /// It was refused.
    Refused(AppError),
}

impl Flash {
    /// The problem, if it was refused.
    #[must_use]
    pub fn problem(&self) -> Option<AppError> {
        match &self.outcome {
            Outcome::Done(_) => None,
            Outcome::Refused(problem) => Some(problem.clone()),
        }
    }
}

/// The flash of the endpoint `S`, if this page is being rendered right after a form was posted to it. Only the server
/// knows it: read it inside a [`SharedValue`], so that hydration finds what the server drew.
#[must_use]
pub fn use_flash_for<S: ServerFn>() -> Option<Flash> {
    found(S::PATH)
}

/// The same for what is no endpoint but leaves a flash all the same, such as the way back from a sign-in provider.
#[must_use]
pub fn use_flash_of(path: &str) -> Option<Flash> {
    found(path)
}

/// The answer of the endpoint `S`, if it was called by a form just before this page.
#[must_use]
pub fn use_answer_of<S>() -> Option<S::Output>
where
    S: ServerFn,
    S::Output: serde::de::DeserializeOwned,
{
    match SharedValue::new(use_flash_for::<S>).into_inner()?.outcome {
        Outcome::Done(json) => serde_json::from_str(&json).ok(),
        Outcome::Refused(_) => None,
    }
}

#[cfg(feature = "ssr")]
fn found(path: &str) -> Option<Flash> {
    let parts = leptos::prelude::use_context::<http::request::Parts>()?;
    parts.extensions.get::<Flash>().filter(|flash| flash.path == path).cloned()
}

#[cfg(not(feature = "ssr"))]
fn found(_: &str) -> Option<Flash> {
    None
}
