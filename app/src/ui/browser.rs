//! What parts ask of the browser, by element id: everything that touches the document is in this one file.
//!
//! Nothing here fails loudly: a missing element or a refused permission leaves the page as it is, and every action
//! has a way without it.

use std::time::Duration;

use domain::{AppError, federation::Offered};
use gloo_net::http::{Request, Response};
use leptos::{
    ev::{MouseEvent, SubmitEvent},
    leptos_dom::helpers::set_timeout,
    prelude::{IsDisposed, RwSignal, Set},
    task::spawn_local,
};
use server_fn::redirect::{REDIRECT_HEADER, call_redirect_hook};
use wasm_bindgen::JsCast;
use web_sys::{
    Document, Element, FormData, HtmlDialogElement, HtmlElement, HtmlFormElement, UrlSearchParams, Window,
};

use super::{Checking, captcha_solver, theme::Theme};
use crate::error::Problem;

/// Under this key the build is kept for which the page was reloaded once. `hydration.js` uses the same.
const RELOADED: &str = "gate-reloaded";

fn window() -> Option<Window> {
    web_sys::window()
}

fn document() -> Option<Document> {
    window()?.document()
}

fn element<T: JsCast>(id: &str) -> Option<T> {
    document()?.get_element_by_id(id)?.dyn_into().ok()
}

/// Runs something a little later. A timer that cannot be set (the page is going away) has nothing left to do.
pub fn after(wait: Duration, run: impl FnOnce() + 'static) {
    let _ = set_timeout(run, wait);
}

/// Tells the world that every button works from here on: tests wait for it, and `[data-needs-wasm]` appears.
pub fn mark_hydrated() {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        let _ = root.set_attribute("data-hydrated", "true");
    }
    if let Some(clock) = window().and_then(|window| window.performance()) {
        let _ = clock.mark("hydrated");
    }
}

/// Whether the server said that this is the development profile.
#[must_use]
pub fn is_development() -> bool {
    root_has("data-development")
}

fn root_has(attribute: &str) -> bool {
    document()
        .and_then(|document| document.document_element())
        .is_some_and(|root| root.has_attribute(attribute))
}

/// Focuses an element once what was just changed is on the screen.
pub fn focus_soon(id: String) {
    after(Duration::ZERO, move || {
        if let Some(target) = element::<HtmlElement>(&id) {
            let _ = target.focus();
        }
    });
}

/// Scrolls each row of tabs to the one that is open, and the page not at all.
pub fn show_open_tabs() {
    after(Duration::ZERO, || {
        let Some(open) = document().and_then(|it| it.query_selector_all(".tab[aria-current]").ok()) else {
            return;
        };
        for place in 0..open.length() {
            let tab = open.get(place).and_then(|node| node.dyn_into::<HtmlElement>().ok());
            let row = tab.as_ref().and_then(|tab| tab.parent_element());
            if let (Some(tab), Some(row)) = (tab, row) {
                // Something of the one before it is seen, so that it is known to be there.
                row.set_scroll_left(tab.offset_left() - 40);
            }
        }
    });
}

/// After a navigation: if what had the focus is gone, the page's own choice (`autofocus`) or its heading gets it.
pub fn focus_heading_if_lost() {
    let Some(document) = document() else { return };
    let is_lost = document.active_element().is_none_or(|active| active.tag_name() == "BODY");
    if !is_lost {
        return;
    }
    let found =
        ["main [autofocus]", "main h1"].into_iter().find_map(|query| document.query_selector(query).ok()?);
    if let Some(target) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
        let _ = target.focus();
    }
}

/// The title of the document.
#[must_use]
pub fn page_title() -> String {
    document().map(|document| document.title()).unwrap_or_default()
}

/// Puts a text on the clipboard. The promise is dropped on purpose: a refusal changes nothing, the text stays
/// selectable.
pub fn copy(text: &str) {
    if let Some(window) = window() {
        drop(window.navigator().clipboard().write_text(text));
    }
}

/// Prints the page.
pub fn print() {
    if let Some(window) = window() {
        let _ = window.print();
    }
}

/// Opens a dialog as a modal.
pub fn open_dialog(id: &str) {
    if let Some(dialog) = element::<HtmlDialogElement>(id).filter(|dialog| !dialog.open()) {
        let _ = dialog.show_modal();
    }
}

/// Closes a dialog; the focus returns to what opened it.
pub fn close_dialog(id: &str) {
    if let Some(dialog) = element::<HtmlDialogElement>(id) {
        dialog.close();
    }
}

/// Closes a menu and gives the focus back to its button.
pub fn close_details(id: &str) {
    let Some(details) = element::<HtmlElement>(id).filter(|details| details.has_attribute("open")) else {
        return;
    };
    let _ = details.remove_attribute("open");
    let button = details.query_selector("summary").ok().flatten();
    if let Some(button) = button.and_then(|button| button.dyn_into::<HtmlElement>().ok()) {
        let _ = button.focus();
    }
}

/// Closes a menu when the focus has gone elsewhere. Asked a moment later: while `focusout` runs nothing has it. A
/// focus on nothing does not count: Safari gives a link none while it is being pressed.
pub fn close_details_unless_focused(id: String) {
    after(Duration::ZERO, move || {
        let Some(details) = element::<HtmlElement>(&id) else { return };
        let active = document().and_then(|document| document.active_element());
        let is_elsewhere = active.is_some_and(|a| a.tag_name() != "BODY" && !details.contains(Some(&a)));
        if is_elsewhere {
            let _ = details.remove_attribute("open");
        }
    });
}

/// Closes every menu that a press was not in the button of. Later than the press itself, which may submit a form in
/// the menu.
pub fn close_menus_except_pressed(press: &MouseEvent) {
    let pressed = press.target().and_then(|target| target.dyn_into::<Element>().ok());
    let button = pressed.and_then(|pressed| pressed.closest("summary").ok().flatten());
    let kept = button.and_then(|button| button.parent_element()).map(|details| details.id());
    after(Duration::ZERO, move || {
        let Some(open) = document().and_then(|d| d.query_selector_all("details.menu[open]").ok()) else {
            return;
        };
        for menu in (0..open.length()).filter_map(|index| open.get(index)?.dyn_into::<Element>().ok()) {
            if kept.as_deref() != Some(menu.id().as_str()) {
                let _ = menu.remove_attribute("open");
            }
        }
    });
}

/// The value of the button that sent a form.
#[must_use]
pub fn submitter_value(event: &SubmitEvent) -> Option<String> {
    event.submitter()?.get_attribute("value")
}

/// How many captchas are answered for one press. One may be followed by one of another kind, where the first cannot be
/// verified any more.
const MOST_CAPTCHAS: u32 = 3;

/// Posts the fields of a form to an endpoint; the answer's body, or why there is none. Goes where the answer sends us.
/// Where a captcha is asked it is solved, which `checking` tells of, and the same fields are sent once more.
pub fn post_form(
    event: &SubmitEvent,
    path: &'static str,
    checking: RwSignal<Checking>,
) -> impl Future<Output = Result<String, Problem>> + 'static {
    let fields = fields_of(event);
    let form: Option<Element> = event.target().and_then(|target| target.dyn_into().ok());
    async move {
        let fields = fields.ok_or(Problem(AppError::Unreachable))?;
        let mut answer = post_fields(path, &fields).await;
        for _ in 0..MOST_CAPTCHAS {
            let Err(Problem(AppError::CaptchaRequired { challenge })) = &answer else { break };
            checking.try_set(Checking::of(challenge));
            let solution = captcha_solver::solve(challenge, form.as_ref()).await;
            // Whoever has left the page meanwhile does not want the form to be sent any more.
            let Some(solution) = solution.filter(|_| !checking.is_disposed()) else { break };
            fields.set("captcha", &solution);
            answer = post_fields(path, &fields).await;
        }
        checking.try_set(Checking::Nothing);
        answer
    }
}

async fn post_fields(path: &str, fields: &UrlSearchParams) -> Result<String, Problem> {
    let away = |_| Problem(AppError::Unreachable);
    let body = fields.to_string().as_string().unwrap_or_default();
    let answer = post(path, body).await.map_err(away)?;
    let text = answer.text().await.map_err(away)?;
    if answer.status() >= 400 {
        return Err(serde_json::from_str(&text).unwrap_or(Problem(AppError::Unreachable)));
    }
    let headers = answer.headers();
    if headers.get(REDIRECT_HEADER).is_some()
        && let Some(next) = headers.get("location")
    {
        call_redirect_hook(&next);
    }
    Ok(text)
}

/// Posts fields to an endpoint, as a form would; the answer's body, or why there is none. Goes where the answer sends us.
pub(super) async fn call(path: &str, fields: &[(&str, String)]) -> Result<String, Problem> {
    let body = UrlSearchParams::new().map_err(|_| Problem(AppError::Unreachable))?;
    for (name, value) in fields {
        body.append(name, value);
    }
    post_fields(path, &body).await
}

/// Whether an element is on the page.
#[must_use]
pub fn is_there(id: &str) -> bool {
    document().is_some_and(|document| document.get_element_by_id(id).is_some())
}

/// The fields as the browser itself would send them, with the button that was pressed.
fn fields_of(event: &SubmitEvent) -> Option<UrlSearchParams> {
    let form: HtmlFormElement = event.target()?.dyn_into().ok()?;
    let data = FormData::new_with_form(&form).ok()?;
    let of_button = |name| event.submitter()?.get_attribute(name);
    if let (Some(name), Some(value)) = (of_button("name"), of_button("value")) {
        data.append_with_str(&name, &value).ok()?;
    }
    UrlSearchParams::new_with_str_sequence_sequence(&data).ok()
}

async fn post(path: &str, body: String) -> Result<Response, gloo_net::Error> {
    Request::post(path)
        .header("accept", "application/json")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)?
        .send()
        .await
}

/// Shows a choice of colours at once and tells the server, which keeps it in the cookie.
pub fn choose_theme(theme: Theme) {
    if let Some(root) = document().and_then(|document| document.document_element()) {
        let _ = match theme.attribute() {
            Some(name) => root.set_attribute("data-theme", name),
            None => root.remove_attribute("data-theme"),
        };
    }
    spawn_local(async move {
        // A lost answer costs nothing but the choice at the next visit.
        let _ = post("/theme", format!("theme={}", theme.name())).await;
    });
}

/// The choice the document was rendered with, or that was made since.
#[must_use]
pub fn chosen_theme() -> Theme {
    document()
        .and_then(|document| document.document_element()?.get_attribute("data-theme"))
        .and_then(|name| Theme::parse(&name))
        .unwrap_or_default()
}

/// The providers by which one can sign in: each is a line in the head of the document, its name after a space.
#[must_use]
pub fn sign_in_providers() -> Vec<Offered> {
    let Some(found) = document().and_then(|it| it.query_selector_all("meta[name=sign-in-provider]").ok())
    else {
        return Vec::new();
    };
    (0..found.length())
        .filter_map(|index| {
            let line: Element = found.get(index)?.dyn_into().ok()?;
            let content = line.get_attribute("content")?;
            let (id, name) = content.split_once(' ')?;
            Some(Offered { id: id.to_owned(), name: name.to_owned() })
        })
        .collect()
}

/// Loads the document anew.
pub fn reload() {
    if let Some(window) = window() {
        let _ = window.location().reload();
    }
}

/// Reloads the page after a part of the program could not be fetched, which happens after a deploy. Once for each
/// build: when it does not help, the page stays as it is.
pub fn reload_once() {
    let Some(window) = window() else { return };
    let build = document()
        .and_then(|document| document.query_selector("meta[name=build]").ok()??.get_attribute("content"))
        .unwrap_or_default();
    // Without storage nothing would stop a second reload.
    let Ok(Some(storage)) = window.session_storage() else { return };
    if storage.get_item(RELOADED).ok().flatten().as_deref() == Some(build.as_str()) {
        return;
    }
    if storage.set_item(RELOADED, &build).is_ok() {
        let _ = window.location().reload();
    }
}
