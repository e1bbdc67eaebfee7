//! Finds the name somebody meant when they mistyped one.

/// The known name closest to `typed`, if it is close enough to be a slip of the finger.
#[must_use]
pub(super) fn did_you_mean<'a>(typed: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // A third of the letters may differ; more than that is another word.
    let tolerated = (typed.len() / 3).max(2);
    known
        .into_iter()
        .map(|name| (distance(typed, name), name))
        .filter(|(distance, _)| *distance <= tolerated)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Levenshtein's distance, one row at a time.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut next = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let replace = row.get(j).copied().unwrap_or_default() + usize::from(from != *to);
            let delete = row.get(j + 1).copied().unwrap_or_default() + 1;
            let insert = next.get(j).copied().unwrap_or_default() + 1;
            next.push(replace.min(delete).min(insert));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognized_and_another_word_is_not() {
        let known = ["http.listen", "http.public_url", "mail.folder"];
        assert_eq!(did_you_mean("http.lisen", known), Some("http.listen"));
        assert_eq!(did_you_mean("http.publicurl", known), Some("http.public_url"));
        assert_eq!(did_you_mean("billing.currency", known), None);
    }
}
