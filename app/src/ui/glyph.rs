//! The icons: one sprite file, fetched once, so that no path data ends up in the wasm.

use leptos::prelude::*;

macro_rules! glyphs {
    ($($(#[$doc:meta])* $name:ident => $id:literal),+ $(,)?) => {
        /// An icon of the sprite.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Glyph { $($(#[$doc])* $name),+ }

        impl Glyph {
            /// Every icon, for the gallery and for the test that compares them with the sprite.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Where a `<use>` finds it.
            #[must_use]
            pub const fn href(self) -> &'static str {
                match self { $(Self::$name => concat!("/sprite.svg#", $id)),+ }
            }
        }
    };
}

glyphs! {
    /// A warning sign.
    Alert => "alert",
    /// To the left.
    ArrowLeft => "arrow-left",
    /// To the right.
    ArrowRight => "arrow-right",
    /// Done, right.
    Check => "check",
    /// Opens something below.
    ChevronDown => "chevron-down",
    /// The next, or a level deeper.
    ChevronRight => "chevron-right",
    /// A moment, a history.
    Clock => "clock",
    /// To the clipboard.
    Copy => "copy",
    /// A computer or telephone.
    Device => "device",
    /// To a file.
    Download => "download",
    /// Show.
    Eye => "eye",
    /// Hide.
    EyeOff => "eye-off",
    /// Narrow down.
    Filter => "filter",
    /// The mark of the product, as a line drawing.
    Gate => "gate",
    /// The start page.
    Home => "home",
    /// Worth knowing.
    Info => "info",
    /// A secret, a right.
    Key => "key",
    /// A record of what happened.
    List => "list",
    /// Closed, secret.
    Lock => "lock",
    /// A letter.
    Mail => "mail",
    /// The navigation.
    Menu => "menu",
    /// As the device says.
    Monitor => "monitor",
    /// Dark.
    Moon => "moon",
    /// More of what can be done.
    More => "more",
    /// Add.
    Plus => "plus",
    /// Find.
    Search => "search",
    /// Sent to somebody.
    Send => "send",
    /// Preferences.
    Settings => "settings",
    /// Protection, the second factor.
    Shield => "shield",
    /// Leave.
    SignOut => "sign-out",
    /// Light.
    Sun => "sun",
    /// One person.
    User => "user",
    /// Several people.
    Users => "users",
    /// Close, wrong.
    X => "x",
}

/// An icon beside words. It is hidden from screen readers: the words say what it means.
#[component]
pub fn Icon(
    /// Which one.
    glyph: Glyph,
) -> impl IntoView {
    view! {
        <svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" focusable="false">
            <use href=glyph.href()></use>
        </svg>
    }
}

#[cfg(test)]
mod tests {
    use super::Glyph;

    const SPRITE: &str = include_str!("../../../public/sprite.svg");

    #[test]
    fn every_icon_is_in_the_sprite_and_nothing_else_is() {
        for glyph in Glyph::ALL {
            let id = glyph.href().rsplit('#').next().unwrap_or_default();
            assert!(SPRITE.contains(&format!("id=\"{id}\"")), "the sprite lacks {id}");
        }
        assert_eq!(SPRITE.matches("<symbol").count(), Glyph::ALL.len());
    }
}
