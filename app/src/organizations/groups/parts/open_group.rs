//! The group that is open: who is in it, and what can be done to it. Each is a plain form.

use domain::{
    Page,
    organizations::groups::{Group, GroupMember},
};
use leptos::prelude::*;

use super::{Arranging, order, tree::choices};
use crate::{
    organizations::groups::words,
    ui::{
        Address, Card, Cell, Column, EmptyState, Field, Form, Glyph, Hidden, LinkButton, Pagination, Row, Select,
        SubmitButton, Table, TextInput, Weight,
    },
};

/// The id of the panel; the focus goes there when it opens.
pub const OPEN: &str = "open-group";

/// Everything about one group.
pub fn open_group(
    group: &Group,
    groups: &[Group],
    people: Page<GroupMember>,
    slug: &str,
    address: &Address,
    arranging: &Arranging,
) -> AnyView {
    let label = format!("Group {}", group.name);
    view! {
        <div id=OPEN tabindex="-1" role="region" aria-label=label class="grid gap-6">
            {members(group, people, slug, address, arranging)}
            <div class="grid items-start gap-6 md:grid-cols-2">
                {rename(group, slug, arranging)} {put(group, groups, slug, arranging)}
                {delete(group, groups, slug, arranging)}
            </div>
        </div>
    }
    .into_any()
}

fn members(
    group: &Group,
    people: Page<GroupMember>,
    slug: &str,
    address: &Address,
    arranging: &Arranging,
) -> AnyView {
    let back = address.with("group", "").with("cursor", "").href();
    let close = view! {
        <LinkButton href=back weight=Weight::Quiet>
            "Close"
        </LinkButton>
    };
    let list = if people.items.is_empty() {
        view! { <EmptyState glyph=Glyph::Users title="Nobody is in it" text=words::NOBODY/> }.into_any()
    } else {
        table(group, people, slug, address, arranging)
    };
    let action = arranging.add;
    view! {
        <Card title=group.name.clone() lead=words::PEOPLE_LEAD aside=close.into_any()>
            <div class="grid gap-4">
                {list}
                <Form action id="add-to-group">
                    <Hidden name="organization_id" value=slug/>
                    <Hidden name="group_id" value=group.id.to_string()/>
                    <div class="max-w-xl">
                        <Field name="user_id" label="Address of a member">
                            <TextInput kind="email" required=true autocomplete="off"/>
                        </Field>
                    </div>
                    <SubmitButton weight=Weight::Secondary pending_words="Adding…">
                        "Add to the group"
                    </SubmitButton>
                </Form>
            </div>
        </Card>
    }
    .into_any()
}

fn table(
    group: &Group,
    people: Page<GroupMember>,
    slug: &str,
    address: &Address,
    arranging: &Arranging,
) -> AnyView {
    let action = arranging.remove;
    let summary = match people.items.len() {
        1 => "1 person on this page".to_owned(),
        many => format!("{many} people on this page"),
    };
    let first = address.get("cursor").map(|_| address.with("cursor", "").href());
    let next = people.next_cursor.map(|cursor| address.with("cursor", &cursor).href());
    let rows = people.items.into_iter().map(member).collect_view();
    let columns = vec![Column::new("Name"), Column::new("Address"), Column::unlabelled("Actions")];
    let caption = format!("Who is in {}", group.name);
    view! {
        // One form for all rows: each button brings its own `user_id`.
        <Form action id="remove-from-group">
            <Hidden name="organization_id" value=slug/>
            <Hidden name="group_id" value=group.id.to_string()/>
            <Table caption columns>
                {rows}
            </Table>
        </Form>
        <Pagination first next summary/>
    }
    .into_any()
}

fn member(member: GroupMember) -> AnyView {
    let GroupMember { user_id, email, display_name } = member;
    let name = if display_name.is_empty() { email.clone() } else { display_name };
    let whom = name.clone();
    view! {
        <Row>
            <Cell label="">
                <span class="table-main">{name}</span>
            </Cell>
            <Cell label="Address">
                <span class="wrap-anywhere">{email}</span>
            </Cell>
            <Cell label="">
                <SubmitButton
                    weight=Weight::Secondary
                    name="user_id"
                    value=user_id.to_string()
                    pending_words="Taking out…"
                >
                    "Take out"
                    <span class="sr-only">" of the group: " {whom}</span>
                </SubmitButton>
            </Cell>
        </Row>
    }
    .into_any()
}

fn rename(group: &Group, slug: &str, arranging: &Arranging) -> AnyView {
    let action = arranging.rename;
    view! {
        <Card title="Rename">
            <Form action id="rename-group">
                <Hidden name="organization_id" value=slug/>
                <Hidden name="group_id" value=group.id.to_string()/>
                <Field name="name" label="Name">
                    <TextInput value=group.name.clone() maxlength=100 required=true autocomplete="off"/>
                </Field>
                <SubmitButton weight=Weight::Secondary pending_words="Renaming…">
                    "Rename"
                </SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}

fn put(group: &Group, groups: &[Group], slug: &str, arranging: &Arranging) -> AnyView {
    let action = arranging.put;
    let inside = order::below(groups, group.id);
    let elsewhere = order::paths(groups).into_iter().filter(|(id, _)| !inside.contains(id)).collect();
    let options = choices("At the top", elsewhere);
    let now = group.parent_id.map(|id| id.to_string());
    view! {
        <Card title="Move" lead=words::MOVE_LEAD>
            <Form action id="move-group">
                <Hidden name="organization_id" value=slug/>
                <Hidden name="group_id" value=group.id.to_string()/>
                <Field name="parent_id" label="Inside of">
                    <Select options value=now.unwrap_or_default()/>
                </Field>
                <SubmitButton weight=Weight::Secondary pending_words="Moving…">
                    "Move"
                </SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}

fn delete(group: &Group, groups: &[Group], slug: &str, arranging: &Arranging) -> AnyView {
    let action = arranging.delete;
    let has_below = groups.iter().any(|other| other.parent_id == Some(group.id));
    let below = has_below.then(|| {
        let options = [("move", "Move up to where it was"), ("refuse", "Stay: do not delete it then")];
        let options = options.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
        view! {
            <Field name="below" label="The groups below it">
                <Select options/>
            </Field>
        }
    });
    view! {
        <Card title="Delete" lead=words::DELETE_LEAD>
            <Form action id="delete-group">
                <Hidden name="organization_id" value=slug/>
                <Hidden name="group_id" value=group.id.to_string()/>
                {below}
                <SubmitButton weight=Weight::Danger pending_words="Deleting…">
                    "Delete the group"
                </SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}
