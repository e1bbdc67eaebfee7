//! What is open on the page of roles, and what is being built, as the address says it.

use leptos_router::params::ParamsMap;

/// The query of the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draft {
    /// The role that is open.
    pub role: Option<String>,
    /// `new`, `edit` or `delete`: what is about to be done.
    pub mode: Option<String>,
    /// Whether it is tried out.
    tried: bool,
    /// The template to begin from.
    pub template: Option<String>,
    /// What the role shall be called.
    pub name: Option<String>,
    /// What it shall be for.
    pub description: Option<String>,
    /// What it shall allow.
    pub permissions: Vec<String>,
    /// The version that was seen.
    pub version: Option<i64>,
    /// Where the page of a list begins.
    pub cursor: Option<String>,
}

impl Draft {
    /// Reads the query.
    pub fn read(query: &ParamsMap) -> Self {
        let get = |name: &str| query.get(name).filter(|value| !value.is_empty());
        Self {
            role: get("role"),
            mode: get("mode"),
            tried: get("try").is_some(),
            template: get("template"),
            name: get("name"),
            description: get("description"),
            permissions: query.get_all("permission").unwrap_or_default(),
            version: get("version").and_then(|text| text.parse().ok()),
            cursor: get("cursor"),
        }
    }

    /// Whether the builder is open.
    pub fn is_building(&self) -> bool {
        matches!(self.mode.as_deref(), Some("new" | "edit"))
    }

    /// Whether it is asked what it comes to.
    pub fn is_tried(&self) -> bool {
        self.mode.as_deref() == Some("delete") || (self.is_building() && self.tried)
    }

    /// What is tried out, as the API calls it.
    pub fn act(&self) -> &'static str {
        if self.mode.as_deref() == Some("delete") { "delete" } else { "change" }
    }

    /// The same at another place of the list.
    pub fn href(&self, slug: &str, cursor: Option<&str>) -> String {
        let mut query = ParamsMap::new();
        let mut put = |name: &'static str, value: Option<&str>| {
            if let Some(value) = value {
                query.insert_decoded(name, value.to_owned());
            }
        };
        put("role", self.role.as_deref());
        put("mode", self.mode.as_deref());
        put("try", self.tried.then_some("1"));
        put("name", self.name.as_deref());
        put("description", self.description.as_deref());
        put("version", self.version.map(|it| it.to_string()).as_deref());
        put("cursor", cursor);
        for permission in &self.permissions {
            query.insert_decoded("permission", permission.clone());
        }
        format!("/o/{slug}/roles{}", query.to_query_string())
    }
}
