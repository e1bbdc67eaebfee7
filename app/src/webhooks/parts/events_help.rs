//! Every event there is, to look up and copy.

use domain::audit::{ACTIONS, action_rooms};
use leptos::prelude::*;

/// A disclosure with the events of each room.
#[component]
pub fn EventsHelp() -> impl IntoView {
    let rooms = action_rooms()
        .into_iter()
        .map(|room| {
            let is_of_it = |action: &&&str| action.split_once('.').is_some_and(|(of, _)| of == room);
            let names: Vec<&str> = ACTIONS.iter().filter(is_of_it).copied().collect();
            view! {
                <div>
                    <dt class="font-medium">{room}</dt>
                    <dd class="field-hint wrap-anywhere">{names.join(", ")}</dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <details>
            <summary class="cursor-pointer py-1 font-medium">"All events"</summary>
            <dl class="mt-2 grid gap-2">{rooms}</dl>
        </details>
    }
    .into_any()
}
