//! The rules of the house that the compiler does not know, read from the files themselves.
#![expect(clippy::expect_used, reason = "a test that cannot go on says why")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace").to_owned()
}

/// Every Rust file below these folders, with its path from the root and its text.
fn sources(folders: &[&str]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| root().join(folder)).collect();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting
                .extend(fs::read_dir(&path).expect("readable").map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|end| end == "rs") {
            let name = path.strip_prefix(root()).expect("below the root").to_string_lossy().into_owned();
            found.push((name, fs::read_to_string(&path).expect("text")));
        }
    }
    assert!(found.len() > 3, "the folders are where they were");
    found
}

fn everything() -> Vec<(String, String)> {
    sources(&[
        "domain/src",
        "app/src",
        "server/src",
        "frontend/src",
        "xtask/src",
        "bench/src",
        "stripe-peer/src",
    ])
}

/// Fails with every file that breaks the rule.
fn no_file(rule: &str, broken: impl IntoIterator<Item = String>) {
    let broken: Vec<_> = broken.into_iter().collect();
    assert!(broken.is_empty(), "{rule}:\n  {}", broken.join("\n  "));
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    let silent = everything().into_iter().filter(|(_, text)| !text.starts_with("//!")).map(|(name, _)| name);
    no_file("begin with a `//!` line", silent);
}

#[test]
fn no_file_is_longer_than_five_hundred_lines() {
    let long = everything().into_iter().filter(|(_, text)| text.lines().count() > 500).map(|(name, _)| name);
    no_file("split", long);
}

#[test]
fn rules_know_no_views_and_stores_no_rules() {
    let mixed = sources(&["domain/src"])
        .into_iter()
        .filter(|(_, text)| ["leptos", "axum::", "use http"].iter().any(|word| text.contains(word)))
        .map(|(name, _)| name);
    no_file("`domain` knows neither views nor HTTP", mixed);
}

#[test]
fn pages_and_functions_hold_no_sql() {
    let mixed = sources(&["app/src"])
        .into_iter()
        .filter(|(_, text)| {
            ["sqlx", "redis::", "SELECT ", "INSERT INTO"].iter().any(|word| text.contains(word))
        })
        .map(|(name, _)| name);
    no_file("`app` asks services, not stores", mixed);
}

/// Routes besides server functions and declared files: what they are for stands in the router. A new one is thought about here.
const RAW_ROUTES: [&str; 20] = [
    "/.well-known/change-password",
    "/.well-known/jwks.json",
    "/.well-known/security.txt",
    "/api",
    "/api/v1/openapi.json",
    "/auth/{provider}/callback",
    "/auth/{provider}/start",
    "/dev/mail",
    "/dev/mail/{id}",
    "/dev/mail/{id}/html",
    // Declared by its two ends; a test calls it by every other one.
    "/exports/invoices/{name}",
    "/livez",
    "/metrics",
    "/pkg/{*file}",
    "/problems",
    "/problems/{name}",
    "/readyz",
    "/theme",
    "/webhooks/stripe",
    // In the test of a layer.
    "/",
];

#[test]
fn every_route_beside_the_declared_ones_is_known() {
    let mut known = BTreeSet::from(RAW_ROUTES);
    let all = sources(&["server/src"]);
    let routes = all.iter().flat_map(|(name, text)| {
        let written = text.split(".route(\"").skip(1);
        written.filter_map(move |rest| rest.split('"').next().map(|path| (name.as_str(), path)))
    });
    let mut strange = Vec::new();
    let mut met = BTreeSet::new();
    for (name, path) in routes {
        if known.contains(path) {
            met.insert(path);
        } else {
            strange.push(format!("{path} in {name}"));
        }
    }
    no_file("declare a route, or name it in `RAW_ROUTES`", strange);
    known.retain(|path| !met.contains(path));
    assert!(known.is_empty(), "these are gone: {known:?}");
}

#[test]
fn no_room_reads_anothers_store() {
    let rooms = [
        "access",
        "admin",
        "audit",
        "billing",
        "federation",
        "identity",
        "operations",
        "organizations",
        "second_factor",
        "sessions",
        "spend",
        "tokens",
        "webhooks",
    ];
    let mut trespassers = Vec::new();
    for (name, text) in sources(&["domain/src"]) {
        for room in rooms {
            let is_own = name.starts_with(&format!("domain/src/{room}/"));
            if !is_own && text.contains(&format!("{room}::store")) {
                trespassers.push(format!("{name} reads the store of {room}"));
            }
        }
    }
    no_file("call the room's service", trespassers);
}

#[test]
fn every_server_function_names_its_address() {
    let nameless = sources(&["app/src"]).into_iter().flat_map(|(name, text)| {
        text.lines()
            .filter(|line| line.trim_start().starts_with("#[server("))
            .filter(|line| !line.contains("#[server(default)]"))
            .filter(|line| !(line.contains("prefix = \"/api/v1\"") && line.contains("endpoint = \"")))
            .map(|line| format!("{name}: {line}"))
            .collect::<Vec<_>>()
    });
    no_file("give prefix and endpoint", nameless);
}

#[test]
fn views_keep_to_the_content_security_policy() {
    // The tests of the parts name what they must not contain.
    let views = sources(&["app/src"]).into_iter().filter(|(name, _)| !name.ends_with("rendering.rs"));
    let styled = views.flat_map(|(name, text)| {
        text.lines()
            .filter(|line| {
                line.contains("style=\"") || line.contains("onclick=") || line.contains("<noscript")
            })
            .map(|line| format!("{name}: {}", line.trim()))
            .collect::<Vec<_>>()
    });
    no_file("no `style=`, no inline handler, no `<noscript>`", styled);
}

#[test]
fn every_table_has_a_body() {
    let bare = sources(&["app/src"])
        .into_iter()
        .filter(|(_, text)| text.matches("<table").count() > text.matches("<tbody").count())
        .map(|(name, _)| name);
    no_file("a table without `<tbody>` breaks hydration", bare);
}

#[test]
fn migrations_are_numbered_without_gaps() {
    let names: BTreeSet<String> = fs::read_dir(root().join("migrations"))
        .expect("readable")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| Path::new(name).extension().is_some_and(|end| end == "sql"))
        .collect();
    for (expected, name) in (1..).zip(&names) {
        assert!(name.starts_with(&format!("{expected:04}_")), "{name} should be number {expected}");
    }
    assert!(!names.is_empty());
}

#[test]
fn the_browser_gets_nothing_that_belongs_to_the_server() {
    let lock = fs::read_to_string(root().join("frontend/Cargo.toml")).expect("text");
    assert!(
        !lock.contains("ssr") && !lock.contains("domain"),
        "the frontend is the hydrate entry, nothing else"
    );
    let output = std::process::Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--package", "frontend", "--target", "wasm32-unknown-unknown"])
        .args(["--edges", "normal", "--prefix", "none", "--format", "{p}"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    let tree = String::from_utf8(output.stdout).expect("text");
    assert!(tree.contains("leptos "), "the tree could be read");
    let barred =
        ["sqlx", "redis", "argon2", "tokio", "axum", "hyper", "lettre", "regex", "chrono", "reqwest"];
    let found: BTreeSet<_> = tree
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| barred.contains(name))
        .collect();
    assert!(found.is_empty(), "in the browser build: {found:?}");
}

/// The page that says what is met, and by which test.
fn security_page() -> String {
    fs::read_to_string(root().join("docs/security.md")).expect("text")
}

#[test]
fn every_test_named_on_the_security_page_exists() {
    let page = security_page();
    let quoted = page.lines().flat_map(|line| line.split('`').skip(1).step_by(2));
    let named: BTreeSet<_> =
        quoted.filter_map(|it| it.split_once("::")).filter(|(file, _)| file.contains('.')).collect();
    assert!(named.len() > 100, "the names were found");
    let gone = named.into_iter().filter(|(file, name)| {
        let text = fs::read_to_string(root().join(file)).unwrap_or_default();
        // In a journey or a voice the name is a text in quotes.
        let ways = if Path::new(file).extension().is_some_and(|end| end == "rs") {
            vec![format!("fn {name}(")]
        } else {
            vec![format!("'{name}'"), format!("\"{name}\"")]
        };
        !ways.iter().any(|way| text.contains(way))
    });
    no_file("name a test that exists", gone.map(|(file, name)| format!("{file}: {name}")));
}

#[test]
fn every_requirement_on_the_security_page_has_a_verdict() {
    let verdicts = ["met", "not met", "not applicable"];
    let page = security_page();
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| v5.0.0-") && line.matches('|').count() == 6)
        .map(|line| line.split('|').map(str::trim).collect())
        .collect();
    let requirements: BTreeSet<&str> = rows.iter().map(|row| row[1]).collect();
    assert_eq!((rows.len(), requirements.len()), (96, 96), "levels 1 and 2 of V6 to V10, each once");
    let unjudged = rows.iter().filter(|row| !verdicts.iter().any(|verdict| row[4].starts_with(verdict)));
    no_file("give a verdict", unjudged.map(|row| row[1].to_owned()));
}
