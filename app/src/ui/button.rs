//! Buttons: one that submits a form and shows that it is under way, and one that acts in the living page.

use leptos::prelude::*;

use super::{FormState, Glyph, Icon};

/// How much a button weighs. A page has one primary action; what destroys is `Danger`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    /// The one thing to do here.
    Primary,
    /// Anything else.
    #[default]
    Secondary,
    /// It destroys, locks or ends something.
    Danger,
    /// Beside other things: no frame until it is pointed at.
    Quiet,
}

impl Weight {
    /// The classes of a button or of a link that looks like one.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Primary => "btn btn-primary",
            Self::Secondary => "btn btn-secondary",
            Self::Danger => "btn btn-danger",
            Self::Quiet => "btn btn-quiet",
        }
    }
}

/// A button that acts in the living page. It is hidden until the page is hydrated: for what must work without wasm
/// use a form with a [`SubmitButton`], or a link.
#[component]
pub fn Button(
    /// How much it weighs.
    #[prop(optional)]
    weight: Weight,
    /// In front of the words.
    #[prop(optional)]
    icon: Option<Glyph>,
    /// What it does.
    #[prop(into)]
    on_click: Callback<()>,
    /// The words.
    children: Children,
) -> impl IntoView {
    view! {
        <button type="button" class=weight.class() data-needs-wasm on:click=move |_| on_click.run(())>
            {icon.map(|glyph| view! { <Icon glyph/> })}
            <span>{children()}</span>
        </button>
    }
}

/// The button that sends the form around it. While the request is under way it says so and a second press does
/// nothing; it keeps the focus, which a `disabled` button would lose.
#[component]
pub fn SubmitButton(
    /// How much it weighs; sending is usually the primary action.
    #[prop(default = Weight::Primary)]
    weight: Weight,
    /// In front of the words.
    #[prop(optional)]
    icon: Option<Glyph>,
    /// What is shown while the request is under way, such as `Signing in…`.
    #[prop(optional, into)]
    pending_words: Option<String>,
    /// A field that only this button adds, when a form has several.
    #[prop(optional)]
    name: Option<&'static str>,
    /// The value of that field.
    #[prop(optional, into)]
    value: Option<String>,
    /// As wide as the form, as on the pages with a single card.
    #[prop(optional)]
    wide: Option<Wide>,
    /// The words.
    children: Children,
) -> impl IntoView {
    let pending = FormState::current().pending;
    let is_pending = move || pending.get().then_some("true");
    view! {
        <button
            type="submit"
            class=weight.class()
            class:btn-wide=wide.is_some()
            name=name
            value=value
            aria-disabled=is_pending
            data-pending=is_pending
        >
            {icon.map(|glyph| view! { <Icon glyph/> })}
            <span class="btn-idle">{children()}</span>
            <span class="btn-busy">
                <span class="spinner" aria-hidden="true"></span>
                <span>{pending_words.unwrap_or_else(|| "Working…".into())}</span>
            </span>
        </button>
    }
}

/// Marks a [`SubmitButton`] that fills its row.
#[derive(Clone, Copy, Debug)]
pub struct Wide;
