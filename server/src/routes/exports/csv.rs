//! Comma-separated values (RFC 4180) that a spreadsheet opens as text and nothing else.
//!
//! A cell that begins like a formula is run by spreadsheets; a quote in front makes it text (OWASP, CSV injection).

/// What a formula begins with, the wide forms of East Asian keyboards among them.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Appends one line.
pub(super) fn line<'a>(to: &mut String, cells: impl IntoIterator<Item = &'a str>) {
    for (index, cell) in cells.into_iter().enumerate() {
        if index > 0 {
            to.push(',');
        }
        put(to, cell);
    }
    to.push_str("\r\n");
}

/// A number of our own making as it is written: what is anything else is none.
pub(super) fn amount(text: &str) -> &str {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') { text } else { "" }
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
    use super::{amount, line};

    fn written(cells: &[&str]) -> String {
        let mut text = String::new();
        line(&mut text, cells.iter().copied());
        text
    }

    #[test]
    fn what_would_end_a_cell_is_quoted() {
        assert_eq!(written(&["a", "b c", ""]), "a,b c,\r\n");
        assert_eq!(written(&["a,b", "say \"x\"", "1\n2"]), "\"a,b\",\"say \"\"x\"\"\",\"1\n2\"\r\n");
    }

    #[test]
    fn an_amount_is_a_number_and_nothing_else() {
        for text in ["-12.50", "0", "1500", ""] {
            assert_eq!(amount(text), text);
        }
        for text in ["-1+2", "--1", "=1", "1,5", "-SUM(A1)"] {
            assert_eq!(amount(text), "", "{text}");
        }
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
