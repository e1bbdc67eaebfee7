//! The cookies of the site by name, and how one is found in a request.

/// The session of a browser; 256 bits, opaque.
pub const SESSION: &str = "__Host-gate";
/// Between password and second factor.
pub const PENDING: &str = "__Host-gate-pending";
/// A browser in which somebody has signed in before; 256 bits, opaque.
pub const DEVICE: &str = "__Host-gate-device";
/// A browser that was asked for a passkey, so that nobody else answers; 256 bits, opaque.
pub const PASSKEY: &str = "__Host-gate-passkey";
/// Between the door and a sign-in provider.
pub const PROVIDER: &str = "__Host-gate-provider";
/// What a form without wasm leaves for the next page.
pub const FLASH: &str = "__Host-gate-flash";
/// Light, dark, or as the device says. No secret, and no `HttpOnly` needed: nothing reads it but the server.
pub const THEME: &str = "gate-theme";

/// The value of a cookie in the `Cookie` headers of a request; the first, if somebody sends two.
#[must_use]
pub fn find<'a>(headers: impl IntoIterator<Item = &'a str>, name: &str) -> Option<&'a str> {
    headers
        .into_iter()
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_is_found_by_its_whole_name() {
        let headers = ["a=1; __Host-gate-pending=p", "__Host-gate=s=1; __Host-gate=second"];
        assert_eq!(find(headers, SESSION), Some("s=1"));
        assert_eq!(find(headers, PENDING), Some("p"));
        assert_eq!(find(headers, "gate"), None);
    }
}
