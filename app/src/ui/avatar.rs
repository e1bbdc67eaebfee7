//! A person's initials: no picture is fetched from anywhere.

use leptos::prelude::*;

/// The initials of a name in a circle. Decoration: the name stands beside it.
#[component]
pub fn Avatar(
    /// The display name, or the address where there is none.
    #[prop(into)]
    name: String,
) -> impl IntoView {
    view! {
        <span class="avatar" aria-hidden="true">
            {initials(&name)}
        </span>
    }
}

/// The first letters of the first and the last word, as capitals.
fn initials(name: &str) -> String {
    let mut words =
        name.split('@').next().unwrap_or_default().split([' ', '.', '_', '-']).filter(|w| !w.is_empty());
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_are_those_of_the_first_and_last_word() {
        assert_eq!(initials("Ada Byron King"), "AK");
        assert_eq!(initials("grace.hopper@example.com"), "GH");
        assert_eq!(initials("root"), "R");
        assert_eq!(initials(""), "");
    }
}
