//! Where the browser starts: takes over the page that the server rendered, and does nothing else.

use leptos::{
    mount::hydrate_from,
    tachys::dom::{body, window},
};
use wasm_bindgen::{JsError, prelude::wasm_bindgen};

/// Room for padding. The split lays the data of each part anew into the space where all of it lay before; when that is too small
/// by a byte, the data of every page stays in the main program, and everybody fetches 30 kB more. Nothing refers to these
/// bytes, so none of them is ever sent.
#[used]
static ROOM: [u8; 4096] = [b' '; 4096];

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
