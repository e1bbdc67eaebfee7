//! Where values come from: the file, the environment, and files named by the environment.
//!
//! The environment wins over the file. `GATEHOUSE_X_FILE` names a file that holds the value of `GATEHOUSE_X`, which
//! is how systemd credentials and container secrets arrive.

use std::{collections::BTreeMap, path::Path};

use super::problem::ConfigProblem;

/// The prefix of every variable.
pub(super) const PREFIX: &str = "GATEHOUSE_";

/// Read by the test suites, never by the server.
const TEST_PREFIX: &str = "GATEHOUSE_TEST_";

/// Where a value came from; `config print` shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// `gatehouse.toml`.
    File,
    /// A variable.
    Environment,
    /// A file named by a variable that ends in `_FILE`.
    EnvironmentFile,
}

impl Origin {
    /// The word for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
            Self::EnvironmentFile => "file named by environment",
        }
    }
}

/// Raw text of every value that was set.
#[derive(Default)]
pub(super) struct Sources {
    pub(super) file: BTreeMap<String, String>,
    pub(super) environment: BTreeMap<String, String>,
}

impl Sources {
    /// Reads the file, if there is one, and keeps the variables that are ours.
    pub(super) fn read(
        path: Option<&Path>,
        environment: impl IntoIterator<Item = (String, String)>,
        problems: &mut Vec<ConfigProblem>,
    ) -> Self {
        let file = path.map(|path| read_file(path, problems)).unwrap_or_default();
        let environment = environment
            .into_iter()
            .filter(|(name, _)| name.starts_with(PREFIX) && !name.starts_with(TEST_PREFIX))
            .collect();
        Self { file, environment }
    }
}

fn read_file(path: &Path, problems: &mut Vec<ConfigProblem>) -> BTreeMap<String, String> {
    let name = path.display();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            problems.push(whole_file(
                format!("{name} cannot be read ({error})"),
                "Check its path and its rights",
            ));
            return BTreeMap::new();
        }
    };
    match toml::from_str::<toml::Table>(&text) {
        Ok(table) => flatten(table, problems),
        // The message alone: the full text quotes the line, which may hold a secret.
        Err(error) => {
            let line =
                error.span().map_or(1, |span| text.get(..span.start).unwrap_or("").lines().count().max(1));
            let wrong = format!("{name} is not valid TOML near line {line} ({})", error.message());
            problems.push(whole_file(wrong, "See gatehouse.sample.toml for the shape"));
            BTreeMap::new()
        }
    }
}

fn whole_file(wrong: String, remedy: &str) -> ConfigProblem {
    ConfigProblem { key: String::new(), variable: String::new(), wrong, remedy: format!("{remedy}.") }
}

/// `[http] listen = …` becomes `http.listen`, and `[providers.google] name = …` becomes `providers.google.name`; every
/// value becomes text, as it would be in the environment.
fn flatten(table: toml::Table, problems: &mut Vec<ConfigProblem>) -> BTreeMap<String, String> {
    let mut flat = BTreeMap::new();
    let mut waiting: Vec<(String, toml::Value)> = table.into_iter().collect();
    while let Some((key, value)) = waiting.pop() {
        match value {
            toml::Value::Table(inner) => {
                waiting.extend(inner.into_iter().map(|(name, value)| (format!("{key}.{name}"), value)));
            }
            value => keep(&mut flat, key, &value, problems),
        }
    }
    flat
}

fn keep(
    flat: &mut BTreeMap<String, String>,
    key: String,
    value: &toml::Value,
    problems: &mut Vec<ConfigProblem>,
) {
    match as_text(value) {
        Some(text) => drop(flat.insert(key, text)),
        None => problems.push(ConfigProblem {
            variable: variable(&key),
            key,
            wrong: "has a shape no key takes".into(),
            remedy: "Give text, a number, true, false, or a list of texts.".into(),
        }),
    }
}

fn as_text(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text.clone()),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        toml::Value::Boolean(flag) => Some(flag.to_string()),
        toml::Value::Array(items) => {
            let texts: Option<Vec<String>> = items.iter().map(as_text).collect();
            Some(texts?.join(","))
        }
        toml::Value::Table(_) | toml::Value::Datetime(_) => None,
    }
}

/// `http.listen` → `GATEHOUSE_HTTP_LISTEN`.
pub(super) fn variable(key: &str) -> String {
    format!("{PREFIX}{}", key.replace('.', "_").to_ascii_uppercase())
}
