//! What people make of a common password when they are asked for a longer or stranger one.

/// Numbers, years and signs that are put behind a word.
const ENDINGS: [&str; 34] = [
    "", "1", "12", "123", "1234", "12345", "123456", "1234567", "12345678", "!", "!!", "1!", "12!", "123!",
    "1234!", "@123", "#123", "00", "01", "007", "11", "69", "77", "88", "99", "2019", "2020", "2021", "2022",
    "2023", "2024", "2025", "2026", "2026!",
];
/// Fewer characters are refused before anybody looks into a filter.
const SHORTEST: usize = 12;

/// Calls `found` with each variant that is long enough.
pub(super) fn each_variant(word: &str, mut found: impl FnMut(&str)) {
    let lower = word.to_lowercase();
    let forms = [lower.clone(), capitalized(&lower), lower.to_uppercase()];
    let twice = forms.iter().map(|form| format!("{form}{form}"));
    for form in forms.iter().cloned().chain(twice) {
        for ending in ENDINGS {
            let variant = format!("{form}{ending}");
            if variant.chars().count() >= SHORTEST {
                found(&variant);
            }
        }
    }
}

fn capitalized(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
