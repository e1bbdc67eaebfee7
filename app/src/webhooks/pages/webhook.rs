//! `/admin/webhooks/<id>`: one webhook, what can be done to it, and what was sent to it. Filter, page and the open delivery
//! are in the address.

use domain::{identity::Viewer, webhooks::DeliveryDetail};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use crate::{
    error::Problem,
    frame::{ConfirmItIsYou, Inside, refused},
    ui::{Address, PageHeader, Skeleton, browser, focus_follows},
    webhooks::{
        api::{list_deliveries, read_delivery, read_webhook},
        parts::{
            PEEK, ShownOnce, Tending, acts, deliveries,
            deliveries::{RESULTS, replay_failed},
            health, peek,
        },
        words,
    },
};

/// What of the query is a filter or a place in the list.
const PARAMETERS: [&str; 2] = ["state", "cursor"];

/// Everything about one webhook.
#[component]
pub fn WebhookPage() -> impl IntoView {
    let (parameters, query) = (use_params_map(), use_query_map());
    let id = Memo::new(move |_| parameters.with(|all| all.get("id")).unwrap_or_default());
    let address = Memo::new(move |_| {
        query.with(|query| Address::of(format!("/admin/webhooks/{}", id.get()), query, &PARAMETERS))
    });
    let peeked = Memo::new(move |_| query.with(|query| query.get("delivery")));
    let tending = Tending::new();
    let (changes, sent) = (tending.changes(), tending.sent());
    let webhook = Resource::new(move || (id.get(), changes.get(), sent.get()), |(id, ..)| read_webhook(id));
    let list = Resource::new(
        move || (id.get(), address.get(), sent.get()),
        |(id, address, _)| list_deliveries(id, address.get("state"), None, address.get("cursor")),
    );
    let detail = Resource::new(move || (peeked.get(), sent.get()), |(id, _)| read_peeked(id));
    follow(address, peeked);
    let fresh = Memo::new(move |_| tending.made());
    let page = move |viewer: Viewer| {
        let proof = viewer.step_up.clone();
        let ask = move || {
            let proof = proof.clone();
            let on_success = move |()| tending.forget_refusals();
            let card = || view! { <ConfirmItIsYou action=tending.step_up proof on_success/> }.into_any();
            tending.needs_proof().then(card)
        };
        let panel = move || {
            let address = address.get();
            Suspend::new(async move { detail.await.map(|detail| peek(detail, &address, &tending)) })
        };
        let content = move || {
            let (viewer, address) = (viewer.clone(), address.get());
            Suspend::new(async move {
                match (webhook.await, list.await) {
                    (Ok(webhook), Ok(page)) => view! {
                        {health(&webhook)}
                        {acts(&viewer, &webhook, &tending)}
                        {replay_failed(&webhook, &tending)}
                        {deliveries(page, &address)}
                    }
                    .into_any(),
                    (Err(problem), _) | (_, Err(problem)) => refused(&problem),
                }
            })
        };
        view! {
            <PageHeader title="Webhook" lead=words::ONE_LEAD/>
            <div class="stack">
                {tending.said()} {move || fresh.get().map(|made| view! { <ShownOnce made/> })} {ask.into_any()}
                <Transition strict=true>{panel}</Transition>
                <Transition strict=true fallback=|| view! { <Skeleton lines=8/> }>
                    {content}
                </Transition>
            </div>
        }
        .into_any()
    };
    view! { <Inside page/> }
}

/// Moves the focus to what the address asks for.
fn follow(address: Memo<Address>, peeked: Memo<Option<String>>) {
    focus_follows(address, RESULTS);
    Effect::new(move |_| {
        if peeked.with(Option::is_some) {
            browser::focus_soon(PEEK.into());
        }
    });
}

async fn read_peeked(id: Option<String>) -> Option<Result<DeliveryDetail, Problem>> {
    Some(read_delivery(id?).await)
}
