//! What somebody typed, read in the same way by every room.

use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;

use crate::{
    AppError, FieldIssue, FieldProblem,
    values::{PAGE_DEFAULT, PAGE_MAX},
};

/// An empty field of a form is none.
pub(crate) fn given(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

/// Reads an id that has to be there.
pub(crate) fn read_id(field: &str, text: &str) -> Result<Uuid, AppError> {
    if text.trim().is_empty() {
        return Err(AppError::invalid(field, FieldIssue::Required));
    }
    Uuid::parse_str(text.trim()).map_err(|_| AppError::MalformedRequest)
}

/// Reads a line, which may be empty: in one Unicode form, with at most so many characters, and with nothing in it that nobody
/// sees.
pub(crate) fn line(typed: &str, most: u32) -> Result<String, FieldIssue> {
    let text: String = typed.trim().nfc().collect();
    if text.chars().count() > most as usize {
        return Err(FieldIssue::TooLong { max: most });
    }
    if text.chars().any(is_hidden) {
        return Err(FieldIssue::ControlCharacter);
    }
    Ok(text)
}

/// What nobody sees, or what turns other letters around, could make one name look like another in a list or on paper.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{180e}' | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

/// How many rows a page has.
pub(crate) fn limit(typed: Option<u16>) -> Result<u16, AppError> {
    let limit = typed.unwrap_or(PAGE_DEFAULT);
    if (1..=PAGE_MAX).contains(&limit) {
        Ok(limit)
    } else {
        Err(AppError::invalid("limit", FieldIssue::OutOfRange { min: 1, max: PAGE_MAX.into() }))
    }
}

/// What stands in the way of one field.
pub(crate) fn conflict(field: &str, issue: FieldIssue) -> AppError {
    AppError::Conflict { errors: vec![FieldProblem::new(field, issue)] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_what_everybody_sees() {
        assert_eq!(line("  Acme GmbH ", 20), Ok("Acme GmbH".into()));
        assert_eq!(line("Ko\u{308}ln", 4), Ok("K\u{f6}ln".into()), "one form, in which it is counted");
        assert_eq!(line("", 20), Ok(String::new()));
        assert_eq!(line("Acme", 3), Err(FieldIssue::TooLong { max: 3 }));
        for hidden in [
            "a\nb",
            "a\u{7}",
            "a\u{200b}b",
            "\u{202e}HbmG",
            "a\u{2066}b",
            "a\u{ad}b",
            "a\u{e0041}b",
            "\u{feff}a",
        ] {
            assert_eq!(line(hidden, 20), Err(FieldIssue::ControlCharacter), "{hidden:?}");
        }
    }
}
