//! A moment: the same words on the server and in the browser, and the exact time for machines.

use domain::{Timestamp, values::LocalTime};
use leptos::prelude::*;

/// From here on moments are told as the clocks of a place show them. The browser is given how they go: tables of its own
/// might be other ones, and what the server drew would not fit.
pub fn tell_time_as(local: LocalTime) {
    provide_context(local);
}

/// A moment in the words of the one it is drawn for, and in UTC for those of whom nothing is known.
#[component]
pub fn TimeText(
    /// The moment.
    at: Timestamp,
) -> impl IntoView {
    view! {
        <time class="time" datetime=at.rfc3339()>
            {use_context::<LocalTime>().unwrap_or_default().told(at)}
        </time>
    }
}
