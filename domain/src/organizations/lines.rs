//! Reads a pasted list of members, or the file of a spreadsheet.

use super::BULK_MAX;
use crate::FieldIssue;

/// A line that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pasted {
    /// Its number, from 1.
    pub(crate) line: u32,
    /// The address, as it was written.
    pub(crate) email: String,
    /// The role behind it, where there is one.
    pub(crate) role: Option<String>,
}

/// Reads a pasted list: an address on each line, and a role behind a comma, a semicolon or a tab where each has its own. A
/// first line of headings is passed over, and quotes around a value as well.
///
/// # Errors
/// [`FieldIssue::Required`] for nothing at all, [`FieldIssue::TooManyLines`].
pub(crate) fn read_lines(pasted: &str) -> Result<Vec<Pasted>, FieldIssue> {
    let pasted = pasted.trim_start_matches('\u{feff}');
    // A file of any length is counted only as far as it matters.
    let filled = pasted.lines().filter(|line| !line.trim().is_empty()).take(BULK_MAX as usize + 2).count();
    let lines =
        pasted.lines().zip(1_u32..).filter(|(line, _)| !line.trim().is_empty()).map(|(text, line)| {
            let mut cells = text.split([',', ';', '\t']).map(|cell| cell.trim().trim_matches('"').trim());
            let email = cells.next().unwrap_or_default().to_owned();
            let role = cells.next().filter(|role| !role.is_empty()).map(str::to_owned);
            Pasted { line, email, role }
        });
    let is_heading = |it: &Pasted| {
        !it.email.contains('@') && ["email", "e-mail", "address"].contains(&it.email.to_lowercase().as_str())
    };
    if filled > BULK_MAX as usize + 1 {
        return Err(FieldIssue::TooManyLines { max: BULK_MAX });
    }
    let mut read: Vec<Pasted> = lines.collect();
    if read.first().is_some_and(is_heading) {
        read.remove(0);
    }
    match read.len() {
        0 => Err(FieldIssue::Required),
        count if count > BULK_MAX as usize => Err(FieldIssue::TooManyLines { max: BULK_MAX }),
        _ => Ok(read),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pasted: &str) -> Vec<(u32, String, Option<String>)> {
        let lines = read_lines(pasted).expect("readable");
        lines.into_iter().map(|it| (it.line, it.email, it.role)).collect()
    }

    #[test]
    fn a_pasted_list_and_a_file_of_a_spreadsheet_read_alike() {
        let expected = [
            (2, "ann@example.com".to_owned(), None),
            (4, "bob@example.com".to_owned(), Some("ADMIN".to_owned())),
        ];
        for pasted in [
            "\nann@example.com\n\n bob@example.com , ADMIN \n",
            "\u{feff}Email,Role\r\nann@example.com,\r\n\r\n\"bob@example.com\";\"ADMIN\";more\r\n",
            "\nann@example.com\n \nbob@example.com\tADMIN",
        ] {
            assert_eq!(read(pasted), expected, "{pasted:?}");
        }
    }

    #[test]
    fn five_hundred_lines_are_read_and_not_one_more() {
        let lines = |count: usize| "ann@example.com\n".repeat(count);
        assert_eq!(read(&lines(500)).len(), 500);
        assert_eq!(read(&format!("email\n{}", lines(500))).len(), 500);
        for count in [501, 502, 10_000] {
            assert_eq!(read_lines(&lines(count)), Err(FieldIssue::TooManyLines { max: 500 }), "{count}");
        }
        assert_eq!(read_lines(" \n\n"), Err(FieldIssue::Required));
        assert_eq!(read_lines("email,role\n"), Err(FieldIssue::Required));
    }
}
