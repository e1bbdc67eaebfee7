//! The built site on disk: which names its files carry, and whether they are there.

use std::path::{Path, PathBuf};

use app::hydration::Hashes;

/// The name all files of the site begin with.
pub const OUTPUT_NAME: &str = "gatehouse";
/// The file that lists the hashes in the names; it lies beside the executable, where Leptos looks for it.
pub const HASH_FILE: &str = "hash.txt";

/// The built site.
#[derive(Clone, Debug)]
pub struct Site {
    /// The folder with everything that is served as a file.
    pub root: PathBuf,
    /// Whether names carry hashes.
    pub is_hashed: bool,
    /// The address of the stylesheet.
    pub stylesheet: String,
}

impl Site {
    /// Looks once; a deploy brings a new process.
    #[must_use]
    pub fn look(root: &Path) -> Self {
        let hashes = Hashes::beside_the_program(HASH_FILE);
        let name =
            hashes.of("css").map_or_else(|| OUTPUT_NAME.to_owned(), |hash| format!("{OUTPUT_NAME}.{hash}"));
        Self { root: root.to_owned(), is_hashed: hashes.are_there(), stylesheet: format!("/pkg/{name}.css") }
    }

    /// What is missing for pages to have style and script; empty when all is there.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let stylesheet = self.root.join(self.stylesheet.trim_start_matches('/'));
        let mut missing = Vec::new();
        if !stylesheet.is_file() {
            missing.push(format!("{} (build the site, or set http.site_root)", stylesheet.display()));
        }
        if !self.is_hashed {
            missing.push(format!(
                "{HASH_FILE} beside the executable (names without hashes cannot be cached for long)"
            ));
        }
        missing
    }
}

/// Whether a file's name carries a hash, so that its content can never change: cargo-leptos puts the 22 characters
/// of an MD5 in base64url before the extension. A row of underscores is the place of a hash that was not filled in.
#[must_use]
pub fn is_hashed_name(name: &str) -> bool {
    let hash = name.rsplit('.').nth(1).unwrap_or_default();
    let is_hash_letter = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    hash.len() == 22 && hash.chars().all(is_hash_letter) && hash.chars().any(|c| c != '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_name_with_a_hash_is_cached_for_ever() {
        assert!(is_hashed_name("gatehouse.kSl3pQ9xYbA0zR7tUvWxYg.wasm"));
        assert!(is_hashed_name("gatehouse.kSl3pQ9xYbA0zR7tUvWxYg.css"));
        for plain in ["gatehouse.wasm", "__wasm_split.______________________.js", "manifest.webmanifest", ""]
        {
            assert!(!is_hashed_name(plain), "{plain}");
        }
    }
}
