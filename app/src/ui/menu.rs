//! A few actions behind a button, on the native `<details>`.

use leptos::{ev::KeyboardEvent, prelude::*};

use super::browser;

/// A button that opens a list of links or forms. Opens and closes without wasm; the living page also closes it with
/// Escape and when the focus leaves.
#[component]
pub fn Menu(
    /// Its id, unique on the page.
    #[prop(into)]
    id: String,
    /// What the button is called, for screen readers, when it shows only a picture.
    #[prop(optional, into)]
    label: Option<String>,
    /// What the button shows.
    #[prop(into)]
    button: AnyView,
    /// [`MenuLink`]s, or forms with a `menu-item` button.
    children: Children,
) -> impl IntoView {
    let on_key = {
        let id = id.clone();
        move |event: KeyboardEvent| {
            if event.key() == "Escape" {
                browser::close_details(&id);
            }
        }
    };
    let on_leave = {
        let id = id.clone();
        move |_| browser::close_details_unless_focused(id.clone())
    };
    view! {
        <details class="menu" id=id on:keydown=on_key on:focusout=on_leave>
            <summary class="menu-button" aria-label=label>
                {button}
            </summary>
            <div class="menu-list">{children()}</div>
        </details>
    }
}

/// A link in a [`Menu`].
#[component]
pub fn MenuLink(
    /// Where it goes.
    #[prop(into)]
    href: String,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <a class="menu-item" href=href>
            {children()}
        </a>
    }
}
