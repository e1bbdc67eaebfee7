//! `/o/<slug>/groups`: the tree, and the group that is open. Which one is in the address.

use domain::{
    Page,
    identity::Viewer,
    organizations::{
        OrganizationDetail,
        groups::{Group, GroupMember},
    },
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    error::Problem,
    frame::refused,
    organizations::{
        groups::{
            api::{list_group_members, list_groups},
            parts::{Arranging, OPEN, create_form, open_group, tree},
            words,
        },
        parts::{OrganizationFrame, frame::organization_in_address},
    },
    ui::{Address, Skeleton, browser},
};

/// What of the query is a place in the page.
const PARAMETERS: [&str; 2] = ["group", "cursor"];

/// The tree of groups.
#[component]
pub fn GroupsPage() -> impl IntoView {
    let (slug, query) = (organization_in_address(), use_query_map());
    let address =
        Memo::new(move |_| query.with(|query| Address::of(format!("/o/{}/groups", slug.get()), query, &PARAMETERS)));
    let arranging = Arranging::new();
    let (tree_changes, people_changes) = (arranging.tree_changes(), arranging.people_changes());
    let groups = Resource::new(
        move || (slug.get(), tree_changes.get(), people_changes.get()),
        |(slug, ..)| list_groups(slug),
    );
    let people = Resource::new(
        move || (slug.get(), address.get(), people_changes.get()),
        |(slug, address, _)| read_people(slug, address),
    );
    follow(address);
    let page = move |_: Viewer, _: OrganizationDetail| {
        let content = move || {
            let (slug, address) = (slug.get(), address.get());
            Suspend::new(async move {
                match (groups.await, people.await) {
                    (Ok(groups), people) => whole(&groups.items, people, &slug, &address, &arranging),
                    (Err(problem), _) => refused(&problem),
                }
            })
        };
        view! {
            <div class="stack">
                <p class="page-lead">{words::LEAD}</p>
                {arranging.said()}
                <Transition strict=true fallback=|| view! { <Skeleton lines=8/> }>
                    {content}
                </Transition>
            </div>
        }
        .into_any()
    };
    view! { <OrganizationFrame title="Groups" page/> }
}

type People = Option<Result<Page<GroupMember>, Problem>>;

fn whole(groups: &[Group], people: People, slug: &str, address: &Address, arranging: &Arranging) -> AnyView {
    let open = address.get("group");
    let open = open.and_then(|id| groups.iter().find(|group| group.id.to_string() == id));
    let panel = match (open, people) {
        (Some(group), Some(Ok(page))) => Some(open_group(group, groups, page, slug, address, arranging)),
        (_, Some(Err(problem))) => Some(refused(&problem)),
        _ => None,
    };
    view! {
        {panel}
        {tree(groups, slug, address, arranging)}
        {create_form(groups, slug, arranging)}
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

async fn read_people(slug: String, address: Address) -> People {
    Some(list_group_members(slug, address.get("group")?, None, address.get("cursor")).await)
}
