//! The group that is open: who is in it, and what can be done to it. Each is a plain form.

use domain::{
    Page,
    organizations::groups::{FoundGroup, GroupMember},
};
use leptos::prelude::*;

use super::{
    Arranging,
    tree::{Shown, choices, more, way},
};
use crate::{
    organizations::groups::words,
    ui::{
        Address, Card, Cell, Column, EmptyState, Field, Form, Glyph, Hidden, LinkButton, Pagination, Row,
        Select, SubmitButton, Table, TextInput, Weight,
    },
};

/// The id of the panel; the focus goes there when it opens.
pub const OPEN: &str = "open-group";

/// Everything about one group.
pub fn open_group(
    group: &FoundGroup,
    people: Page<GroupMember>,
    shown: &Shown<'_>,
    arranging: &Arranging,
) -> AnyView {
    let (slug, address) = (shown.slug, shown.address);
    let label = format!("Group {}", group.name);
    view! {
        <div id=OPEN tabindex="-1" role="region" aria-label=label class="grid gap-6">
            {members(group, people, slug, address, arranging)}
            <div class="grid items-start gap-6 md:grid-cols-2">
                {rename(group, slug, arranging)} {put(group, shown, arranging)}
                {delete(group, slug, arranging)}
            </div>
        </div>
    }
    .into_any()
}

fn members(
    group: &FoundGroup,
    people: Page<GroupMember>,
    slug: &str,
    address: &Address,
    arranging: &Arranging,
) -> AnyView {
    let back = address.with("group", "").with("cursor", "").with("from", "").href();
    let close = view! {
        <LinkButton href=back weight=Weight::Quiet>
            "Close"
        </LinkButton>
    };
    // A later page may have become empty: it says nothing about the first.
    let list = if people.items.is_empty() && address.get("cursor").is_none() {
        view! { <EmptyState glyph=Glyph::Users title="Nobody is in it" text=words::NOBODY/> }.into_any()
    } else {
        table(group, people, slug, address, arranging)
    };
    let action = arranging.add;
    let FoundGroup { id, name, .. } = group.clone();
    let (slug, way) = (slug.to_owned(), way(group, address));
    view! {
        <Card title=name lead=words::PEOPLE_LEAD aside=close.into_any()>
            <div class="grid gap-4">
                {way} {list}
                <Form action id="add-to-group">
                    <Hidden name="organization_id" value=slug/>
                    <Hidden name="group_id" value=id.to_string()/>
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
    group: &FoundGroup,
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
    let (slug, id) = (slug.to_owned(), group.id);
    view! {
        // One form for all rows: each button brings its own `user_id`.
        <Form action id="remove-from-group">
            <Hidden name="organization_id" value=slug/>
            <Hidden name="group_id" value=id.to_string()/>
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

fn rename(group: &FoundGroup, slug: &str, arranging: &Arranging) -> AnyView {
    let action = arranging.rename;
    let FoundGroup { id, name, .. } = group.clone();
    let slug = slug.to_owned();
    view! {
        <Card title="Rename">
            <Form action id="rename-group">
                <Hidden name="organization_id" value=slug/>
                <Hidden name="group_id" value=id.to_string()/>
                <Field name="name" label="Name">
                    <TextInput value=name maxlength=100 required=true autocomplete="off"/>
                </Field>
                <SubmitButton weight=Weight::Secondary pending_words="Renaming…">
                    "Rename"
                </SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}

fn put(group: &FoundGroup, shown: &Shown<'_>, arranging: &Arranging) -> AnyView {
    let action = arranging.put;
    let (slug, options) = (shown.slug.to_owned(), choices(shown, Some(group.id)));
    let (id, more) = (group.id, more(shown));
    let now = group.parent_id.map(|id| id.to_string());
    view! {
        <Card title="Move" lead=words::MOVE_LEAD>
            <Form action id="move-group">
                <Hidden name="organization_id" value=slug/>
                <Hidden name="group_id" value=id.to_string()/>
                <Field name="parent_id" label="Inside of">
                    <Select options value=now.unwrap_or_default()/>
                </Field>
                {more}
                <SubmitButton weight=Weight::Secondary pending_words="Moving…">
                    "Move"
                </SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}

fn delete(group: &FoundGroup, slug: &str, arranging: &Arranging) -> AnyView {
    let action = arranging.delete;
    let below = (group.groups > 0).then(|| {
        let options = [("move", "Move up to where it was"), ("refuse", "Stay: do not delete it then")];
        let options = options.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
        view! {
            <Field name="below" label="The groups below it">
                <Select options/>
            </Field>
        }
    });
    let (slug, id) = (slug.to_owned(), group.id);
    view! {
        <Card title="Delete" lead=words::DELETE_LEAD>
            <Form action id="delete-group">
                <Hidden name="organization_id" value=slug/>
                <Hidden name="group_id" value=id.to_string()/>
                {below}
                <SubmitButton weight=Weight::Danger pending_words="Deleting…">
                    "Delete the group"
                </SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}
