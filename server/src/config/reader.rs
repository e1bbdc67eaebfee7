//! Reads one key after the other, remembers each, and collects what is wrong instead of stopping at it.

use std::{collections::BTreeSet, fmt::Display, time::Duration};

use secrecy::SecretString;

use super::{
    Profile,
    parse::{duration, flag, from_text, list, show_duration},
    problem::ConfigProblem,
    similar::did_you_mean,
    source::{Origin, PREFIX, Sources, variable},
};

/// One key as `config print` shows it.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Such as `http.listen`.
    pub key: String,
    /// The effective value, `***` for a secret, nothing when unset.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
}

/// The reader of a whole configuration.
pub(super) struct Reader {
    sources: Sources,
    /// Known before any area is read, because some defaults differ between the profiles.
    pub(super) profile: Profile,
    /// Every key that was asked for.
    known: BTreeSet<String>,
    pub(super) shown: Vec<Shown>,
    pub(super) problems: Vec<ConfigProblem>,
    /// Variables with our prefix that are somebody else's.
    pub(super) ignored: Vec<String>,
}

impl Reader {
    pub(super) fn new(sources: Sources, problems: Vec<ConfigProblem>) -> Self {
        let mut reader = Self {
            sources,
            profile: Profile::Production,
            known: BTreeSet::new(),
            shown: Vec::new(),
            problems,
            ignored: Vec::new(),
        };
        reader.profile = reader.value(
            "profile",
            Profile::Production,
            "`production` or `development`",
            from_text::<Profile>,
        );
        reader
    }

    /// A value with a default.
    pub(super) fn value<T: Display>(
        &mut self,
        key: &str,
        default: T,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> T {
        let (text, origin) = self.raw(key);
        let Some(text) = text else {
            self.show(key, default.to_string(), origin);
            return default;
        };
        let Some(value) = parse(&text) else {
            self.wrong(key, format!("`{text}` is not {expected}"), format!("Write {expected}"));
            return default;
        };
        self.show(key, value.to_string(), origin);
        value
    }

    /// A value that may be missing.
    pub(super) fn optional<T: Display>(
        &mut self,
        key: &str,
        expected: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> Option<T> {
        let (text, origin) = self.raw(key);
        let Some(text) = text else {
            self.show(key, String::new(), origin);
            return None;
        };
        let value = parse(&text);
        match &value {
            Some(value) => self.show(key, value.to_string(), origin),
            None => self.wrong(
                key,
                format!("`{text}` is not {expected}"),
                format!("Write {expected}, or remove it"),
            ),
        }
        value
    }

    /// A duration with a default.
    pub(super) fn duration(&mut self, key: &str, default: Duration) -> Duration {
        let parse = |text: &str| duration(text).filter(|found| !found.is_zero()).map(Shortly);
        self.value(key, Shortly(default), "a duration such as 30s, 10m, 24h or 30d", parse).0
    }

    /// A duration that may be missing.
    pub(super) fn optional_duration(&mut self, key: &str) -> Option<Duration> {
        let parse = |text: &str| duration(text).filter(|found| !found.is_zero()).map(Shortly);
        self.optional(key, "a duration such as 30d or 365d", parse).map(|found| found.0)
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, key: &str, default: bool) -> bool {
        self.value(key, default, "`true` or `false`", flag)
    }

    /// A list, empty by default.
    pub(super) fn list<T: Display>(
        &mut self,
        key: &str,
        expected: &str,
        item: fn(&str) -> Option<T>,
    ) -> Vec<T> {
        self.list_or(key, Vec::new(), expected, item)
    }

    /// A list with a default.
    pub(super) fn list_or<T: Display>(
        &mut self,
        key: &str,
        default: Vec<T>,
        expected: &str,
        item: fn(&str) -> Option<T>,
    ) -> Vec<T> {
        self.value(key, Many(default), expected, |text| list(text, item).map(Many)).0
    }

    /// A value that is never shown.
    pub(super) fn secret(&mut self, key: &str) -> Option<SecretString> {
        let (text, origin) = self.raw(key);
        self.show(key, if text.is_some() { "***".into() } else { String::new() }, origin);
        text.map(SecretString::from)
    }

    /// The names of the tables below an area that has one for each of several things: those of the file, and those that
    /// stand before one of these fields in a variable.
    pub(super) fn tables(&self, area: &str, fields: &[&str]) -> BTreeSet<String> {
        let file = self.sources.file.keys().filter_map(|key| key.strip_prefix(area)?.strip_prefix('.'));
        let file = file.filter_map(|rest| rest.split_once('.')).map(|(name, _)| name.to_owned());
        let beginning = variable(&format!("{area}."));
        let variables = self.sources.environment.iter().filter(|(_, text)| !text.is_empty());
        let named = variables.filter_map(|(name, _)| {
            let name = name.strip_suffix("_FILE").unwrap_or(name).strip_prefix(&beginning)?;
            let ends = fields.iter().map(|field| format!("_{}", field.to_ascii_uppercase()));
            // The longest, so that no field can be taken for the end of a name.
            ends.filter_map(|end| name.strip_suffix(&end)).min_by_key(|name| name.len())
        });
        file.chain(named.map(str::to_ascii_lowercase)).collect()
    }

    /// Notes a problem of a key.
    pub(super) fn wrong(&mut self, key: &str, wrong: impl Into<String>, remedy: impl Into<String>) {
        let mut remedy = remedy.into();
        if !remedy.ends_with('.') {
            remedy.push('.');
        }
        let problem = ConfigProblem { key: key.into(), variable: variable(key), wrong: wrong.into(), remedy };
        self.problems.push(problem);
    }

    /// Every key that was set but that nobody asked for: a slip that would go unnoticed. Variables that look like none
    /// of ours are left alone: scripts export some, and Kubernetes makes `GATEHOUSE_PORT` and `GATEHOUSE_SERVICE_HOST`
    /// for a service of this name.
    pub(super) fn refuse_unknown(&mut self) {
        let variables: BTreeSet<String> = self.known.iter().map(|key| variable(key)).collect();
        let mut problems = Vec::new();
        for key in self.sources.file.keys().filter(|key| !self.known.contains(*key)) {
            let remedy = advice(did_you_mean(key, self.known.iter().map(String::as_str)));
            let wrong = "there is no such key".into();
            problems.push(ConfigProblem { key: key.clone(), variable: String::new(), wrong, remedy });
        }
        for name in self.sources.environment.keys() {
            let plain = name.strip_suffix("_FILE").unwrap_or(name);
            if variables.contains(name) || variables.contains(plain) {
                continue;
            }
            let meant = similar_variable(name, &variables);
            if meant.is_none() && !self.is_of_an_area(plain) {
                self.ignored.push(name.clone());
                continue;
            }
            let remedy = advice(meant.as_deref());
            let wrong = "there is no such variable".into();
            problems.push(ConfigProblem { key: String::new(), variable: name.clone(), wrong, remedy });
        }
        self.problems.extend(problems);
    }

    /// Whether a variable names an area of ours, such as `GATEHOUSE_HTTP_`: nobody else has a reason to.
    fn is_of_an_area(&self, name: &str) -> bool {
        let areas = self.known.iter().filter_map(|key| key.split_once('.')).map(|(area, _)| area);
        areas.map(|area| variable(&format!("{area}."))).any(|area| name.starts_with(&area))
    }

    fn show(&mut self, key: &str, value: String, origin: Origin) {
        self.shown.push(Shown { key: key.into(), value, origin });
    }

    /// The text of a key. An empty variable counts as unset, because that is how shells clear one.
    fn raw(&mut self, key: &str) -> (Option<String>, Origin) {
        self.known.insert(key.to_owned());
        let name = variable(key);
        let direct = self.sources.environment.get(&name).filter(|text| !text.is_empty()).cloned();
        let named =
            self.sources.environment.get(&format!("{name}_FILE")).filter(|path| !path.is_empty()).cloned();
        match (direct, named) {
            (Some(_), Some(_)) => {
                self.wrong(key, format!("{name} and {name}_FILE are both set"), "Keep one of them");
                (None, Origin::Default)
            }
            (Some(text), None) => (Some(text), Origin::Environment),
            (None, Some(path)) => match std::fs::read_to_string(&path) {
                Ok(text) => (Some(text.trim_end().to_owned()), Origin::EnvironmentFile),
                Err(error) => {
                    let wrong = format!("{name}_FILE names {path}, which cannot be read ({error})");
                    self.wrong(key, wrong, "Check the path and the rights of that file");
                    (None, Origin::Default)
                }
            },
            (None, None) => match self.sources.file.get(key) {
                Some(text) => (Some(text.clone()), Origin::File),
                None => (None, Origin::Default),
            },
        }
    }
}

/// The variable that was meant. Without the prefix, which all have in common, and which would hide every difference.
fn similar_variable(name: &str, variables: &BTreeSet<String>) -> Option<String> {
    let plain = variables.iter().filter_map(|known| known.strip_prefix(PREFIX));
    let bare: Vec<String> = plain.flat_map(|known| [known.to_owned(), format!("{known}_FILE")]).collect();
    let meant = did_you_mean(name.strip_prefix(PREFIX)?, bare.iter().map(String::as_str))?;
    Some(format!("{PREFIX}{meant}"))
}

fn advice(meant: Option<&str>) -> String {
    match meant {
        Some(name) => format!("Did you mean {name}? If not, remove it."),
        None => "Remove it; gatehouse.sample.toml lists every key.".into(),
    }
}

/// A duration that shows itself as it is written.
struct Shortly(Duration);

impl Display for Shortly {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&show_duration(self.0))
    }
}

/// A list that shows itself as it is written.
struct Many<T>(Vec<T>);

impl<T: Display> Display for Many<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let items: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&items.join(","))
    }
}
