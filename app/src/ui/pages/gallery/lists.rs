//! The gallery's table with its filter and its pages.

use domain::Timestamp;
use leptos::prelude::*;

use crate::ui::{
    Avatar, Badge, Card, Cell, Column, Field, FilterBar, Glyph, Icon, Menu, MenuLink, Pagination, Row,
    Select, SortOrder, Table, TextInput, TimeText, Tone,
};

/// A list.
#[component]
pub fn Lists() -> impl IntoView {
    let columns = vec![
        Column::new("Person").sorted("#sort", SortOrder::Ascending),
        Column::new("Role"),
        Column::new("Status"),
        Column::new("Last seen").sorted("#sort", SortOrder::Unsorted),
        Column::unlabelled("Actions"),
    ];
    view! {
        <Card title="People" lead="A table, which is a column of cards on a telephone.">
            <FilterBar action="/dev/ui" label="Find people" reset="/dev/ui".to_owned()>
                <Field name="q" label="Name or address">
                    <TextInput kind="search"/>
                </Field>
                <Field name="status" label="Status">
                    <Select options=vec![
                        (String::new(), "Any".into()),
                        ("active".into(), "Active".into()),
                        ("locked".into(), "Locked".into()),
                    ]/>
                </Field>
            </FilterBar>
            <Table caption="People" columns>
                {[
                    ("Ada Byron", "ada@example.com", "Administrator", Tone::Good, "Active"),
                    ("Grace Hopper", "grace.brewster.hopper@a-rather-long-domain.example.com", "Member", Tone::Bad, "Locked"),
                    ("Alan Turing", "alan@example.com", "Support", Tone::Warning, "Unverified"),
                ]
                    .into_iter()
                    .enumerate()
                    .map(|(index, person)| row(index, person))
                    .collect_view()}
            </Table>
            <Pagination summary="3 of 128 people" next="#next".to_owned() first="#first".to_owned()/>
        </Card>
    }
    .into_any()
}

fn row(index: usize, person: (&'static str, &'static str, &'static str, Tone, &'static str)) -> AnyView {
    let (name, email, role, tone, status) = person;
    let seen = Timestamp::parse("2026-11-21T14:03:00Z");
    let more = view! {
        <span class="sr-only">"Actions for " {name}</span>
        <Icon glyph=Glyph::More/>
    };
    view! {
        <Row>
            <Cell label="">
                <div class="table-person">
                    <Avatar name=name/>
                    <div>
                        <p class="table-main">{name}</p>
                        <p class="table-sub">{email}</p>
                    </div>
                </div>
            </Cell>
            <Cell label="Role">{role}</Cell>
            <Cell label="Status">
                <Badge tone text=status/>
            </Cell>
            <Cell label="Last seen">{seen.map(|at| view! { <TimeText at/> })}</Cell>
            <Cell label="">
                <Menu id=format!("person-{index}") button=more.into_any()>
                    <MenuLink href="#lock">"Lock"</MenuLink>
                    <MenuLink href="#roles">"Change roles"</MenuLink>
                </Menu>
            </Cell>
        </Row>
    }
    .into_any()
}
