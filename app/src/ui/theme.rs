//! Light, dark, or whatever the device says. The choice is in a cookie that `POST /theme` sets, so that the
//! first byte of a page already carries it and nothing flashes.

use crate::cookies;

/// How the pages look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the device says.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Every choice, in the order they are offered.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// The value of the form field and of the cookie.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// The value of `<html data-theme>`: absent as long as the device decides.
    #[must_use]
    pub const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light | Self::Dark => Some(self.name()),
        }
    }

    /// Reads a cookie's or a field's value.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.name() == text)
    }

    /// The `Set-Cookie` that keeps the choice on this device for a year. Not secret, and the browser's half reads it as
    /// well: hence neither `HttpOnly` nor the `__Host-` prefix. Browsers take `Secure` on the loopback address too.
    #[must_use]
    pub fn cookie(self) -> String {
        format!("{}={}; Path=/; Max-Age=31536000; Secure; SameSite=Lax", crate::cookies::THEME, self.name())
    }

    /// Finds the choice in the `Cookie` headers of a request.
    #[must_use]
    pub fn from_cookies<'a>(headers: impl IntoIterator<Item = &'a str>) -> Self {
        cookies::find(headers, cookies::THEME).and_then(Self::parse).unwrap_or_default()
    }

    /// The choice of this page: from the request on the server, from the document in the browser.
    #[must_use]
    pub fn current() -> Self {
        super::browser::chosen_theme()
    }
}

#[cfg(test)]
mod tests {
    use super::Theme;

    #[test]
    fn only_a_known_choice_is_taken_from_the_cookies() {
        assert_eq!(Theme::from_cookies(["a=b; gate-theme=dark"]), Theme::Dark);
        assert_eq!(Theme::from_cookies(["a=b", "gate-theme=light"]), Theme::Light);
        assert_eq!(Theme::from_cookies(["gate-theme=\"><script>"]), Theme::System);
        assert_eq!(Theme::from_cookies(["not-gate-theme=dark"]), Theme::System);
    }
}
