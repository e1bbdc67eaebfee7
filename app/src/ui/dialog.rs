//! A question in front of the page.
//!
//! The opener is a link to the dialog's id. Without wasm the browser follows it and `:target` shows the dialog as a
//! section in front of the page; in the living page the same link opens the native modal, with its focus trap,
//! Escape, and the return of the focus.

use leptos::prelude::*;

use super::{Glyph, Icon, Weight, browser};

/// The link that opens a [`Dialog`].
#[component]
pub fn DialogLink(
    /// The id of the dialog.
    #[prop(into)]
    dialog: String,
    /// How much it weighs.
    #[prop(optional)]
    weight: Weight,
    /// The words.
    children: Children,
) -> impl IntoView {
    let href = format!("#{dialog}");
    view! {
        <a
            class=weight.class()
            href=href
            aria-haspopup="dialog"
            on:click=move |event| {
                event.prevent_default();
                browser::open_dialog(&dialog);
            }
        >
            {children()}
        </a>
    }
}

/// A dialog. Put the form that acts inside; its success callback or the server's redirect ends the dialog.
#[component]
pub fn Dialog(
    /// Its id, unique on the page.
    #[prop(into)]
    id: String,
    /// The question.
    #[prop(into)]
    title: String,
    /// The content.
    children: Children,
) -> impl IntoView {
    let title_id = format!("{id}-title");
    let named_by = title_id.clone();
    let to_close = id.clone();
    view! {
        <dialog class="dialog" id=id aria-labelledby=named_by>
            <div class="dialog-head">
                <h2 class="card-title" id=title_id>
                    {title}
                </h2>
                // `#` is no element: following it ends `:target`, which is how it closes without wasm.
                <a
                    class="btn btn-quiet btn-square"
                    href="#"
                    aria-label="Close"
                    on:click=move |event| {
                        event.prevent_default();
                        browser::close_dialog(&to_close);
                    }
                >
                    <Icon glyph=Glyph::X/>
                </a>
            </div>
            <div class="dialog-body">{children()}</div>
        </dialog>
    }
}
