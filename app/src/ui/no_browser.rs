//! The browser's side on the server: there is none. Handlers and effects never run here; only the choice of colours
//! has an answer, because the request carries it.

use std::time::Duration;

use domain::federation::Offered;
use leptos::{
    ev::{MouseEvent, SubmitEvent},
    prelude::RwSignal,
};

use super::{Checking, theme::Theme};
use crate::error::Problem;

/// There is no later: the page is sent as it is.
pub fn after(_wait: Duration, _run: impl FnOnce() + 'static) {}

/// Whether this process runs in the development profile.
#[must_use]
pub fn is_development() -> bool {
    leptos::prelude::use_context::<crate::shell::DevelopmentProfile>().is_some_and(|profile| profile.0)
}

/// The providers by which one can sign in.
#[must_use]
pub fn sign_in_providers() -> Vec<Offered> {
    leptos::prelude::use_context::<crate::shell::SignInProviders>().unwrap_or_default().0
}

/// Focuses nothing.
pub fn focus_soon(_id: String) {}

/// Scrolls nothing.
pub fn show_open_tabs() {}

/// Focuses nothing.
pub fn focus_heading_if_lost() {}

/// There is no document yet.
#[must_use]
pub fn page_title() -> String {
    String::new()
}

/// There is no clipboard.
pub fn copy(_text: &str) {}

/// Prints nothing.
pub fn print() {}

/// Opens nothing.
pub fn open_dialog(_id: &str) {}

/// Closes nothing.
pub fn close_dialog(_id: &str) {}

/// Closes nothing.
pub fn close_details(_id: &str) {}

/// Closes nothing.
pub fn close_details_unless_focused(_id: String) {}

/// Closes nothing.
pub fn close_menus_except_pressed(_press: &MouseEvent) {}

/// There is no document yet.
#[must_use]
pub fn is_there(_id: &str) -> bool {
    false
}

/// There is no event.
#[must_use]
pub fn submitter_value(_event: &SubmitEvent) -> Option<String> {
    None
}

/// Posts nothing: no event ever comes here.
pub fn post_form(
    _event: &SubmitEvent,
    _path: &'static str,
    _checking: RwSignal<Checking>,
) -> impl Future<Output = Result<String, Problem>> + 'static {
    std::future::pending()
}

/// Chooses nothing: the route `/theme` does.
pub fn choose_theme(_theme: Theme) {}

/// Reloads nothing.
pub fn reload() {}

/// Reloads nothing.
pub fn reload_once() {}

/// The choice that the request's cookie carries.
#[must_use]
pub fn chosen_theme() -> Theme {
    let Some(parts) = leptos::prelude::use_context::<http::request::Parts>() else { return Theme::System };
    Theme::from_cookies(
        parts.headers.get_all(http::header::COOKIE).iter().filter_map(|value| value.to_str().ok()),
    )
}
