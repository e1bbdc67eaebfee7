//! `/admin/organizations`: every organization of the site and who owns it.

use domain::{Page, identity::Viewer, organizations::StaffOrganization};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    frame::{Inside, refused},
    organizations::api::all_organizations,
    ui::{
        Address, Badge, Cell, Column, EmptyState, Field, FilterBar, Glyph, LinkButton, PageHeader,
        Pagination, Row, Select, Skeleton, Table, TextInput, TimeText, browser,
    },
};

/// What of the query is a filter or a place in the list.
const PARAMETERS: [&str; 3] = ["q", "kind", "cursor"];
const HERE: &str = "/admin/organizations";
/// The id of the line that says how many there are; after a filter the focus goes there.
const RESULTS: &str = "organization-results";

/// The list for those who look after the site.
#[component]
pub fn EveryOrganizationPage() -> impl IntoView {
    let query = use_query_map();
    let address = Memo::new(move |_| query.with(|query| Address::of(HERE, query, &PARAMETERS)));
    let found = Resource::new(
        move || address.get(),
        |address| {
            let [q, kind, cursor] = PARAMETERS.map(|name| address.get(name));
            all_organizations(q, kind, None, cursor)
        },
    );
    Effect::new(move |before: Option<Address>| {
        let now = address.get();
        if before.is_some_and(|before| before != now) {
            browser::focus_soon(RESULTS.into());
        }
        now
    });
    let page = move |_: Viewer| {
        let list = move || {
            let address = address.get();
            Suspend::new(async move {
                match found.await {
                    Ok(page) => view! { {filters(&address)} {rows(page, &address)} }.into_any(),
                    Err(problem) => refused(&problem),
                }
            })
        };
        view! {
            <PageHeader title="All organizations" lead="Every organization on this server, the newest first."/>
            <div class="stack">
                <Transition strict=true fallback=|| view! { <Skeleton lines=8/> }>
                    {list}
                </Transition>
            </div>
        }
        .into_any()
    };
    view! { <Inside page/> }
}

fn filters(address: &Address) -> AnyView {
    let [q, kind] = ["q", "kind"].map(|name| address.get(name).unwrap_or_default());
    let kinds = [("", "Any kind"), ("shared", "Shared"), ("personal", "Personal")];
    let kinds = kinds.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    let reset = (!address.is_bare()).then(|| HERE.to_owned());
    view! {
        <FilterBar action=HERE label="Organizations" reset>
            <Field name="q" label="Name, slug or owner">
                <TextInput kind="search" value=q maxlength=254/>
            </Field>
            <Field name="kind" label="Kind">
                <Select options=kinds value=kind/>
            </Field>
        </FilterBar>
    }
    .into_any()
}

fn rows(page: Page<StaffOrganization>, address: &Address) -> AnyView {
    let Page { items, next_cursor } = page;
    if items.is_empty() {
        let action = view! { <LinkButton href=HERE>"Show all"</LinkButton> }.into_any();
        let text = "No organization fits these filters. Look for a part of its name, its slug, or an owner’s address.";
        return view! { <EmptyState glyph=Glyph::Search title="Nothing found" text action/> }.into_any();
    }
    let summary = match items.len() {
        1 => "1 organization on this page".to_owned(),
        many => format!("{many} organizations on this page"),
    };
    let first = address.get("cursor").map(|_| address.with("cursor", "").href());
    let next = next_cursor.map(|cursor| address.with("cursor", &cursor).href());
    let rows = items.into_iter().map(row).collect_view();
    let columns = ["Organization", "Owner", "Members", "Since"].map(Column::new).to_vec();
    view! {
        <p class="sr-only" id=RESULTS tabindex="-1">
            {summary.clone()}
        </p>
        <Table caption=format!("Organizations: {summary}") columns>
            {rows}
        </Table>
        <Pagination first next summary/>
    }
    .into_any()
}

fn row(organization: StaffOrganization) -> AnyView {
    let StaffOrganization { slug, name, personal, members, owners, created_at, deletes_at, .. } =
        organization;
    let owners = owners
        .into_iter()
        .map(|owner| {
            let href = format!("/admin/users/{}", owner.user_id);
            view! { <p class="wrap-anywhere"><a href=href>{owner.email}</a></p> }
        })
        .collect_view();
    let ends = deletes_at.map(|at| view! { <p class="table-sub">"Deleted on " <TimeText at/></p> });
    view! {
        <Row>
            <Cell label="">
                <p class="table-main wrap-anywhere">{name}</p>
                <p class="table-sub">
                    {slug} {personal.then(|| view! { " " <Badge text="Personal"/> })}
                </p>
                {ends}
            </Cell>
            <Cell label="Owner">{owners}</Cell>
            <Cell label="Members">{members.to_string()}</Cell>
            <Cell label="Since">
                <TimeText at=created_at/>
            </Cell>
        </Row>
    }
    .into_any()
}
