//! The table of declared endpoints, and the check that it is the table of registered functions.
//!
//! Promise: a server function without a declaration does not start, so no endpoint is without declared access.

use std::{collections::BTreeSet, fmt};

use app::endpoint::{Answers, Endpoint};
use axum::http::Method;

/// Every declared endpoint, found by method and path.
#[derive(Clone, Default)]
pub struct Endpoints(Vec<Endpoint>);

/// How declarations and registered functions differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Differences {
    /// Registered functions nobody declared.
    pub undeclared: Vec<String>,
    /// Declarations without a function.
    pub unregistered: Vec<String>,
    /// Declared more than once.
    pub repeated: Vec<String>,
}

impl Endpoints {
    /// Checks the declarations against the registered functions.
    ///
    /// # Errors
    /// The differences, all of them.
    pub fn checked(
        mut declared: Vec<Endpoint>,
        registered: impl IntoIterator<Item = (&'static str, Method)>,
    ) -> Result<Self, Differences> {
        let name = |method: &Method, path: &str| format!("{method} {path}");
        let registered: BTreeSet<String> =
            registered.into_iter().map(|(path, method)| name(&method, path)).collect();
        let mut known = BTreeSet::new();
        let mut differences = Differences::default();
        for endpoint in &declared {
            let name = name(&endpoint.method, endpoint.path);
            // A file is written by a route of the server; a test calls each of them.
            if endpoint.answers == Answers::Json && !registered.contains(&name) {
                differences.unregistered.push(name.clone());
            }
            if !known.insert(name.clone()) {
                differences.repeated.push(name);
            }
        }
        differences.undeclared = registered.difference(&known).cloned().collect();
        if differences != Differences::default() {
            return Err(differences);
        }
        declared.sort_by_key(|endpoint| (endpoint.path, endpoint.method.to_string()));
        Ok(Self(declared))
    }

    /// The endpoint of a request. `HEAD` is `GET` without a body.
    #[must_use]
    pub fn find(&self, method: &Method, path: &str) -> Option<&Endpoint> {
        let method = if method == Method::HEAD { &Method::GET } else { method };
        let from = self.0.partition_point(|endpoint| endpoint.path < path);
        let same_path = self.0.get(from..)?.iter().take_while(|endpoint| endpoint.path == path);
        let found = same_path.into_iter().find(|endpoint| endpoint.method == *method);
        // The few with a part in braces are asked one by one, and only for paths that nobody else has.
        found.or_else(|| self.0.iter().find(|endpoint| endpoint.method == *method && endpoint.is_at(path)))
    }

    /// All of them, by path.
    pub fn iter(&self) -> impl Iterator<Item = &Endpoint> {
        self.0.iter()
    }
}

impl fmt::Display for Differences {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "The declared endpoints are not the registered server functions:")?;
        for name in &self.undeclared {
            writeln!(f, "  - {name} is registered but not declared; add it to endpoints() of its room")?;
        }
        for name in &self.unregistered {
            writeln!(f, "  - {name} is declared but not registered; remove it or correct its path")?;
        }
        for name in &self.repeated {
            writeln!(f, "  - {name} is declared twice; remove one")?;
        }
        Ok(())
    }
}

impl std::error::Error for Differences {}
