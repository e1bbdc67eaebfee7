//! The table of entries.

use domain::{Page, audit::Entry};
use leptos::prelude::*;

use crate::ui::{Address, Cell, Column, EmptyState, Glyph, LinkButton, Pagination, Row, Table, TimeText};

/// The rows of this page, and the way to the next.
pub fn entries(page: Page<Entry>, address: &Address) -> AnyView {
    let Page { items, next_cursor } = page;
    if items.is_empty() {
        return nothing(address);
    }
    let summary = match items.len() {
        1 => "1 entry on this page".to_owned(),
        many => format!("{many} entries on this page"),
    };
    let first = address.get("cursor").map(|_| address.with("cursor", "").href());
    let next = next_cursor.map(|cursor| address.with("cursor", &cursor).href());
    let rows = items.into_iter().map(|entry| row(entry, address)).collect_view();
    let columns = ["Time", "Who", "What", "To what", "From", "Entry"].map(Column::new).to_vec();
    view! {
        <p class="sr-only" id="trail-results" tabindex="-1">
            {summary.clone()}
        </p>
        <Table caption=format!("Audit trail: {summary}") columns>
            {rows}
        </Table>
        <Pagination first next summary/>
    }
    .into_any()
}

fn nothing(address: &Address) -> AnyView {
    if address.is_bare() {
        let text = "Entries appear with the first act, such as a sign-in.";
        return view! { <EmptyState glyph=Glyph::List title="Nothing has happened yet" text/> }.into_any();
    }
    let action = view! { <LinkButton href="/admin/audit-logs">"Show everything"</LinkButton> }.into_any();
    let text =
        "No entry fits these filters. An address must be whole; an action is whole, or the name of its room.";
    view! { <EmptyState glyph=Glyph::Search title="No entries found" text action/> }.into_any()
}

fn row(entry: Entry, address: &Address) -> AnyView {
    let who = match (entry.actor_email, entry.actor) {
        (Some(email), Some(id)) => narrower(address, "actor", &id.to_string(), email),
        (None, Some(id)) => narrower(address, "actor", &id.to_string(), "A deleted account".into()),
        (_, None) => view! { <span>"Nobody signed in"</span> }.into_any(),
    };
    let target = match entry.target {
        Some(target) => narrower(address, "target", &target, shortened(&target)),
        None => view! { <span>"—"</span> }.into_any(),
    };
    let action = narrower(address, "action", &entry.action, entry.action.clone());
    let number = entry.seq.to_string();
    let open = address.with("entry", &number).href();
    view! {
        <Row>
            <Cell label="Time">
                <TimeText at=entry.at/>
            </Cell>
            <Cell label="Who">{who}</Cell>
            <Cell label="What">{action}</Cell>
            <Cell label="To what">{target}</Cell>
            <Cell label="From">{entry.address}</Cell>
            <Cell label="Entry">
                <p>
                    <a href=open aria-label=format!("Entry {number}")>
                        {number.clone()}
                    </a>
                </p>
            </Cell>
        </Row>
    }
    .into_any()
}

/// A link that narrows the list down to what it says.
fn narrower(address: &Address, name: &'static str, value: &str, words: String) -> AnyView {
    let href = address.with("cursor", "").with(name, value).href();
    // Inside a paragraph a link is underlined like one in a sentence.
    view! { <p><a href=href>{words}</a></p> }.into_any()
}

/// `user:0194…` as `user 0194…c3d4`: the beginning of an id is its time, the end tells accounts apart.
fn shortened(target: &str) -> String {
    match target.split_once(':') {
        Some((kind, id)) if id.len() > 12 && id.is_ascii() => format!("{kind} …{}", &id[id.len() - 8..]),
        _ => target.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::shortened;

    #[test]
    fn a_target_keeps_its_kind_and_the_end_of_its_id() {
        assert_eq!(shortened("user:0194d3a0-0000-7000-8000-0123456789ab"), "user …456789ab");
        assert_eq!(shortened("site"), "site");
    }
}
