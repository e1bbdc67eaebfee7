//! A moment: the same words on the server and in the browser, and the exact time for machines.

use domain::Timestamp;
use leptos::prelude::*;

/// A moment in UTC. Local time would differ between server and browser, and so break hydration.
#[component]
pub fn TimeText(
    /// The moment.
    at: Timestamp,
) -> impl IntoView {
    view! {
        <time class="time" datetime=at.rfc3339()>
            {at.to_string()}
        </time>
    }
}
