//! Where the browser starts: takes over the page that the server rendered, and does nothing else.

use leptos::{mount::hydrate_from_async, tachys::dom::body};
use wasm_bindgen::prelude::wasm_bindgen;

/// Called by `app/src/hydration.js` once the program is compiled.
///
/// The same as `leptos::mount::hydrate_lazy`, but the page is marked as alive when it truly is: after the part with
/// the current page has been fetched and attached.
#[wasm_bindgen]
pub async fn hydrate() {
    hydrate_from_async(body(), app::App).await.forget();
    app::ui::browser::mark_hydrated();
}
