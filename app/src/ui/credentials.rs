//! Holds a ceremony of a passkey in the browser: asks the server what to ask, asks the person, sends the answer.
//!
//! The options and the answer stay as the server and the browser write them: both speak the JSON of WebAuthn (level 3,
//! §5.1.8 to §5.1.10), and nothing of it is read here.

use std::cell::RefCell;

use web_sys::{
    AbortController, CredentialsContainer, Element, HtmlInputElement, Window,
    js_sys::{Function, JSON, Object, Promise, Reflect, futures::JsFuture},
    wasm_bindgen::{JsCast as _, JsValue},
};

use super::{
    browser,
    passkey::{Ask, Trouble, Wanted},
};

thread_local! {
    /// The ceremony that is under way. A browser holds one at a time: what was offered quietly gives way to what was
    /// pressed.
    static UNDER_WAY: RefCell<Option<AbortController>> = const { RefCell::new(None) };
}

/// From the question to the answer; answers what the last endpoint answered.
pub(super) async fn hold(ask: Ask) -> Result<String, Trouble> {
    let window = web_sys::window().ok_or(Trouble::Unable)?;
    let read = reader(&window, ask.wanted)?;
    if ask.wanted == Wanted::FilledIn {
        can_fill_in(&window).await?;
    }
    let asked = browser::call(ask.start, &[]).await.map_err(Trouble::Refused)?;
    let asked = JSON::parse(&asked).map_err(unable)?;
    let ceremony = of(&asked, "ceremony").and_then(|id| id.as_string()).ok_or(Trouble::Unable)?;
    let options = of(&asked, "publicKey").ok_or(Trouble::Unable)?;
    let options = read.call1(&JsValue::NULL, &options).map_err(unable)?;
    let credential = credential(&window, ask.wanted, &options).await?;
    // Written by the browser's own `toJSON`.
    let credential = JSON::stringify(&credential).map_err(unable)?.as_string().ok_or(Trouble::Unable)?;
    let mut fields = fields_around(&window, &ask);
    fields.extend([("ceremony", ceremony), ("credential", credential)]);
    browser::call(ask.finish, &fields).await.map_err(Trouble::Refused)
}

/// The browser's own reader of options, by which a browser tells that it can.
fn reader(window: &Window, wanted: Wanted) -> Result<Function, Trouble> {
    let name = match wanted {
        Wanted::New => "parseCreationOptionsFromJSON",
        Wanted::Known | Wanted::FilledIn => "parseRequestOptionsFromJSON",
    };
    function(window, name).ok_or(Trouble::Unable)
}

async fn can_fill_in(window: &Window) -> Result<(), Trouble> {
    let ask = function(window, "isConditionalMediationAvailable").ok_or(Trouble::Unable)?;
    let answer: Promise = ask.call0(&JsValue::NULL).map_err(unable)?.dyn_into().map_err(unable)?;
    let can = JsFuture::from(answer).await.map_err(unable)?;
    if can.is_truthy() { Ok(()) } else { Err(Trouble::Unable) }
}

/// A static function of `PublicKeyCredential`, bound to it.
fn function(window: &Window, name: &str) -> Option<Function> {
    let class = of(window, "PublicKeyCredential")?;
    let function: Function = of(&class, name)?.dyn_into().ok()?;
    Some(function.bind0(&class))
}

/// A property that is there.
fn of(object: &JsValue, name: &str) -> Option<JsValue> {
    Reflect::get(object, &name.into()).ok().filter(|value| !value.is_undefined() && !value.is_null())
}

async fn credential(window: &Window, wanted: Wanted, options: &JsValue) -> Result<JsValue, Trouble> {
    let controller = AbortController::new().map_err(unable)?;
    let request = Object::new();
    let set = |name: &str, value: &JsValue| Reflect::set(&request, &name.into(), value).map_err(unable);
    set("publicKey", options)?;
    set("signal", &controller.signal())?;
    if wanted == Wanted::FilledIn {
        set("mediation", &"conditional".into())?;
    }
    let before = UNDER_WAY.with_borrow_mut(|under_way| under_way.replace(controller));
    if let Some(before) = before {
        before.abort();
    }
    let container: CredentialsContainer = window.navigator().credentials();
    let answer = match wanted {
        Wanted::New => container.create_with_options(request.unchecked_ref()),
        Wanted::Known | Wanted::FilledIn => container.get_with_options(request.unchecked_ref()),
    };
    let answer = JsFuture::from(answer.map_err(unable)?).await.map_err(|error| told(&error))?;
    if answer.is_null() { Err(Trouble::Cancelled) } else { Ok(answer) }
}

/// What the browser's error means to a person (WebAuthn level 3, §5.1.3 and §5.1.4).
fn told(error: &JsValue) -> Trouble {
    match of(error, "name").and_then(|name| name.as_string()).as_deref() {
        Some("NotAllowedError" | "AbortError") => Trouble::Cancelled,
        Some("InvalidStateError") => Trouble::Known,
        _ => Trouble::Unable,
    }
}

fn unable<E>(_error: E) -> Trouble {
    Trouble::Unable
}

/// The fields that go along: of the form around the button, those that the ceremony names.
fn fields_around(window: &Window, ask: &Ask) -> Vec<(&'static str, String)> {
    let button = window.document().and_then(|document| document.get_element_by_id(ask.id));
    let around = button.and_then(|button| button.closest("form, fieldset").ok().flatten());
    let value = |name: &&'static str| Some((*name, value_of(around.as_ref()?, name)?));
    ask.fields.iter().filter_map(value).collect()
}

fn value_of(around: &Element, name: &str) -> Option<String> {
    let input = around.query_selector(&format!("[name=\"{name}\"]")).ok()??;
    let input: HtmlInputElement = input.dyn_into().ok()?;
    let is_off = input.type_() == "checkbox" && !input.checked();
    (!is_off).then(|| input.value())
}
