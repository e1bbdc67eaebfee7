//! `/admin/users/<id>`: one person, and how to help them.

use domain::identity::Viewer;
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::{
    admin::{
        api::read_user,
        parts::{Helping, person},
    },
    frame::{Inside, refused},
    ui::{PageHeader, Skeleton},
};

/// Everything about one person.
#[component]
pub fn PersonPage() -> impl IntoView {
    let parameters = use_params_map();
    let id = Memo::new(move |_| parameters.with(|all| all.get("id")).unwrap_or_default());
    let helping = Helping::new();
    let changes = helping.changes();
    let detail = Resource::new(move || (id.get(), changes.get()), |(id, _)| read_user(id));
    let page = move |viewer: Viewer| {
        let content = move || {
            let viewer = viewer.clone();
            Suspend::new(async move {
                match detail.await {
                    Ok(detail) => person(&viewer, detail, &helping),
                    Err(problem) => {
                        let why = refused(&problem);
                        view! {
                            <PageHeader title="Account"/>
                            {why}
                        }
                        .into_any()
                    }
                }
            })
        };
        view! {
            <Transition strict=true fallback=|| view! { <Skeleton lines=8/> }>
                {content}
            </Transition>
        }
        .into_any()
    };
    view! { <Inside page/> }
}
