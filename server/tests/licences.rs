//! What we build on may be used as we use it: the licence of every dependency is one that `deny.toml` allows.
//!
//! `cargo deny check` says more, but is a tool of its own; this needs only cargo.
#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    iter::Peekable,
    path::{Path, PathBuf},
    process::Command,
    str::SplitWhitespace,
};

use serde_json::Value;

/// What is built and run here.
const TARGETS: [&str; 2] = ["x86_64-unknown-linux-gnu", "wasm32-unknown-unknown"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

fn allowed() -> BTreeSet<String> {
    let text = fs::read_to_string(root().join("deny.toml")).expect("text");
    let rules: toml::Table = toml::from_str(&text).expect("TOML");
    let listed = rules.get("licenses").and_then(|it| it.get("allow")).and_then(toml::Value::as_array);
    let names = listed.expect("a list").iter().filter_map(toml::Value::as_str);
    names.map(str::to_owned).collect()
}

/// What single crates may have besides.
fn exceptions() -> BTreeMap<String, BTreeSet<String>> {
    let text = fs::read_to_string(root().join("deny.toml")).expect("text");
    let rules: toml::Table = toml::from_str(&text).expect("TOML");
    let listed = rules.get("licenses").and_then(|it| it.get("exceptions")).and_then(toml::Value::as_array);
    let named = |exception: &toml::Value| {
        let names = exception.get("allow").and_then(toml::Value::as_array).expect("a list");
        let names = names.iter().filter_map(toml::Value::as_str).map(str::to_owned).collect();
        (exception.get("crate").and_then(toml::Value::as_str).expect("a name").to_owned(), names)
    };
    listed.expect("a list").iter().map(named).collect()
}

/// The licence of every dependency, by name and version. Cargo fetches those that no build has needed so far.
fn licences() -> BTreeMap<String, String> {
    let mut licences = BTreeMap::new();
    for target in TARGETS {
        let output = Command::new(env!("CARGO"))
            .args(["metadata", "--format-version", "1", "--locked", "--all-features"])
            .args(["--filter-platform", target])
            .current_dir(root())
            .output()
            .expect("cargo runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let graph: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        for package in graph["packages"].as_array().expect("packages") {
            let name = format!("{} {}", package["name"], package["version"]).replace('"', "");
            licences.insert(name, package["license"].as_str().unwrap_or("none").to_owned());
        }
    }
    licences
}

type Words<'a> = Peekable<SplitWhitespace<'a>>;

/// Whether an SPDX expression can be met with licences of the list. A slash is the old way to write `OR`.
fn is_met(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words = spaced.split_whitespace().peekable();
    let is_met = any(&mut words, allowed);
    is_met && words.next().is_none()
}

fn any(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> bool {
    let mut is_met = every(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        // Read in any case: what is left unread would count as an error.
        is_met = every(words, allowed) || is_met;
    }
    is_met
}

fn every(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> bool {
    let mut is_met = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        is_met = one(words, allowed) && is_met;
    }
    is_met
}

fn one(words: &mut Words<'_>, allowed: &BTreeSet<String>) -> bool {
    if words.next_if_eq(&"(").is_some() {
        let is_met = any(words, allowed);
        return words.next_if_eq(&")").is_some() && is_met;
    }
    let Some(name) = words.next() else { return false };
    let name = match words.next_if_eq(&"WITH") {
        Some(_) => format!("{name} WITH {}", words.next().unwrap_or_default()),
        None => name.to_owned(),
    };
    allowed.contains(&name)
}

#[test]
fn every_dependency_has_a_licence_of_the_list() {
    let (allowed, exceptions) = (allowed(), exceptions());
    let licences = licences();
    let is_fine = |name: &str, licence: &str| {
        let own = exceptions.get(name.split(' ').next().unwrap_or_default());
        let with_own = own.map(|own| allowed.union(own).cloned().collect());
        is_met(licence, with_own.as_ref().unwrap_or(&allowed))
    };
    assert!(licences.len() > 300, "the graph was read");
    let refused: Vec<_> = licences
        .iter()
        .filter(|(name, licence)| !is_fine(name, licence))
        .map(|(name, licence)| format!("{name}: {licence}"))
        .collect();
    assert!(refused.is_empty(), "not in deny.toml:\n  {}", refused.join("\n  "));
}

#[test]
fn an_expression_is_read_as_spdx_says() {
    let allowed = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned).into();
    for met in ["MIT", "GPL-3.0 OR MIT", "GPL-3.0/MIT", "MIT AND ISC", "(GPL-3.0 OR MIT) AND ISC"] {
        assert!(is_met(met, &allowed), "{met}");
    }
    assert!(is_met("Apache-2.0 WITH LLVM-exception OR GPL-3.0", &allowed));
    for unmet in ["GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND GPL-3.0", "none", "", "MIT MIT"] {
        assert!(!is_met(unmet, &allowed), "{unmet}");
    }
    assert!(!is_met("Apache-2.0", &allowed));
}
