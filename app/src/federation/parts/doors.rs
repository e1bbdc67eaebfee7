//! The buttons of the providers at the door. Absent where none is configured.

use domain::federation::Offered;
use leptos::prelude::*;
use leptos_router::params::ParamsMap;

use crate::ui::browser;

/// One link for each provider, below the form for a password.
#[component]
pub fn ProviderDoors(
    /// The page somebody is going to.
    #[prop(optional_no_strip)]
    next: Option<String>,
) -> impl IntoView {
    let offered = browser::sign_in_providers();
    (!offered.is_empty()).then(|| links(offered, next.as_deref()))
}

fn links(offered: Vec<Offered>, next: Option<&str>) -> AnyView {
    let links = offered
        .into_iter()
        .map(|Offered { id, name }| {
            let href = start(&id, &[("next", next.unwrap_or_default())]);
            // `external`: the way leads to another site, and the router must not take it for a page.
            view! {
                <a class="btn btn-secondary btn-wide" href=href rel="external">
                    <span>"Continue with " {name}</span>
                </a>
            }
        })
        .collect_view();
    view! {
        <section class="grid grid-cols-1 gap-3" aria-label="Other ways to sign in">
            <p class="text-center text-sm text-muted">"or"</p>
            {links}
        </section>
    }
    .into_any()
}

/// The way to a provider, with the parameters that say something.
pub(super) fn start(id: &str, parameters: &[(&'static str, &str)]) -> String {
    let mut query = ParamsMap::new();
    for (name, value) in parameters.iter().filter(|(_, value)| !value.is_empty()) {
        query.insert_decoded(*name, (*value).to_owned());
    }
    format!("/auth/{id}/start{}", query.to_query_string())
}

#[cfg(test)]
mod tests {
    use super::start;

    #[test]
    fn a_way_carries_what_comes_after_it() {
        assert_eq!(start("google", &[("next", "")]), "/auth/google/start");
        assert_eq!(start("google", &[("next", "/a?b=c")]), "/auth/google/start?next=%2Fa%3Fb%3Dc");
    }
}
