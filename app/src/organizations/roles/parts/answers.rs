//! The answers: who can, and why or why not.

use domain::{
    Page,
    organizations::roles::{Chain, Explanation, Holder},
};
use leptos::prelude::*;

use crate::ui::{
    Address, Badge, Banner, Cell, Column, EmptyState, Glyph, Pagination, Row, Table, Tone,
};

/// Who may do something, and why.
pub fn holders(page: Page<Holder>, permission: &str, address: &Address) -> AnyView {
    let Page { items, next_cursor } = page;
    if items.is_empty() {
        let text = format!("No role that anybody has allows {permission}.");
        return view! { <EmptyState glyph=Glyph::Search title="Nobody" text/> }.into_any();
    }
    let summary = match items.len() {
        1 => "1 person on this page".to_owned(),
        many => format!("{many} people on this page"),
    };
    let first = address.get("cursor").map(|_| address.with("cursor", "").href());
    let next = next_cursor.map(|cursor| address.with("cursor", &cursor).href());
    let rows = items
        .into_iter()
        .map(|Holder { member, ways }| {
            view! {
                <Row>
                    <Cell label="">
                        <p class="table-main">{member.called().to_owned()}</p>
                        <p class="table-sub wrap-anywhere">{member.email}</p>
                    </Cell>
                    <Cell label="Why">{chains(ways)}</Cell>
                </Row>
            }
        })
        .collect_view();
    let caption = format!("Who can: {permission}");
    let columns = ["Who", "Why"].map(Column::new).to_vec();
    view! {
        <Table caption columns>
            {rows}
        </Table>
        <Pagination first next summary/>
    }
    .into_any()
}

fn chains(ways: Vec<Chain>) -> AnyView {
    let rows = ways.into_iter().map(|way| view! { <li>{told(&way)}</li> }).collect_view();
    view! { <ul class="grid gap-1">{rows}</ul> }.into_any()
}

/// `Platform, in Engineering, which has the role Admin`.
fn told(way: &Chain) -> String {
    let names: Vec<&str> = way.groups.iter().map(|group| group.name.as_str()).collect();
    match names.split_last() {
        None => format!("The role {} of their own", way.role.name),
        Some((last, [])) => format!("The group {last}, which has the role {}", way.role.name),
        Some((last, path)) => {
            format!("The group {}, below {last}, which has the role {}", path.join(", in "), way.role.name)
        }
    }
}

/// Why somebody may do something, or why not and what would help.
pub fn explanation(told: Explanation) -> AnyView {
    let Explanation { member, permission, allowed, ways, roles, ask } = told;
    let who = member.called().to_owned();
    if allowed {
        return view! {
            <div class="grid gap-4">
                <Banner tone=Tone::Good title=format!("{who} may do this: {permission}")/>
                {chains(ways)}
            </div>
        }
        .into_any();
    }
    let roles = roles.into_iter().map(|role| view! { <Badge text=role.name/> }).collect_view();
    let people = (!ask.is_empty()).then(|| {
        let people = ask.into_iter().map(|it| view! { <li class="wrap-anywhere">{it.email}</li> }).collect_view();
        view! {
            <p>"One of these could give such a role:"</p>
            <ul class="list-disc pl-6">{people}</ul>
        }
    });
    view! {
        <div class="grid gap-4">
            <Banner tone=Tone::Warning title=format!("{who} may not do this: {permission}")/>
            <p>"No role of theirs and none of their groups allows it. These roles would:"</p>
            <p class="flex flex-wrap gap-2">{roles}</p>
            {people}
        </div>
    }
    .into_any()
}
