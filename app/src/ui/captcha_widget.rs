//! Shows the widget of Cloudflare Turnstile and waits for its token, by the functions its own program offers
//! (<https://developers.cloudflare.com/turnstile/get-started/client-side-rendering/>).
//!
//! The program is fetched when a captcha is first asked, never before: whoever is not suspected meets no other site.

use domain::identity::captcha::Widget;
use web_sys::{
    Element, Window,
    js_sys::{Function, Object, Promise, Reflect, futures::JsFuture},
    wasm_bindgen::{JsCast as _, JsValue},
};

use super::browser;

/// A program that has not arrived by then is away.
const PATIENCE_MS: i32 = 8_000;

/// The widget's token. Nothing where its program does not arrive, or the widget gives up.
pub(super) async fn show(place: Element, widget: Widget) -> Option<String> {
    let window = web_sys::window()?;
    if api(&window).is_none() {
        fetch(&window, &widget.script_url).await?;
    }
    let api = api(&window)?;
    let render = function(&api, "render")?;
    let mut shown = None;
    let token = Promise::new(&mut |done, failed| {
        let drawn =
            options(&widget, &done, &failed).and_then(|options| render.call2(&api, &place, &options).ok());
        if drawn.is_none() {
            let _ = failed.call0(&JsValue::NULL);
        }
        shown = drawn;
    });
    let token = JsFuture::from(token).await.ok().and_then(|token| token.as_string());
    if let (Some(shown), Some(remove)) = (shown, function(&api, "remove")) {
        let _ = remove.call1(&api, &shown);
    }
    token
}

fn api(window: &Window) -> Option<JsValue> {
    Reflect::get(window, &"turnstile".into()).ok().filter(JsValue::is_object)
}

fn function(api: &JsValue, name: &str) -> Option<Function> {
    Reflect::get(api, &name.into()).ok()?.dyn_into().ok()
}

/// What the widget is told. It shall neither try again by itself, because somebody waits, nor put a field into our form.
fn options(widget: &Widget, done: &Function, failed: &Function) -> Option<Object> {
    let options = Object::new();
    let set = |name: &str, value: &JsValue| Reflect::set(&options, &name.into(), value).ok();
    let text = |name: &str, value: &str| set(name, &JsValue::from_str(value));
    text("sitekey", &widget.site_key)?;
    text("action", &widget.action)?;
    text("cData", &widget.cdata)?;
    text("theme", browser::chosen_theme().attribute().unwrap_or("auto"))?;
    text("size", "flexible")?;
    text("retry", "never")?;
    text("refresh-expired", "never")?;
    set("response-field", &JsValue::FALSE)?;
    set("callback", done)?;
    for end in ["error-callback", "expired-callback", "timeout-callback", "unsupported-callback"] {
        set(end, failed)?;
    }
    Some(options)
}

/// Fetches the program. The content security policy lets ours bring it along, and no other.
async fn fetch(window: &Window, address: &str) -> Option<()> {
    let document = window.document()?;
    let script = document.create_element("script").ok()?;
    script.set_attribute("src", address).ok()?;
    let arrived = Promise::new(&mut |done, failed| {
        let _ = script.add_event_listener_with_callback("load", &done);
        let _ = script.add_event_listener_with_callback("error", &failed);
        let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&failed, PATIENCE_MS);
    });
    document.document_element()?.append_child(&script).ok()?;
    JsFuture::from(arrived).await.ok().map(drop)
}
