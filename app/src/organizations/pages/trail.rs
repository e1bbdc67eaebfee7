//! `/o/:slug/audit`: what happened in an organization, the newest first.

use domain::{Page, audit::Entry, identity::Viewer, organizations::OrganizationDetail};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    frame::refused,
    organizations::{
        api::organization_audit,
        parts::{OrganizationFrame, organization_in_address},
    },
    ui::{
        Address, Cell, Column, EmptyState, Field, FilterBar, Glyph, Pagination, Row, Skeleton, Table,
        TextInput, TimeText, browser,
    },
};

/// What of the query is a filter or a place in the list.
const PARAMETERS: [&str; 5] = ["actor", "action", "from", "to", "cursor"];
/// The id of the line that says how many there are; after a filter the focus goes there.
const RESULTS: &str = "trail-results";

/// The organization's trail.
#[component]
pub fn TrailPage() -> impl IntoView {
    let (query, slug) = (use_query_map(), organization_in_address());
    let address = Memo::new(move |_| {
        query.with(|query| Address::of(format!("/o/{}/audit", slug.get()), query, &PARAMETERS))
    });
    let trail = Resource::new(
        move || (slug.get(), address.get()),
        |(slug, address)| {
            let [actor, action, from, to, cursor] = PARAMETERS.map(|name| address.get(name));
            organization_audit(slug, actor, action, None, from, to, None, cursor)
        },
    );
    Effect::new(move |before: Option<Address>| {
        let now = address.get();
        if before.is_some_and(|before| before != now) {
            browser::focus_soon(RESULTS.into());
        }
        now
    });
    let page = move |_: Viewer, _: OrganizationDetail| {
        let list = move || {
            let address = address.get();
            Suspend::new(async move {
                match trail.await {
                    Ok(page) => view! { {filters(&address)} {entries(page, &address)} }.into_any(),
                    Err(problem) => refused(&problem),
                }
            })
        };
        view! {
            <Transition strict=true fallback=|| view! { <Skeleton lines=8/> }>
                {list}
            </Transition>
        }
        .into_any()
    };
    view! { <OrganizationFrame title="Audit trail" page/> }
}

fn bare(address: &Address) -> String {
    PARAMETERS.iter().fold(address.clone(), |address, name| address.with(name, "")).href()
}

fn filters(address: &Address) -> AnyView {
    let [actor, action, from, to] =
        ["actor", "action", "from", "to"].map(|name| address.get(name).unwrap_or_default());
    let reset = (!address.is_bare()).then(|| bare(address));
    view! {
        <FilterBar action=bare(address) label="Audit trail" reset>
            <Field name="actor" label="Who">
                <TextInput kind="search" value=actor placeholder="Address or id" maxlength=254/>
            </Field>
            <Field name="action" label="What">
                <TextInput kind="search" value=action placeholder="organizations.joined" maxlength=100/>
            </Field>
            <Field name="from" label="From (UTC)">
                <TextInput kind="datetime-local" value=from/>
            </Field>
            <Field name="to" label="Before (UTC)">
                <TextInput kind="datetime-local" value=to/>
            </Field>
        </FilterBar>
    }
    .into_any()
}

fn entries(page: Page<Entry>, address: &Address) -> AnyView {
    let Page { items, next_cursor } = page;
    if items.is_empty() {
        let text = "Everything that is done to the organization and its members stands here.";
        return view! { <EmptyState glyph=Glyph::List title="No entries found" text/> }.into_any();
    }
    let summary = match items.len() {
        1 => "1 entry on this page".to_owned(),
        many => format!("{many} entries on this page"),
    };
    let first = address.get("cursor").map(|_| address.with("cursor", "").href());
    let next = next_cursor.map(|cursor| address.with("cursor", &cursor).href());
    let rows = items.into_iter().map(row).collect_view();
    let columns = ["Time", "Who", "What", "To what", "Details"].map(Column::new).to_vec();
    view! {
        <p class="sr-only" id=RESULTS tabindex="-1">
            {summary.clone()}
        </p>
        <Table caption=format!("Audit trail: {summary}") columns>
            {rows}
        </Table>
        <Pagination first next summary/>
    }
    .into_any()
}

fn row(entry: Entry) -> AnyView {
    let who = match (entry.actor_email, entry.actor) {
        (Some(email), _) => email,
        (None, Some(_)) => "A deleted account".to_owned(),
        (None, None) => "The site itself".to_owned(),
    };
    let detail = Some(entry.detail).filter(|detail| detail != "{}");
    view! {
        <Row>
            <Cell label="Time">
                <TimeText at=entry.at/>
            </Cell>
            <Cell label="Who">
                <span class="wrap-anywhere">{who}</span>
            </Cell>
            <Cell label="What">{entry.action}</Cell>
            <Cell label="To what">
                <code class="wrap-anywhere">{entry.target.unwrap_or_default()}</code>
            </Cell>
            <Cell label="Details">
                <code class="wrap-anywhere">{detail}</code>
            </Cell>
        </Row>
    }
    .into_any()
}
