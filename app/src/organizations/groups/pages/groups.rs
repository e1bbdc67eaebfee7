//! `/o/<slug>/groups`: the tree, and the group that is open. Which one is in the address.

use domain::{
    Page,
    identity::Viewer,
    organizations::{
        OrganizationDetail,
        groups::{FoundGroup, GroupMember},
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    error::Problem,
    frame::{ConfirmItIsYou, refused},
    organizations::{
        groups::{
            api::{find_groups, list_group_members, read_group},
            parts::{Arranging, OPEN, Shown, create_form, open_group, search, tree},
            words,
        },
        parts::{OrganizationFrame, frame::organization_in_address},
    },
    ui::{Address, Skeleton, browser},
};

/// What of the query is a place in the page.
const PARAMETERS: [&str; 4] = ["group", "cursor", "q", "from"];
/// How many groups a list has, and a choice.
const MOST: u16 = 100;

/// The tree of groups.
#[component]
pub fn GroupsPage() -> impl IntoView {
    let (slug, query) = (organization_in_address(), use_query_map());
    let address = Memo::new(move |_| {
        query.with(|query| Address::of(format!("/o/{}/groups", slug.get()), query, &PARAMETERS))
    });
    let arranging = Arranging::new();
    let (tree_changes, people_changes) = (arranging.tree_changes(), arranging.people_changes());
    let groups = Resource::new(
        move || (slug.get(), address.get(), tree_changes.get(), people_changes.get()),
        |(slug, address, ..)| read_groups(slug, address),
    );
    let open = Resource::new(
        move || (slug.get(), address.get(), tree_changes.get(), people_changes.get()),
        |(slug, address, ..)| read_open(slug, address),
    );
    follow(address);
    let page = move |viewer: Viewer, _: OrganizationDetail| {
        let proof = viewer.step_up;
        let ask = move || {
            let proof = proof.clone();
            let on_success = move |()| arranging.forget_refusals();
            let card = || view! { <ConfirmItIsYou action=arranging.step_up proof on_success/> }.into_any();
            arranging.needs_proof().then(card)
        };
        let content = move || {
            let (slug, address) = (slug.get(), address.get());
            Suspend::new(async move {
                match (groups.await, open.await) {
                    (Ok(groups), open) => whole(groups, open, &slug, &address, &arranging),
                    (Err(problem), _) => refused(&problem),
                }
            })
        };
        view! {
            <div class="stack">
                <p class="page-lead">{words::LEAD}</p>
                {arranging.said()} {ask.into_any()}
                <Transition strict=true fallback=|| view! { <Skeleton lines=8/> }>
                    {content}
                </Transition>
            </div>
        }
        .into_any()
    };
    view! { <OrganizationFrame title="Groups" page/> }
}

/// The groups that are listed, and those that can be chosen.
type Groups = (Page<FoundGroup>, Page<FoundGroup>);
/// The group that is open, and who is in it.
type Open = Option<Result<(FoundGroup, Page<GroupMember>), Problem>>;

fn whole(groups: Groups, open: Open, slug: &str, address: &Address, arranging: &Arranging) -> AnyView {
    let (listed, choices) = groups;
    let (open, people, refusal) = match open {
        Some(Ok((group, people))) => (Some(group), Some(people), None),
        Some(Err(problem)) => (None, None, Some(refused(&problem))),
        None => (None, None, None),
    };
    let shown = Shown { open: open.as_ref(), choices: &choices, slug, address };
    let panel = open.as_ref().zip(people).map(|(group, people)| open_group(group, people, &shown, arranging));
    view! {
        {refusal}
        {panel}
        {search(&shown)}
        {tree(listed, &shown, arranging)}
        {create_form(&shown, arranging)}
    }
    .into_any()
}

/// Moves the focus to the group that was opened.
fn follow(address: Memo<Address>) {
    Effect::new(move |before: Option<Option<String>>| {
        let now = address.with(|address| address.get("group"));
        if before.is_some_and(|before| before != now) && now.is_some() {
            browser::focus_soon(OPEN.into());
        }
        now
    });
}

async fn read_groups(slug: String, address: Address) -> Result<Groups, Problem> {
    let q = address.get("q");
    // What is looked for is looked for everywhere; else one place of the tree is shown.
    let place = q.is_none().then(|| address.get("group").unwrap_or_else(|| "top".to_owned()));
    let listed = find_groups(slug.clone(), q.clone(), place, Some(MOST), address.get("from")).await?;
    let choices = find_groups(slug, q, None, Some(MOST), None).await?;
    Ok((listed, choices))
}

async fn read_open(slug: String, address: Address) -> Open {
    let id = address.get("group")?;
    let group = match read_group(slug.clone(), id.clone()).await {
        Ok(group) => group,
        Err(problem) => return Some(Err(problem)),
    };
    let people = list_group_members(slug, id, None, address.get("cursor")).await;
    Some(people.map(|people| (group, people)))
}
