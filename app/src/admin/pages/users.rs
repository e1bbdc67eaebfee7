//! `/admin/users`: finds people, locks and unlocks them, one or several. Filters, page and the open question are in the address.

use domain::{Page, admin::UserRow, identity::Viewer};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    admin::{
        api::{LockUser, UnlockUser, list_users},
        parts::{Bulk, Locking, Question, Said, people, people_filters},
    },
    error::Problem,
    frame::{ConfirmItIsYou, Inside, forget_refusal, is_stale, refused, was_stale},
    identity::api::StepUp,
    ui::{Address, FormAction, PageHeader, Skeleton, focus_follows, times_done},
};

/// What of the query is a filter or a place in the list.
const PARAMETERS: [&str; 7] = ["q", "role", "status", "second_factor", "seen", "sort", "cursor"];

/// The id of the line that says how many there are; after a filter the focus goes there.
const RESULTS: &str = "people-results";

/// The list of people.
#[component]
pub fn UsersPage() -> impl IntoView {
    let query = use_query_map();
    let address = Memo::new(move |_| query.with(|query| Address::of("/admin/users", query, &PARAMETERS)));
    let question = Memo::new(move |_| query.with(Question::asked_by));
    let locking = Locking { lock: FormAction::<LockUser>::new(), unlock: FormAction::<UnlockUser>::new() };
    let step_up = FormAction::<StepUp>::new();
    let stale = RwSignal::new(was_stale::<UnlockUser>());
    let said = Said::after(locking, question.get_untracked());
    let bulk = Bulk::new();
    let times = [times_done(locking.lock), times_done(locking.unlock), times_done(bulk.lock)];
    let changes = move || times.iter().map(|times| times.get()).sum::<usize>();
    let users = Resource::new(move || (address.get(), changes()), |(address, _)| read(address));
    focus_follows(address, RESULTS);
    let page = move |viewer: Viewer| {
        let proof = viewer.step_up.clone();
        let ask = move || {
            let proof = proof.clone();
            let on_success = move |()| {
                stale.set(false);
                forget_refusal(locking.unlock);
            };
            let card = || view! { <ConfirmItIsYou action=step_up proof on_success/> }.into_any();
            (is_stale(locking.unlock) || stale.get()).then(card)
        };
        let list = move || {
            let (address, question, viewer) =
                (address.get(), said.still_open(question.get()), viewer.clone());
            Suspend::new(async move {
                match users.await {
                    Ok(page) => people(&viewer, page, &address, question, locking, bulk),
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
            <PageHeader title="People" lead="Everybody with an account on this server."/>
            <div class="stack">
                {said.view()} {ask.into_any()} {move || people_filters(&address.get())} {list.into_any()}
            </div>
        }
        .into_any()
    };
    view! { <Inside page/> }
}

async fn read(address: Address) -> Result<Page<UserRow>, Problem> {
    let [q, role, status, second_factor, seen, sort, cursor] = PARAMETERS.map(|name| address.get(name));
    list_users(q, role, status, second_factor, seen, sort, None, cursor).await
}
