//! `/o/:slug/limits`: every budget with its meter, another cap, and why a call was billed.

use domain::{identity::Viewer, spend::Explained};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    error::Problem,
    frame::refused,
    spend::{
        api::{explain, list_limits},
        parts::{
            Budgeting, CHANGE, SpendFrame, change_card, explain_card, frame::organization_in_address, meters, new_limit_card,
            spend_banner,
        },
        words,
    },
    ui::{Skeleton, browser},
};

/// The page.
#[component]
pub fn LimitsPage() -> impl IntoView {
    let (slug, query) = (organization_in_address(), use_query_map());
    let asked = Memo::new(move |_| query.with(|query| query.get("event_id")).filter(|text| !text.is_empty()));
    let chosen = Memo::new(move |_| query.with(|query| query.get("limit")).filter(|text| !text.is_empty()));
    let budgeting = Budgeting::new();
    let changes = budgeting.changes();
    let limits = Resource::new(move || (slug.get(), changes.get()), |(slug, _)| list_limits(slug));
    let answer = Resource::new(move || (slug.get(), asked.get()), |(slug, event)| explained(slug, event));
    Effect::new(move |_| {
        if chosen.with(Option::is_some) {
            browser::focus_soon(CHANGE.into());
        }
    });
    let page = move |_: Viewer| {
        let content = move || {
            let (slug, asked, chosen) = (slug.get(), asked.get(), chosen.get());
            Suspend::new(async move {
                match (limits.await, answer.await) {
                    (Ok(limits), answer) => {
                        let of = limits.items.iter().find(|it| Some(it.id.to_string()) == chosen);
                        let change = of.filter(|_| limits.may_update).map(|it| change_card(it, &slug, budgeting));
                        let more = limits.may_update.then(|| new_limit_card(&slug, budgeting));
                        view! {
                            {spend_banner(&limits, &slug)} {change} {meters(&limits, &slug)} {more}
                            {explain_card(asked, answer)}
                        }
                        .into_any()
                    }
                    (Err(problem), _) => refused(&problem),
                }
            })
        };
        view! {
            {budgeting.said()}
            <Transition strict=true fallback=|| view! { <Skeleton lines=8/> }>
                {content}
            </Transition>
        }
        .into_any()
    };
    view! { <SpendFrame title="Budgets" lead=words::LIMITS_LEAD page/> }
}

async fn explained(slug: String, event: Option<String>) -> Option<Result<Explained, Problem>> {
    Some(explain(slug, event?).await)
}
