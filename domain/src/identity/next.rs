//! Where to go after the door: only ever a page of ours. One rule for the page that builds the form and the service
//! that reads it.

/// A path of ours to go to after a sign-in, or nothing. Another site, another scheme and the tricks that look like
/// a path (`//host`, `/\host`, a tab in between) are nothing. Neither are the ways to sign-in providers: what begins there
/// must be begun on a page of ours, and not by a link that leads through the door.
#[must_use]
pub fn safe_next(typed: Option<&str>) -> Option<&str> {
    let next = typed?;
    let path = next.strip_prefix('/')?;
    let plain = next.len() <= 512 && next.bytes().all(|b| (0x21..0x7f).contains(&b) && b != b'\\');
    let acts = ["api/", "auth/"].iter().any(|place| path.starts_with(place));
    (plain && !path.starts_with('/') && !acts && !has_dots(path)).then_some(next)
}

/// Whether browsers would make another path of it: `/./api`, `/x/%2e%2e/api`.
fn has_dots(path: &str) -> bool {
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.split('/').any(|part| matches!(part.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | ".."))
}

#[cfg(test)]
mod tests {
    use super::safe_next;

    #[test]
    fn a_sign_in_leads_only_to_pages_of_ours() {
        for path in ["/", "/account/security", "/admin/users?q=a%20b#top"] {
            assert_eq!(safe_next(Some(path)), Some(path));
        }
        for trick in [
            "https://evil.example",
            "//evil.example",
            "/\\evil.example",
            "/auth/google/start?link=1",
            "/./auth/google/start?link=1",
            "/x/..//auth/google/start",
            "/%2E/api/v1/identity/me",
            "/.%2e/auth/google/start",
            "\\/evil.example",
            "/\t/evil.example",
            "evil",
            "javascript:alert(1)",
            "",
            "/a\r\nSet-Cookie: x",
            "/%0d%0a\u{0}",
            "/api/v1/identity/sign-out",
        ] {
            assert_eq!(safe_next(Some(trick)), None, "{trick:?}");
        }
        assert_eq!(safe_next(None), None);
    }
}
