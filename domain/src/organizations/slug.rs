//! The name of an organization in addresses.

use uuid::Uuid;

use crate::FieldIssue;

/// Words that no organization is called by: pages of the site, and those that speak for it. By the alphabet.
pub const RESERVED: [&str; 56] = [
    "about",
    "abuse",
    "account",
    "accounts",
    "admin",
    "administrator",
    "all",
    "api",
    "app",
    "audit",
    "auth",
    "billing",
    "blog",
    "contact",
    "dashboard",
    "demo",
    "dev",
    "docs",
    "download",
    "everybody",
    "everyone",
    "exports",
    "gate",
    "gatehouse",
    "help",
    "home",
    "index",
    "info",
    "invitations",
    "login",
    "logout",
    "mail",
    "me",
    "new",
    "nobody",
    "null",
    "official",
    "organization",
    "organizations",
    "orgs",
    "owner",
    "personal",
    "problems",
    "register",
    "root",
    "sample",
    "security",
    "settings",
    "site",
    "status",
    "streams",
    "support",
    "system",
    "team",
    "undefined",
    "webhooks",
];

/// Small letters and digits of ASCII with hyphens between them, 2 to 40 characters, none of [`RESERVED`] and nothing that
/// reads as an id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slug(String);

impl Slug {
    /// The fewest characters.
    pub const MIN: u32 = 2;
    /// The most characters.
    pub const MAX: u32 = 40;

    /// Reads what was typed; capitals become small.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(typed: &str) -> Result<Self, FieldIssue> {
        let slug = typed.trim().to_ascii_lowercase();
        let length = u32::try_from(slug.chars().count()).unwrap_or(u32::MAX);
        if length == 0 {
            return Err(FieldIssue::Required);
        }
        if length > Self::MAX {
            return Err(FieldIssue::TooLong { max: Self::MAX });
        }
        let plain = slug.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if !plain || slug.starts_with('-') || slug.ends_with('-') {
            return Err(FieldIssue::NotASlug);
        }
        if length < Self::MIN {
            return Err(FieldIssue::TooShort { min: Self::MIN });
        }
        // An address with an id in it would lead to whatever has that id.
        if RESERVED.contains(&slug.as_str()) || Uuid::try_parse(&slug).is_ok() {
            return Err(FieldIssue::Reserved);
        }
        Ok(Self(slug))
    }

    /// The slug that a name suggests, and whether it can be had as it is: else it needs a mark behind it.
    #[must_use]
    pub fn suggested_by(name: &str) -> (String, bool) {
        let mut slug = String::new();
        for c in name.chars() {
            if c.is_ascii_alphanumeric() {
                slug.push(c.to_ascii_lowercase());
            } else if !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
        }
        slug.truncate(30);
        let slug = slug.trim_matches('-');
        let slug = if slug.is_empty() { "organization" } else { slug };
        (slug.to_owned(), Self::parse(slug).is_ok())
    }

    /// The slug with a mark behind it, for one that is taken.
    #[must_use]
    pub fn marked(suggested: &str, mark: &str) -> Self {
        Self(format!("{suggested}-{mark}"))
    }

    /// The slug.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_small_letters_digits_and_hyphens_between_them() {
        for (typed, slug) in [(" Acme-2 ", "acme-2"), ("ab", "ab"), ("4ever", "4ever"), ("a--b", "a--b")] {
            assert_eq!(Slug::parse(typed).map(|slug| slug.0), Ok(slug.to_owned()));
        }
        for typed in [
            "-acme",
            "acme-",
            "-",
            "ac me",
            "acme/x",
            "acmé",
            "ac_me",
            "a.b",
            "a\0b",
            "\u{430}cme",
            "..",
            "%2e",
        ] {
            assert_eq!(Slug::parse(typed), Err(FieldIssue::NotASlug), "{typed}");
        }
        assert_eq!(Slug::parse(" "), Err(FieldIssue::Required));
        assert_eq!(Slug::parse("a"), Err(FieldIssue::TooShort { min: 2 }));
        assert!(Slug::parse(&"a".repeat(40)).is_ok());
        assert_eq!(Slug::parse(&"a".repeat(41)), Err(FieldIssue::TooLong { max: 40 }));
    }

    #[test]
    fn words_of_the_site_and_ids_are_reserved() {
        assert!(RESERVED.is_sorted());
        for word in RESERVED.into_iter().chain(["ADMIN", "019ab3c4-0000-7000-8000-000000000000"]) {
            assert_eq!(Slug::parse(word), Err(FieldIssue::Reserved), "{word}");
        }
        assert_eq!(
            Slug::parse("019ab3c4000070008000000000000000"),
            Err(FieldIssue::Reserved),
            "an id without hyphens"
        );
    }

    #[test]
    fn a_name_suggests_a_slug_that_can_be_had_with_a_mark_at_least() {
        for (name, slug, whole) in [
            ("Acme Inc.", "acme-inc", true),
            ("  ", "organization", false),
            ("李", "organization", false),
            ("Admin", "admin", false),
            ("A", "a", false),
            ("Zoë's Tools & Toys", "zo-s-tools-toys", true),
        ] {
            assert_eq!(Slug::suggested_by(name), (slug.to_owned(), whole), "{name}");
            assert!(Slug::parse(Slug::marked(slug, "x7x7x7").as_str()).is_ok());
        }
        let (long, _) = Slug::suggested_by(&"ab ".repeat(40));
        assert!(long.len() <= 30 && Slug::parse(Slug::marked(&long, "x7x7x7").as_str()).is_ok(), "{long}");
    }
}
