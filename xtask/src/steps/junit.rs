//! The totals of a report in the format of `JUnit`, which nextest and schemathesis write.

/// Passed and failed from `<testsuites … tests="3" failures="1" errors="0" …>`.
pub(super) fn totals(report: &str) -> Option<(u64, u64)> {
    let (_, tag) = report.split_once("<testsuites")?;
    let (tag, _) = tag.split_once('>')?;
    let number = |name: &str| -> Option<u64> {
        let (_, value) = tag.split_once(&format!(" {name}=\""))?;
        value.split_once('"')?.0.parse().ok()
    };
    let failed = number("failures")? + number("errors")?;
    Some((number("tests")?.saturating_sub(failed), failed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_totals_are_those_of_all_suites_in_any_order_of_attributes() {
        let nextest = "<?xml version=\"1.0\"?>\n<testsuites name=\"nextest-run\" tests=\"7\" \
                       failures=\"2\" errors=\"1\" uuid=\"x\">\n<testsuite tests=\"3\">";
        assert_eq!(totals(nextest), Some((4, 3)));
        let schemathesis = "<testsuites errors=\"1\" failures=\"0\" skipped=\"0\" tests=\"27\" time=\"9.5\">";
        assert_eq!(totals(schemathesis), Some((26, 1)));
        assert_eq!(totals(""), None);
    }
}
