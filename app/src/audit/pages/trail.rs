//! `/admin/audit-logs`: what happened, the newest first, and the proof that nobody tampered with it.

use domain::{Page, audit::Entry, identity::Viewer, values::LocalTime};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    audit::{
        api::{VerifyChain, list_entries, read_entry},
        parts::{ChainCheck, PEEK, copies, entries, peek, trail_filters},
    },
    error::Problem,
    frame::{Inside, refused},
    ui::{Address, FormAction, PageHeader, Skeleton, browser, focus_follows, tell_time_as, times_done},
};

/// What of the query is a filter or a place in the list.
const PARAMETERS: [&str; 6] = ["actor", "action", "target", "from", "to", "cursor"];

/// The id of the line that says how many there are; after a filter the focus goes there.
const RESULTS: &str = "trail-results";

/// The audit trail.
#[component]
pub fn AuditPage() -> impl IntoView {
    let query = use_query_map();
    let address =
        Memo::new(move |_| query.with(|query| Address::of("/admin/audit-logs", query, &PARAMETERS)));
    let peeked = Memo::new(move |_| query.with(|query| query.get("entry")));
    let entry = Resource::new(move || peeked.get(), read_peeked);
    let check = FormAction::<VerifyChain>::new();
    // A check is written into the trail as well.
    let checked = times_done(check);
    let trail = Resource::new(move || (address.get(), checked.get()), |(address, _)| read(address));
    focus_follows(address, RESULTS);
    Effect::new(move |_| {
        if peeked.with(Option::is_some) {
            browser::focus_soon(PEEK.into());
        }
    });
    let page = move |_: Viewer| {
        // As in its files and in the log, with which it is compared.
        tell_time_as(LocalTime::default());
        let panel = move || {
            let address = address.get();
            Suspend::new(async move { entry.await.map(|entry| peek(entry, &address)) })
        };
        let panel = view! { <Transition strict=true>{panel}</Transition> };
        let list = move || {
            let address = address.get();
            Suspend::new(async move {
                match trail.await {
                    Ok(page) => {
                        view! { {copies(&address)} {entries(page, &address)} <ChainCheck action=check/> }
                            .into_any()
                    }
                    Err(problem) => refused(&problem),
                }
            })
        };
        let list = view! {
            <Transition strict=true fallback=|| view! { <Skeleton lines=8/> }>
                {list}
            </Transition>
        };
        view! {
            <PageHeader title="Audit trail" lead="Every act on this server, the newest first. Times are in UTC."/>
            <div class="stack">
                {move || trail_filters(&address.get())} {panel.into_any()} {list.into_any()}
            </div>
        }
        .into_any()
    };
    view! { <Inside page/> }
}

async fn read_peeked(seq: Option<String>) -> Option<Result<Entry, Problem>> {
    Some(read_entry(seq?).await)
}

async fn read(address: Address) -> Result<Page<Entry>, Problem> {
    let [actor, action, target, from, to, cursor] = PARAMETERS.map(|name| address.get(name));
    list_entries(actor, action, target, from, to, None, cursor).await
}
