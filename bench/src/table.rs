//! Rows on the screen: what was measured, and whether its bound was kept.

use std::time::Duration;

/// One figure, its bound, and whether it was kept.
pub(crate) struct Row {
    what: String,
    figure: String,
    bound: String,
    kept: bool,
}

/// A figure with a bound.
pub(crate) fn bound(what: &str, figure: String, bound: &str, kept: bool) -> Row {
    Row { what: what.to_owned(), figure, bound: bound.to_owned(), kept }
}

/// A figure that only explains another one.
pub(crate) fn note(what: &str, figure: String) -> Row {
    Row { what: what.to_owned(), figure, bound: String::new(), kept: true }
}

/// Milliseconds with one place.
pub(crate) fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

/// Prints the rows; answers whether every bound was kept.
pub(crate) fn print(title: &str, rows: &[Row]) -> bool {
    println!("\n{title}\n");
    for row in rows {
        let verdict = match (row.bound.is_empty(), row.kept) {
            (true, _) => "",
            (false, true) => "kept",
            (false, false) => "MISSED",
        };
        println!("  {:<54} {:>16}  {:<18} {verdict}", row.what, row.figure, row.bound);
    }
    println!();
    rows.iter().all(|row| row.kept)
}
