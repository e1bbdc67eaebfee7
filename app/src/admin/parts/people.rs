//! The table of people.

use domain::{
    Page,
    access::SiteRole,
    admin::{Sort, Status, UserRow},
    identity::Viewer,
};
use leptos::prelude::*;

use super::{
    bulk::{Bulk, bulk_form, tick},
    filters::{role_words, status_words},
    question::{Locking, Question, question_card},
};
use crate::ui::{
    Address, Badge, Cell, Column, EmptyState, Glyph, LinkButton, Pagination, Row, SortOrder, Table, TimeText,
    Tone, Weight,
};

/// The open question, the rows of this page, and the way to the next.
pub fn people(
    viewer: &Viewer,
    page: Page<UserRow>,
    address: &Address,
    question: Option<Question>,
    locking: Locking,
    bulk: Bulk,
) -> AnyView {
    let Page { items, next_cursor } = page;
    let asked = question.map(|question| {
        let about = items.iter().find(|row| row.id == question.about());
        question_card(question, about, address, locking)
    });
    if items.is_empty() {
        return view! { {asked} {nobody()} }.into_any();
    }
    let alone = items.len() == 1 && address.is_bare() && items.iter().all(|row| row.id == viewer.id);
    let summary = match items.len() {
        1 => "1 person on this page".to_owned(),
        many => format!("{many} people on this page"),
    };
    let first = address.get("cursor").map(|_| address.with("cursor", "").href());
    let next = next_cursor.map(|cursor| address.with("cursor", &cursor).href());
    let names = items.iter().map(|person| (person.id, person.email.clone())).collect();
    let rows = items.into_iter().map(|person| row(viewer, person, address)).collect_view();
    let table = view! {
        <Table caption=format!("People: {summary}") columns=columns(address)>
            {rows}
        </Table>
    };
    view! {
        {asked}
        <p class="sr-only" id="people-results" tabindex="-1">
            {summary.clone()}
        </p>
        {bulk_form(bulk, names, table.into_any())}
        <Pagination first next summary/>
        {alone
            .then(|| {
                let text = "Colleagues create their own account at /register. They appear here as soon as they do.";
                view! { <EmptyState glyph=Glyph::Users title="Only you so far" text/> }
            })}
    }
    .into_any()
}

fn nobody() -> AnyView {
    let action = view! { <LinkButton href="/admin/users">"Show everybody"</LinkButton> }.into_any();
    let text = "No account fits these filters. Look for a part of the address or of the name.";
    view! { <EmptyState glyph=Glyph::Search title="Nobody found" text action/> }.into_any()
}

fn columns(address: &Address) -> Vec<Column> {
    let chosen = address.get("sort").and_then(|name| Sort::parse(&name)).unwrap_or_default();
    let sorted = |label: &str, sort: Sort, order: SortOrder| {
        let href = address.with("cursor", "").with("sort", sort.name()).href();
        Column::new(label).sorted(href, if chosen == sort { order } else { SortOrder::Unsorted })
    };
    vec![
        sorted("Person", Sort::Email, SortOrder::Ascending),
        Column::new("Status"),
        Column::new("Second factor"),
        sorted("Opened", Sort::Newest, SortOrder::Descending),
        sorted("Last seen", Sort::LastSeen, SortOrder::Descending),
        Column::unlabelled("Actions"),
    ]
}

fn row(viewer: &Viewer, person: UserRow, address: &Address) -> AnyView {
    let action = action(viewer, &person, address);
    let due = person.deletion_due_at.map(|at| view! { <p class="table-sub">"On " <TimeText at/></p> });
    let tick = tick(is_offered(viewer, &person) && person.status != Status::Locked, &person);
    let href = format!("/admin/users/{}", person.id);
    let UserRow { email, display_name, status, roles, second_factor, created_at, last_seen_at, .. } = person;
    let tone = match status {
        Status::Active => Tone::Good,
        Status::Unverified | Status::Leaving => Tone::Warning,
        Status::Locked => Tone::Bad,
    };
    let factor = if second_factor { (Tone::Good, "On") } else { (Tone::Neutral, "Off") };
    let (name, below) = if display_name.is_empty() { (email, None) } else { (display_name, Some(email)) };
    view! {
        <Row>
            <Cell label="">
                <div class="table-person">
                    {tick}
                    <div>
                        <p class="table-main">
                            <a href=href>{name}</a>
                        </p>
                        {below.map(|email| view! { <p class="table-sub">{email}</p> })} {raised(&roles)}
                    </div>
                </div>
            </Cell>
            <Cell label="Status">
                <Badge tone text=status_words(status)/>
                {due}
            </Cell>
            <Cell label="Second factor">
                <Badge tone=factor.0 text=factor.1/>
            </Cell>
            <Cell label="Opened">
                <TimeText at=created_at/>
            </Cell>
            <Cell label="Last seen">
                {match last_seen_at {
                    Some(at) => view! { <TimeText at/> }.into_any(),
                    None => "Never".into_any(),
                }}
            </Cell>
            <Cell label="">{action}</Cell>
        </Row>
    }
    .into_any()
}

/// Everybody is a user; only what raises somebody above that is worth a badge.
fn raised(roles: &[SiteRole]) -> Vec<AnyView> {
    let raised = roles.iter().filter(|role| **role != SiteRole::User);
    raised.map(|role| view! { <Badge tone=Tone::Info text=role_words(*role)/> }.into_any()).collect()
}

/// Whether somebody may touch this account: never their own, and that of staff only as an administrator.
pub(super) fn is_offered(viewer: &Viewer, person: &UserRow) -> bool {
    let is_raised = person.roles.iter().any(|role| *role != SiteRole::User);
    person.id != viewer.id && (!is_raised || viewer.roles.contains(&SiteRole::Admin))
}

/// The list offers only what the server would not refuse.
fn action(viewer: &Viewer, person: &UserRow, address: &Address) -> Option<AnyView> {
    if person.id == viewer.id {
        return Some(view! { <Badge text="You"/> }.into_any());
    }
    if !is_offered(viewer, person) {
        return None;
    }
    let (name, words) = if person.status == Status::Locked { ("unlock", "Unlock") } else { ("lock", "Lock") };
    let href = address.with(name, &person.id.to_string()).href();
    let whom = person.email.clone();
    let link = view! {
        <LinkButton href weight=Weight::Secondary>
            {words}
            <span class="sr-only">" " {whom}</span>
        </LinkButton>
    };
    Some(link.into_any())
}
