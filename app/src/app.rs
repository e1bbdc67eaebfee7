//! The top of the view tree: what every page has, and the router.

use leptos::{ev, prelude::*};
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::Router;

use crate::{
    frame::impersonation_bar,
    routes::Pages,
    ui::{RouteAnnouncer, Routing, RoutingBar, SkipLink, ToastRegion, browser, provide_toasts},
};

/// The application, rendered by the server and taken over by the browser.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_toasts();
    let (routing, set_routing) = signal(false);
    provide_context(Routing(routing));
    Effect::new(|_| {
        let watch = window_event_listener(ev::click, |press| browser::close_menus_except_pressed(&press));
        on_cleanup(move || watch.remove());
    });
    let bar = impersonation_bar();
    view! {
        <Title formatter=|page| format!("{page} · Gatehouse")/>
        <Router set_is_routing=set_routing>
            <SkipLink/>
            <RoutingBar/>
            {bar}
            <Pages/>
            <RouteAnnouncer/>
            <ToastRegion/>
        </Router>
    }
    .into_any()
}
