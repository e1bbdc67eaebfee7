//! What can be wrong with the configuration, said so that the operator can mend it without reading code.

use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigProblem {
    /// The key in the file, such as `http.listen`.
    pub key: String,
    /// The environment variable that sets the same.
    pub variable: String,
    /// What is wrong with it. Never carries the value of a secret.
    pub wrong: String,
    /// What to do.
    pub remedy: String,
}

/// Everything that is wrong, at once: nobody should have to start the server eleven times.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigProblems(pub Vec<ConfigProblem>);

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, variable, wrong, remedy } = self;
        match (key.as_str(), variable.as_str()) {
            ("", "") => write!(f, "{wrong}. {remedy}"),
            ("", name) | (name, "") => write!(f, "{name}: {wrong}. {remedy}"),
            _ => write!(f, "{key} (or {variable}): {wrong}. {remedy}"),
        }
    }
}

impl fmt::Display for ConfigProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => writeln!(f, "The configuration has a problem:")?,
            count => writeln!(f, "The configuration has {count} problems:")?,
        }
        self.0.iter().try_for_each(|problem| writeln!(f, "  - {problem}"))
    }
}

impl std::error::Error for ConfigProblems {}
