//! What is kept of an answer: its beginning, as text that harms nobody who reads it.

/// Invisible characters, and bytes that are no text, become the sign for it. The page escapes the rest as it does all text.
pub(super) fn readable(answer: &[u8]) -> String {
    let harmless =
        |c: char| if c.is_control() && !matches!(c, '\n' | '\t') { char::REPLACEMENT_CHARACTER } else { c };
    String::from_utf8_lossy(answer).replace("\r\n", "\n").chars().map(harmless).collect()
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn an_answer_is_kept_as_text_that_can_be_stored_and_shown() {
        assert_eq!(readable(b"ok\r\nfine\t!"), "ok\nfine\t!");
        assert_eq!(readable(b"a\0b\x1b[31mc\xff"), "a\u{fffd}b\u{fffd}[31mc\u{fffd}");
        assert!(readable(&[0; 1024]).len() <= 4096 && readable(&[0xff; 1024]).len() <= 4096);
    }
}
