//! `/o/:slug/usage`: what was spent by day and by dimension, and what will have been. Time and dimension are in the address.

use domain::identity::Viewer;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::super::{
    api::{list_limits, read_forecast, read_usage},
    parts::{SpendFrame, frame::organization_in_address, outlook, spend_banner, used},
    words,
};
use crate::{
    frame::refused,
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
    let limits = Resource::new(move || slug.get(), list_limits);
    let page = move |_: Viewer| {
        let content = move || {
            let (slug, address) = (slug.get(), address.get());
            Suspend::new(async move {
                match (report.await, forecast.await, limits.await) {
                    (Ok(report), Ok(forecast), Ok(limits)) => view! {
                        {spend_banner(&limits, &slug)} {outlook(&forecast)} {used(report, &address)}
                    }
                    .into_any(),
                    (Err(problem), ..) | (_, Err(problem), _) | (.., Err(problem)) => refused(&problem),
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
    view! { <SpendFrame title="Usage" lead=words::USAGE_LEAD page/> }
}
