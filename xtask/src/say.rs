//! The one place that prints.
//!
//! Progress goes to standard error, results to standard output, so that
//! `cargo xtask services > env` holds nothing but the results.

use std::fmt::Display;
use std::io::{self, Write};
use std::time::Duration;

/// A line that tells what is happening.
pub(crate) fn note(line: impl Display) {
    // A closed terminal is no reason to stop before the services are ended.
    let _ = writeln!(io::stderr().lock(), "{line}");
}

/// A line that is the result of the command.
pub(crate) fn result(line: impl Display) {
    let mut out = io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

/// A heading above the output of a longer step.
pub(crate) fn heading(title: impl Display) {
    note(format_args!("\n== {title}"));
}

/// A duration as people say it: `0.4 s`, `12 s`, `3 min 05 s`.
pub(crate) fn duration(time: Duration) -> String {
    let seconds = time.as_secs();
    if seconds >= 60 {
        return format!("{} min {:02} s", seconds / 60, seconds % 60);
    }
    if seconds >= 10 {
        return format!("{seconds} s");
    }
    format!("{:.1} s", time.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_reads_as_people_say_it() {
        assert_eq!(duration(Duration::from_millis(420)), "0.4 s");
        assert_eq!(duration(Duration::from_secs(12)), "12 s");
        assert_eq!(duration(Duration::from_secs(185)), "3 min 05 s");
    }
}
