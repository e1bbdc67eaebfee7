//! What people make of a common password when they are asked for a longer or stranger one.

/// Numbers, years and signs that are put behind a word.
const ENDINGS: [&str; 15] = [
    "", "1", "12", "123", "1234", "12345", "123456", "!", "1!", "123!", "@123", "2023", "2024", "2025",
    "2026",
];
/// Fewer characters are refused before anybody looks into a filter.
const SHORTEST: usize = 12;

/// Calls `found` with each variant that is long enough.
pub(super) fn each_variant(word: &str, mut found: impl FnMut(&str)) {
    let lower = word.to_lowercase();
    let forms = [lower.clone(), capitalized(&lower), lower.to_uppercase()];
    for form in forms {
        found_if_long(&format!("{form}{form}"), &mut found);
        for ending in ENDINGS {
            found_if_long(&format!("{form}{ending}"), &mut found);
        }
    }
}

fn found_if_long(variant: &str, found: &mut impl FnMut(&str)) {
    if variant.chars().count() >= SHORTEST {
        found(variant);
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
