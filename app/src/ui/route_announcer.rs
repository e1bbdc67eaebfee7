//! What a page load does for a screen reader, done for a navigation in the living page: the title is read out, and a
//! focus that fell off goes to the heading.

use std::time::Duration;

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::{Routing, browser};

/// The router sets its signal a few turns after the path changed; asking at once would announce the old page.
const SETTLE: Duration = Duration::from_millis(80);

/// Announces the page after its path changed: not on the first load, which the browser announces itself, and not
/// when only the query did, which is a filter or a page of the same list.
#[component]
pub fn RouteAnnouncer() -> impl IntoView {
    let words = RwSignal::new(String::new());
    let due = StoredValue::new(false);
    let routing = use_context::<Routing>();
    let announce = move || {
        let busy = routing.is_some_and(|routing| routing.0.get_untracked());
        if busy || !due.get_value() {
            return;
        }
        due.set_value(false);
        words.set(browser::page_title());
        browser::focus_heading_if_lost();
    };
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let now = path.get();
        if before.is_some_and(|before| before != now) {
            due.set_value(true);
            browser::after(SETTLE, announce);
        }
        now
    });
    Effect::new(move |_| {
        if routing.is_some_and(|routing| !routing.0.get()) {
            browser::after(SETTLE, announce);
        }
    });
    view! {
        <p class="sr-only" aria-live="polite" aria-atomic="true" data-announcer>
            {move || words.get()}
        </p>
    }
}
