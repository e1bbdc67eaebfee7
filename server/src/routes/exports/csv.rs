//! Comma-separated values (RFC 4180) that a spreadsheet opens as text and nothing else.
//!
//! A cell that begins like a formula is run by spreadsheets; a quote in front makes it text (OWASP, CSV injection). The minus of
//! a number is no beginning of a formula.

/// What a formula begins with, the wide forms of East Asian keyboards among them.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// What stands between two commas.
#[derive(Clone, Copy, Debug)]
pub(super) enum Cell<'a> {
    /// Whatever somebody wrote.
    Text(&'a str),
    /// Digits with at most one point, and a minus in front where it is less than nothing. Anything else is written as text.
    Number(&'a str),
}

/// Appends one line.
pub(super) fn line<'a>(to: &mut String, cells: impl IntoIterator<Item = Cell<'a>>) {
    for (index, cell) in cells.into_iter().enumerate() {
        if index > 0 {
            to.push(',');
        }
        match cell {
            Cell::Number(number) if is_number(number) => to.push_str(number),
            Cell::Number(text) | Cell::Text(text) => put(to, text),
        }
    }
    to.push_str("\r\n");
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, places) = digits.split_once('.').unwrap_or((digits, "0"));
    [whole, places].iter().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

fn put(to: &mut String, text: &str) {
    let guard = if text.starts_with(FORMULA) { "'" } else { "" };
    if !text.contains([',', '"', '\r', '\n']) {
        to.push_str(guard);
        to.push_str(text);
        return;
    }
    to.push('"');
    to.push_str(guard);
    for (index, part) in text.split('"').enumerate() {
        if index > 0 {
            to.push_str("\"\"");
        }
        to.push_str(part);
    }
    to.push('"');
}

#[cfg(test)]
mod tests {
    use super::{Cell, line};

    fn written(cells: &[&str]) -> String {
        let mut text = String::new();
        line(&mut text, cells.iter().copied().map(Cell::Text));
        text
    }

    #[test]
    fn what_would_end_a_cell_is_quoted() {
        assert_eq!(written(&["a", "b c", ""]), "a,b c,\r\n");
        assert_eq!(written(&["a,b", "say \"x\"", "1\n2"]), "\"a,b\",\"say \"\"x\"\"\",\"1\n2\"\r\n");
    }

    #[test]
    fn a_number_is_written_as_it_is_and_what_is_none_is_text() {
        let number = |text: &str| {
            let mut line_of_one = String::new();
            line(&mut line_of_one, [Cell::Number(text)]);
            line_of_one
        };
        for text in ["-12.50", "0", "1500", ""] {
            assert_eq!(number(text), format!("{text}\r\n"));
        }
        for text in ["-1+2", "--1", "=1", "-SUM(A1)", "-1.2.3", "-", "-.5", "-1."] {
            assert_eq!(number(text), format!("'{text}\r\n"), "nothing is left out");
        }
        assert_eq!(number("1,5"), "\"1,5\"\r\n");
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_text() {
        for start in ["=", "+", "-", "@", "\t", "＝", "＋", "－", "＠"] {
            assert_eq!(written(&[&format!("{start}1")]), format!("'{start}1\r\n"));
        }
        assert_eq!(written(&["\r1", "\n1"]), "\"'\r1\",\"'\n1\"\r\n");
        assert_eq!(written(&["=A1,\"x\""]), "\"'=A1,\"\"x\"\"\"\r\n");
        assert_eq!(written(&["a=1", "1-2"]), "a=1,1-2\r\n");
    }
}
