//! The address of the page: what its query says, the same with something changed, and the way back to it.

use std::borrow::Cow;

use leptos::prelude::*;
use leptos_router::{
    hooks::{use_location, use_query_map},
    params::ParamsMap,
};

use super::browser;

/// A parameter of this page's address at the moment, if it says something.
pub fn parameter(name: &str) -> Option<String> {
    use_query_map().with_untracked(|query| query.get(name)).filter(|value| !value.is_empty())
}

/// `/login` with the way back to this page.
#[must_use]
pub fn sign_in_path() -> String {
    with_way_back("/login")
}

/// `/confirm` with the way back to this page.
#[must_use]
pub fn confirm_path() -> String {
    with_way_back("/confirm")
}

/// The path of this page, with its query.
#[must_use]
pub fn this_page() -> String {
    let here = use_location();
    let (path, query) = (here.pathname.get_untracked(), here.search.get_untracked());
    // The router's answer has the question mark in the browser, and not on the server.
    let query = query.trim_start_matches('?');
    if query.is_empty() { path } else { format!("{path}?{query}") }
}

/// Another page of a list, or another filter, takes the focus to its results.
pub fn focus_follows(address: Memo<Address>, results: &'static str) {
    Effect::new(move |before: Option<Address>| {
        let now = address.get();
        if before.is_some_and(|before| before != now) {
            browser::focus_soon(results.into());
        }
        now
    });
}

fn with_way_back(page: &str) -> String {
    let here = this_page();
    if here == "/" {
        return page.into();
    }
    let mut way_back = ParamsMap::new();
    way_back.insert_decoded("next", here);
    format!("{page}{}", way_back.to_query_string())
}

/// A page's path with the parameters that say something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    path: Cow<'static, str>,
    parameters: Vec<(&'static str, String)>,
}

impl Address {
    /// The address of `path` with those of the query's parameters that are named.
    pub fn of(path: impl Into<Cow<'static, str>>, query: &ParamsMap, names: &[&'static str]) -> Self {
        let parameters = names.iter().filter_map(|name| Some((*name, query.get(name)?))).collect();
        Self { path: path.into(), parameters }.tidy()
    }

    /// The same with one parameter set, or taken away by an empty value.
    #[must_use]
    pub fn with(&self, name: &'static str, value: &str) -> Self {
        let others = self.parameters.iter().filter(|(other, _)| *other != name).cloned();
        let parameters = others.chain([(name, value.to_owned())]).collect();
        Self { path: self.path.clone(), parameters }.tidy()
    }

    /// The same parameters at another path.
    #[must_use]
    pub fn at(&self, path: &'static str) -> Self {
        Self { path: path.into(), parameters: self.parameters.clone() }
    }

    /// What a parameter says.
    pub fn get(&self, name: &str) -> Option<String> {
        self.parameters.iter().find(|(other, _)| *other == name).map(|(_, value)| value.clone())
    }

    /// Whether it is the bare path.
    pub fn is_bare(&self) -> bool {
        self.parameters.is_empty()
    }

    /// The text of a link.
    pub fn href(&self) -> String {
        let mut query = ParamsMap::new();
        for (name, value) in &self.parameters {
            query.insert_decoded(*name, value.clone());
        }
        format!("{}{}", self.path, query.to_query_string())
    }

    fn tidy(mut self) -> Self {
        self.parameters.retain(|(_, value)| !value.trim().is_empty());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_keeps_the_filters_and_drops_what_is_empty_or_unknown() {
        let query: ParamsMap = [("q", "a b&c"), ("role", ""), ("evil", "1")]
            .into_iter()
            .map(|(k, v)| (k, v.to_owned()))
            .collect();
        let address = Address::of("/admin/users", &query, &["q", "role", "cursor"]);
        assert_eq!(address.href(), "/admin/users?q=a%20b%26c");
        assert_eq!(address.with("cursor", "x").href(), "/admin/users?q=a%20b%26c&cursor=x");
        assert_eq!(address.with("q", "").href(), "/admin/users");
        assert_eq!(address.at("/exports").href(), "/exports?q=a%20b%26c");
    }
}
