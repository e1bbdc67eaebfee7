//! Where to go after the door: only ever a page of ours.

/// The path in `next`, if it is one of ours. The server judges once more; here it keeps a forged link from even being
/// put into the form.
pub fn safe_next(given: Option<&str>) -> Option<String> {
    let next = given?;
    let rest = next.strip_prefix('/')?;
    let is_plain = next.len() <= 512 && next.bytes().all(|b| (0x21..0x7f).contains(&b) && b != b'\\');
    (is_plain && !rest.starts_with('/')).then(|| next.to_owned())
}

#[cfg(test)]
mod tests {
    use super::safe_next;

    #[test]
    fn only_a_path_of_ours_is_a_way_onward() {
        assert_eq!(safe_next(Some("/account/security?x=1")).as_deref(), Some("/account/security?x=1"));
        for forged in
            ["https://evil.example", "//evil.example", "/\\evil.example", "evil", "", "/a\nb", "/\u{e9}"]
        {
            assert_eq!(safe_next(Some(forged)), None, "{forged:?}");
        }
        assert_eq!(safe_next(None), None);
    }
}
