//! Counts what was done, so that lists are read anew after a success and left alone after a refusal.

use leptos::prelude::*;
use server_fn::ServerFn;

use crate::{error::Problem, ui::FormAction};

/// How often an action has succeeded. A refused try does not count: reading anew would throw away what was typed.
pub fn times_done<S>(action: FormAction<S>) -> Memo<usize>
where
    S: ServerFn<Error = Problem> + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let version = action.version();
    let value = action.value();
    Memo::new(move |before: Option<&usize>| {
        version.track();
        // Untracked: setting a value by hand is no new success.
        let succeeded = value.with_untracked(|value| matches!(value, Some(Ok(_))));
        before.copied().unwrap_or_default() + usize::from(succeeded)
    })
}
