//! `/o/:slug/members`: who belongs to an organization, who is invited, and many at once. Filters, page and the open member are
//! in the address.

use domain::{
    Page,
    identity::Viewer,
    organizations::{MemberRow, OrganizationDetail, RoleRef},
};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    frame::{ConfirmItIsYou, refused},
    organizations::{
        member_api::{assignable_roles, list_invitations, list_members},
        parts::{
            BulkCard, Membership, OrganizationFrame, RESULTS, invitations_card, member_filters, member_list,
            member_panel, organization_in_address,
        },
    },
    ui::{Address, Skeleton, browser},
};

/// What of the query is a filter or a place in the list.
const PARAMETERS: [&str; 3] = ["q", "role", "cursor"];

/// The list of members and what can be done to it.
#[component]
pub fn MembersPage() -> impl IntoView {
    let (query, slug) = (use_query_map(), organization_in_address());
    let address = Memo::new(move |_| {
        query.with(|query| Address::of(format!("/o/{}/members", slug.get()), query, &PARAMETERS))
    });
    let opened = Memo::new(move |_| query.with(|query| query.get("member")));
    let membership = Membership::new();
    let (changes, invited) = (membership.changes(), membership.invited());
    let members = Resource::new(
        move || (slug.get(), address.get(), changes.get()),
        |(slug, address, _)| {
            list_members(slug, address.get("q"), address.get("role"), None, address.get("cursor"))
        },
    );
    let roles = Resource::new(move || (slug.get(), changes.get()), |(slug, _)| assignable_roles(slug));
    let waiting = Resource::new(
        move || (slug.get(), invited.get()),
        |(slug, _)| list_invitations(slug, Some(100), None),
    );
    Effect::new(move |before: Option<Address>| {
        let now = address.get();
        if before.is_some_and(|before| before != now) {
            browser::focus_soon(RESULTS.into());
        }
        now
    });
    let page = move |viewer: Viewer, organization: OrganizationDetail| {
        let proof = viewer.step_up.clone();
        let ask = move || {
            let proof = proof.clone();
            let on_success = move |()| membership.forget_refusals();
            let card = || view! { <ConfirmItIsYou action=membership.step_up proof on_success/> }.into_any();
            membership.needs_proof().then(card)
        };
        let lists = move || {
            let (viewer, organization, address, opened) =
                (viewer.clone(), organization.clone(), address.get(), opened.get());
            Suspend::new(async move {
                match (members.await, roles.await, waiting.await) {
                    (Ok(page), Ok(roles), Ok(waiting)) => {
                        let panel =
                            panel(&viewer, &organization, &page, &roles, opened, &address, membership);
                        view! {
                            {panel} {member_filters(&address, &roles.items)}
                            {member_list(&viewer, &organization, page, &address)}
                            {invitations_card(&organization, waiting, &roles.items, membership)}
                            <BulkCard organization roles=roles.items membership/>
                        }
                        .into_any()
                    }
                    (Err(problem), ..) | (_, Err(problem), _) | (.., Err(problem)) => refused(&problem),
                }
            })
        };
        view! {
            {membership.said()} {ask.into_any()}
            <Transition strict=true fallback=|| view! { <Skeleton lines=8/> }>
                {lists}
            </Transition>
        }
        .into_any()
    };
    view! { <OrganizationFrame title="Members" page/> }
}

/// The member in the address, if they are on this page of the list.
fn panel(
    viewer: &Viewer,
    organization: &OrganizationDetail,
    page: &Page<MemberRow>,
    roles: &Page<RoleRef>,
    opened: Option<String>,
    address: &Address,
    membership: Membership,
) -> Option<AnyView> {
    let id = uuid::Uuid::parse_str(&opened?).ok()?;
    let member = page.items.iter().find(|member| member.user_id == id)?;
    Some(member_panel(viewer, organization, member, &roles.items, address, membership))
}
