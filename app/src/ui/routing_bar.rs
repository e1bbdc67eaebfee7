//! A thin line at the top while the living page fetches the next one.

use leptos::prelude::*;

/// Whether a navigation is under way.
#[derive(Clone, Copy, Debug)]
pub struct Routing(pub ReadSignal<bool>);

impl Routing {
    /// Reads it, tracking; nothing is under way where nobody says.
    pub(super) fn is_under_way() -> bool {
        use_context::<Self>().is_some_and(|routing| routing.0.get())
    }
}

/// The line itself. What is being loaded is said by the announcer when it is there.
#[component]
pub fn RoutingBar() -> impl IntoView {
    let routing = use_context::<Routing>();
    let is_on = move || routing.is_some_and(|routing| routing.0.get());
    view! { <div class="routing-bar" class:is-on=is_on aria-hidden="true"></div> }
}
