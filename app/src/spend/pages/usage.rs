//! `/o/:slug/usage`: what was spent by day and by dimension, and what will have been. Time and dimension are in the address.

use domain::{identity::Viewer, organizations::OrganizationDetail};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    frame::refused,
    organizations::parts::{OrganizationFrame, frame::organization_in_address},
    spend::{
        api::{read_forecast, read_usage},
        parts::{outlook, used},
        words,
    },
    ui::{Address, Skeleton},
};

/// What of the query is a filter.
const PARAMETERS: [&str; 3] = ["dimension", "from", "to"];

/// The page.
#[component]
pub fn UsagePage() -> impl IntoView {
    let (slug, query) = (organization_in_address(), use_query_map());
    let address = Memo::new(move |_| {
        query.with(|query| Address::of(format!("/o/{}/usage", slug.get()), query, &PARAMETERS))
    });
    let report = Resource::new(
        move || (slug.get(), address.get()),
        |(slug, address)| read_usage(slug, address.get("from"), address.get("to"), address.get("dimension")),
    );
    let forecast = Resource::new(move || slug.get(), read_forecast);
    let page = move |_: Viewer, _: OrganizationDetail| {
        let content = move || {
            let address = address.get();
            Suspend::new(async move {
                match (report.await, forecast.await) {
                    (Ok(report), Ok(forecast)) => view! {
                        {outlook(&forecast)} {used(report, &address)}
                    }
                    .into_any(),
                    (Err(problem), _) | (_, Err(problem)) => refused(&problem),
                }
            })
        };
        view! {
            <p class="page-lead">{words::USAGE_LEAD}</p>
            <Transition strict=true fallback=|| view! { <Skeleton lines=8/> }>
                {content}
            </Transition>
        }
        .into_any()
    };
    view! { <OrganizationFrame title="Usage" page=move |(viewer, organization)| page(viewer, organization)/> }
}
