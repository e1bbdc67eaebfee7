//! `/o/:slug/limits`: every budget with its meter, another cap, and why a call was billed.

use domain::{identity::Viewer, organizations::OrganizationDetail, spend::Explained};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    error::Problem,
    frame::refused,
    organizations::parts::{OrganizationFrame, frame::organization_in_address},
    spend::{
        api::{explain, list_limits},
        parts::{Budgeting, CHANGE, change_card, explain_card, meters, new_limit_card},
        words,
    },
    ui::{Skeleton, browser},
};

/// The page.
#[component]
pub fn LimitsPage() -> impl IntoView {
    let (slug, query) = (organization_in_address(), use_query_map());
    let parameter = move |name: &'static str| {
        Memo::new(move |_| query.with(|query| query.get(name)).filter(|text| !text.is_empty()))
    };
    let (asked, chosen) = (parameter("event_id"), parameter("limit"));
    let budgeting = Budgeting::new();
    let changed = budgeting.changes();
    let limits = Resource::new(move || (slug.get(), changed.get()), |(slug, _)| list_limits(slug));
    let answer = Resource::new(move || (slug.get(), asked.get()), |(slug, event)| explained(slug, event));
    Effect::new(move |_| {
        if chosen.with(Option::is_some) {
            browser::focus_soon(CHANGE.into());
        }
    });
    let page = move |_: Viewer, _: OrganizationDetail| {
        let content = move || {
            let (slug, asked, chosen) = (slug.get(), asked.get(), chosen.get());
            Suspend::new(async move {
                match (limits.await, answer.await) {
                    (Ok(limits), answer) => {
                        let of = limits.items.iter().find(|it| Some(it.id.to_string()) == chosen);
                        let change =
                            of.filter(|_| limits.may_update).map(|it| change_card(it, &slug, budgeting));
                        let more = limits.may_update.then(|| new_limit_card(&slug, budgeting));
                        view! {
                            {change} {meters(&limits, &slug)} {more} {explain_card(asked, answer, &slug)}
                        }
                        .into_any()
                    }
                    (Err(problem), _) => refused(&problem),
                }
            })
        };
        view! {
            <p class="page-lead">{words::LIMITS_LEAD}</p>
            {budgeting.said()}
            <Transition strict=true fallback=|| view! { <Skeleton lines=8/> }>
                {content}
            </Transition>
        }
        .into_any()
    };
    view! {
        <OrganizationFrame
            title="Budgets"
            changed
            page=move |(viewer, organization)| page(viewer, organization)
        />
    }
}

async fn explained(slug: String, event: Option<String>) -> Option<Result<Explained, Problem>> {
    Some(explain(slug, event?).await)
}
