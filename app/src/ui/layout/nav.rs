//! What the navigation shows: values, so that a room decides what a person sees and this folder only how.

use crate::ui::Glyph;

/// Who is signed in, for the menu at the end of the navigation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The display name, or the address where there is none.
    pub name: String,
    /// The e-mail address.
    pub email: String,
}

/// A heading and its links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NavGroup {
    /// The heading; the first group usually has none.
    pub title: Option<&'static str>,
    /// The links, at most seven in all groups.
    pub items: Vec<NavItem>,
}

/// A link of the navigation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NavItem {
    /// Where it goes.
    pub href: &'static str,
    /// What it is called.
    pub label: &'static str,
    /// In front of the words.
    pub glyph: Glyph,
}

impl NavItem {
    /// Whether a path is this page or one below it.
    #[must_use]
    pub fn is_at(&self, path: &str) -> bool {
        match path.strip_prefix(self.href) {
            Some("") => true,
            Some(rest) => self.href != "/" && rest.starts_with('/'),
            None => false,
        }
    }
}

/// A page above this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crumb {
    /// Where it is.
    pub href: String,
    /// What it is called.
    pub label: String,
}

#[cfg(test)]
mod tests {
    use super::NavItem;
    use crate::ui::Glyph;

    #[test]
    fn a_link_is_current_on_its_page_and_below_but_home_only_at_home() {
        let at = |href: &'static str, path: &str| NavItem { href, label: "", glyph: Glyph::Home }.is_at(path);
        assert!(at("/settings", "/settings"));
        assert!(at("/settings", "/settings/theme"));
        assert!(!at("/settings", "/settings-old"));
        assert!(at("/", "/"));
        assert!(!at("/", "/settings"));
    }
}
