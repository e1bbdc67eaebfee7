//! Members × resources: in each cell what they may do with it.

use domain::{Page, organizations::roles::MemberPermissions};
use leptos::prelude::*;

use super::builder::resources;
use crate::ui::{Address, Card, Cell, Column, Pagination, Row, Table};

/// The card with one page of the matrix.
pub fn matrix(page: Page<MemberPermissions>, address: &Address) -> AnyView {
    let Page { items, next_cursor } = page;
    let summary = match items.len() {
        1 => "1 member on this page".to_owned(),
        many => format!("{many} members on this page"),
    };
    let first = address.get("page").map(|_| address.with("page", "").href());
    let next = next_cursor.map(|cursor| address.with("page", &cursor).href());
    let columns = std::iter::once("Member").chain(resources()).map(Column::new).collect();
    let rows = items.into_iter().map(row).collect_view();
    view! {
        <Card title="Everybody, and what they may do" lead="Whatever it comes from: their own roles, and those of their groups.">
            // So many columns are wider than the page: they scroll sideways, so the keyboard must be able to reach them.
            <div class="overflow-x-auto" tabindex="0" role="region" aria-label="Members and what they may do, to scroll">
                <Table caption="Members and what they may do" columns>
                    {rows}
                </Table>
            </div>
            <Pagination first next summary/>
        </Card>
    }
    .into_any()
}

fn row(row: MemberPermissions) -> AnyView {
    let MemberPermissions { member, permissions } = row;
    let cells = resources()
        .into_iter()
        .map(|resource| {
            let of_it =
                permissions.iter().filter_map(|name| name.split_once(':')).filter(|(of, _)| *of == resource);
            let verbs: Vec<&str> = of_it.map(|(_, verb)| verb).collect();
            let text = if verbs.is_empty() { "—".to_owned() } else { verbs.join(", ") };
            view! { <Cell label=resource>{text}</Cell> }
        })
        .collect_view();
    view! {
        <Row>
            <Cell label="">
                <div class="md:min-w-56">
                    <p class="table-main">{member.called().to_owned()}</p>
                    <p class="table-sub wrap-anywhere">{member.email}</p>
                </div>
            </Cell>
            {cells}
        </Row>
    }
    .into_any()
}
