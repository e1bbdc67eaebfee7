//! A message that belongs to the page: what happened, or what should be done.

use leptos::prelude::*;

use super::{Glyph, Icon, Tone};

/// A message at the top of a page or a card. It is part of the page, so it does not speak up by itself.
#[component]
pub fn Banner(
    /// What it is about.
    #[prop(optional)]
    tone: Tone,
    /// The sentence that matters.
    #[prop(into)]
    title: String,
    /// More words, or a link. Goes inside a `<div>`.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let (class, glyph) = match tone {
        Tone::Neutral => ("banner", Glyph::Info),
        Tone::Info => ("banner banner-info", Glyph::Info),
        Tone::Good => ("banner banner-good", Glyph::Check),
        Tone::Warning => ("banner banner-warning", Glyph::Alert),
        Tone::Bad => ("banner banner-bad", Glyph::Alert),
    };
    view! {
        <div class=class>
            <Icon glyph/>
            <div class="banner-body">
                <p class="banner-title">{title}</p>
                {children.map(|children| view! { <div class="banner-text">{children()}</div> })}
            </div>
        </div>
    }
}
