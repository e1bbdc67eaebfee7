//! The table of members, and what narrows it down.

use domain::{
    Page,
    identity::Viewer,
    organizations::{MemberRow, OrganizationDetail, RoleRef},
};
use leptos::prelude::*;

use super::{role_badges, role_options};
use crate::ui::{
    Address, Badge, Cell, Column, EmptyState, Field, FilterBar, Glyph, LinkButton, Pagination, Row, Select,
    Table, TextInput, TimeText,
};

/// The id of the line that says how many there are; after a filter the focus goes there.
pub const RESULTS: &str = "member-results";

/// The filters, showing what the address says.
pub fn member_filters(address: &Address, roles: &[RoleRef]) -> AnyView {
    let bare = Address::with(address, "q", "").with("role", "").with("cursor", "").href();
    let [q, role] = ["q", "role"].map(|name| address.get(name).unwrap_or_default());
    let reset = (!address.is_bare()).then(|| bare.clone());
    let mut options = vec![(String::new(), "Any role".to_owned())];
    options.extend(role_options(roles));
    // Whoever may give none still finds what an address names.
    if !role.is_empty() && !options.iter().any(|(name, _)| *name == role) {
        options.push((role.clone(), role.clone()));
    }
    view! {
        <FilterBar action=bare label="Members" reset>
            <Field name="q" label="Address or name">
                <TextInput kind="search" value=q maxlength=254/>
            </Field>
            <Field name="role" label="Role">
                <Select options value=role/>
            </Field>
        </FilterBar>
    }
    .into_any()
}

/// The rows of this page, and the way to the next.
pub fn member_list(
    viewer: &Viewer,
    organization: &OrganizationDetail,
    page: Page<MemberRow>,
    address: &Address,
) -> AnyView {
    let Page { items, next_cursor } = page;
    if items.is_empty() {
        let bare = format!("/o/{}/members", organization.slug);
        let action = view! { <LinkButton href=bare>"Show everybody"</LinkButton> }.into_any();
        let text = "No member fits these filters. Look for a part of the address or of the name.";
        return view! { <EmptyState glyph=Glyph::Search title="Nobody found" text action/> }.into_any();
    }
    let summary = match items.len() {
        1 => "1 member on this page".to_owned(),
        many => format!("{many} members on this page"),
    };
    let first = address.get("cursor").map(|_| address.with("cursor", "").href());
    let next = next_cursor.map(|cursor| address.with("cursor", &cursor).href());
    let may_change = organization.may("roles:assign") || organization.may("members:remove");
    let rows = items.into_iter().map(|member| row(viewer, member, may_change, address)).collect_view();
    let columns = ["Member", "Roles", "Since"].map(Column::new).into_iter();
    let columns = columns.chain([Column::unlabelled("Actions")]).collect();
    view! {
        <p class="sr-only" id=RESULTS tabindex="-1">
            {summary.clone()}
        </p>
        <Table caption=format!("Members: {summary}") columns>
            {rows}
        </Table>
        <Pagination first next summary/>
    }
    .into_any()
}

fn row(viewer: &Viewer, member: MemberRow, may_change: bool, address: &Address) -> AnyView {
    let is_viewer = member.user_id == viewer.id;
    let href = address.with("member", &member.user_id.to_string()).href();
    let whom = member.email.clone();
    let change = may_change.then(|| {
        view! {
            <LinkButton href>
                "Change"
                <span class="sr-only">" " {whom}</span>
            </LinkButton>
        }
    });
    let MemberRow { email, display_name, roles, joined_at, .. } = member;
    let (name, below) = if display_name.is_empty() { (email, None) } else { (display_name, Some(email)) };
    view! {
        <Row>
            <Cell label="">
                <p class="table-main wrap-anywhere">
                    {name} {is_viewer.then(|| view! { " " <Badge text="You"/> })}
                </p>
                {below.map(|email| view! { <p class="table-sub">{email}</p> })}
            </Cell>
            <Cell label="Roles">{role_badges(roles)}</Cell>
            <Cell label="Since">
                <TimeText at=joined_at/>
            </Cell>
            <Cell label="">{change}</Cell>
        </Row>
    }
    .into_any()
}
