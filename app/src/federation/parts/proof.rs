//! A fresh proof by a connected provider, beside the password.

use domain::federation::{Offered, Proofs};
use leptos::prelude::*;
use leptos_router::hooks::use_location;

use super::doors::start;
use crate::{
    federation::{api::list_proofs, words},
    ui::LinkButton,
};

/// One link for each connected provider; nothing where there is none.
#[component]
pub fn ProofElsewhere() -> impl IntoView {
    let proofs = Resource::new(|| (), |()| list_proofs());
    let here = use_location();
    let here = format!("{}{}", here.pathname.get_untracked(), here.search.get_untracked());
    view! {
        <Suspense strict=true fallback=|| ()>
            {move || {
                let here = here.clone();
                Suspend::new(async move {
                    match proofs.await {
                        Ok(proofs) => links(proofs, &here),
                        Err(_) => ().into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

fn links(proofs: Proofs, here: &str) -> AnyView {
    let Proofs { has_password, items } = proofs;
    if items.is_empty() && has_password {
        return ().into_any();
    }
    let links = items
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
            <p>{words::NO_PASSWORD}</p>
            <LinkButton href="/forgot-password">"Set a password"</LinkButton>
        }
    });
    view! {
        <div class="mt-4 grid justify-items-start gap-3">
            {links}
            {no_password}
        </div>
    }
    .into_any()
}
