//! A fresh proof by a connected provider, beside the password or in its place.

use domain::federation::Offered;
use leptos::prelude::*;

use super::doors::start;
use crate::{
    federation::words,
    ui::{LinkButton, this_page},
};

/// The id of what is drawn.
pub const ELSEWHERE: &str = "step-up-elsewhere";

/// One link for each connected provider; nothing where a password is all there is.
#[component]
pub fn ProofElsewhere(
    /// The connected providers.
    providers: Vec<Offered>,
    /// Whether something else proves it as well.
    has_password: bool,
) -> impl IntoView {
    let here = this_page();
    let is_empty = providers.is_empty() && has_password;
    (!is_empty).then(|| links(providers, has_password, &here))
}

fn links(providers: Vec<Offered>, has_password: bool, here: &str) -> AnyView {
    let why = if providers.is_empty() { words::NO_PROOF } else { words::NO_PASSWORD };
    let links = providers
        .into_iter()
        .map(|Offered { id, name }| {
            let href = start(&id, &[("prove", "1"), ("next", here)]);
            view! {
                <a class="btn btn-secondary" href=href rel="external">
                    <span>"Confirm with " {name}</span>
                </a>
            }
        })
        .collect_view();
    let no_password = (!has_password).then(|| {
        view! {
            <p>{why}</p>
            <LinkButton href="/forgot-password">"Set a password"</LinkButton>
        }
    });
    view! {
        <div class="grid justify-items-start gap-3" id=ELSEWHERE tabindex="-1">
            {links}
            {no_password}
        </div>
    }
    .into_any()
}
