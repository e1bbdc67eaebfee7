//! Where the browser starts: takes over the page that the server rendered, and does nothing else.

use leptos::{
    mount::hydrate_from,
    tachys::dom::{body, window},
};
use wasm_bindgen::{JsError, prelude::wasm_bindgen};

/// Called by `app/src/hydration.js` once the program is compiled.
///
/// The part with the current page is fetched first, so that one pass attaches everything: the framework's own lazy
/// hydration costs an asynchronous copy of every view.
///
/// # Errors
///
/// When the part did not arrive: the page stays as the server sent it, and works.
#[wasm_bindgen]
pub async fn hydrate() -> Result<(), JsError> {
    let path = window().location().pathname().unwrap_or_default();
    app::routes::fetch_part(&path).await?;
    hydrate_from(body(), app::App).forget();
    app::ui::browser::mark_hydrated();
    Ok(())
}
