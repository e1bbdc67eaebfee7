//! The role that is open: what it allows, who has it, and to whom it is given.

use domain::{
    Page,
    organizations::{
        groups::FoundGroup,
        roles::{Assignment, Role},
    },
};
use leptos::prelude::*;

use super::{Draft, Ruling};
use crate::{
    organizations::roles::words,
    ui::{
        Badge, Card, Cell, Column, EmptyState, Field, FilterBar, Form, Glyph, Hidden, LinkButton, Pagination,
        Row, Select, SubmitButton, Table, TextInput, TimeText, Weight,
    },
};

/// The id of what is open; the focus goes there.
pub const OPEN: &str = "open-role";

/// Everything about one role.
pub fn open_role(
    role: &Role,
    page: Page<Assignment>,
    groups: &Page<FoundGroup>,
    slug: &str,
    draft: &Draft,
    ruling: &Ruling,
) -> AnyView {
    view! {
        {content(role, slug)}
        {assigned(role, page, slug, draft, ruling)}
        <div class="grid items-start gap-6 md:grid-cols-2">
            {to_member(role, slug, ruling)} {to_group(role, groups, slug, draft, ruling)}
        </div>
    }
    .into_any()
}

fn content(role: &Role, slug: &str) -> AnyView {
    let close = view! {
        <LinkButton href=format!("/o/{slug}/roles") weight=Weight::Quiet>
            "Close"
        </LinkButton>
    };
    let id = &role.role;
    let change = (!role.built_in).then(|| {
        let edit = format!("/o/{slug}/roles?mode=edit&role={id}");
        let delete = format!("/o/{slug}/roles?mode=delete&role={id}");
        view! {
            <div class="stack-actions">
                <LinkButton href=edit>"Change"</LinkButton>
                <LinkButton href=delete>"See what deleting it comes to"</LinkButton>
            </div>
        }
    });
    let allows = role.permissions.iter().cloned().map(|name| view! { <Badge text=name/> }).collect_view();
    let lead = role.description.clone();
    view! {
        <Card title=role.name.clone() lead=lead aside=close.into_any()>
            <div class="grid gap-4">
                <p class="flex flex-wrap gap-2">{allows}</p>
                {change}
            </div>
        </Card>
    }
    .into_any()
}

fn assigned(role: &Role, page: Page<Assignment>, slug: &str, draft: &Draft, ruling: &Ruling) -> AnyView {
    let Page { items, next_cursor } = page;
    // A later page may have become empty: it says nothing about the first.
    if items.is_empty() && draft.cursor.is_none() {
        return view! {
            <Card title="Who has it">
                <EmptyState glyph=Glyph::Users title="Nobody has it" text=words::NOBODY/>
            </Card>
        }
        .into_any();
    }
    let action = ruling.unassign;
    let summary = match items.len() {
        1 => "1 on this page".to_owned(),
        many => format!("{many} on this page"),
    };
    let first = draft.cursor.as_ref().map(|_| draft.href(slug, None));
    let next = next_cursor.map(|cursor| draft.href(slug, Some(&cursor)));
    let rows = items.into_iter().map(|it| row(it, slug)).collect_view();
    let columns = vec![Column::new("Whom"), Column::new("Since"), Column::unlabelled("Actions")];
    let (slug, role) = (slug.to_owned(), role.role.clone());
    view! {
        <Card title="Who has it">
            // One form for all rows: each button brings its own `user_id` or `group_id`.
            <Form action id="unassign-role">
                <Hidden name="organization_id" value=slug/>
                <Hidden name="role" value=role/>
                <Table caption="Who has the role" columns>
                    {rows}
                </Table>
            </Form>
            <Pagination first next summary/>
        </Card>
    }
    .into_any()
}

fn row(assignment: Assignment, slug: &str) -> AnyView {
    let Assignment { member, group, assigned_at } = assignment;
    let (name, about, field, id) = match (member, group) {
        (Some(member), _) => {
            let name = member.called().to_owned();
            (name.into_any(), member.email, "user_id", member.user_id.to_string())
        }
        (None, Some(group)) => {
            let href = format!("/o/{slug}/groups?group={}", group.id);
            let link = view! { <a href=href>{group.name.clone()}</a> };
            (link.into_any(), "A group, and everybody below it".to_owned(), "group_id", group.id.to_string())
        }
        (None, None) => return ().into_any(),
    };
    let whom = about.clone();
    view! {
        <Row>
            <Cell label="">
                <p class="table-main">{name}</p>
                <p class="table-sub wrap-anywhere">{about}</p>
            </Cell>
            <Cell label="Since">
                <TimeText at=assigned_at/>
            </Cell>
            <Cell label="">
                <SubmitButton weight=Weight::Secondary name=field value=id pending_words="Taking…">
                    "Take away"
                    <span class="sr-only">" from: " {whom}</span>
                </SubmitButton>
            </Cell>
        </Row>
    }
    .into_any()
}

fn to_member(role: &Role, slug: &str, ruling: &Ruling) -> AnyView {
    let action = ruling.assign;
    let (slug, role) = (slug.to_owned(), role.role.clone());
    view! {
        <Card title="Give it to a member">
            <Form action id="assign-member" known_by="user_id">
                <Hidden name="organization_id" value=slug/>
                <Hidden name="role" value=role/>
                <Field name="user_id" label="Address of a member">
                    <TextInput kind="email" required=true autocomplete="off"/>
                </Field>
                <SubmitButton weight=Weight::Secondary pending_words="Giving…">
                    "Give the role"
                </SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}

fn to_group(
    role: &Role,
    groups: &Page<FoundGroup>,
    slug: &str,
    draft: &Draft,
    ruling: &Ruling,
) -> Option<AnyView> {
    let looks = groups.next_cursor.is_some() || draft.find.is_some();
    if role.role == "OWNER" || (groups.items.is_empty() && !looks) {
        return None;
    }
    let find = looks.then(|| find_group(role, slug, draft));
    let give = if groups.items.is_empty() {
        view! { <p>"No group has this in its name."</p> }.into_any()
    } else {
        give_to_one(role, groups, slug, ruling)
    };
    let card = view! {
        <Card title="Give it to a group">
            <div class="grid gap-4">{find} {give}</div>
        </Card>
    };
    Some(card.into_any())
}

/// Where there are more groups than a choice holds: it holds those that were looked for.
fn find_group(role: &Role, slug: &str, draft: &Draft) -> AnyView {
    let (find, role) = (draft.find.clone().unwrap_or_default(), role.role.clone());
    view! {
        <FilterBar action=format!("/o/{slug}/roles") label="Groups">
            <Hidden name="role" value=role/>
            <Field name="find" label="Find a group">
                <TextInput kind="search" value=find maxlength=100/>
            </Field>
        </FilterBar>
    }
    .into_any()
}

fn give_to_one(role: &Role, groups: &Page<FoundGroup>, slug: &str, ruling: &Ruling) -> AnyView {
    let action = ruling.assign_group;
    let mut options: Vec<(String, String)> =
        groups.items.iter().map(|group| (group.id.to_string(), group.path())).collect();
    options.sort_by_cached_key(|(_, path)| path.to_lowercase());
    let (slug, role) = (slug.to_owned(), role.role.clone());
    view! {
        <Form action id="assign-group" known_by="group_id">
            <Hidden name="organization_id" value=slug/>
            <Hidden name="role" value=role/>
            <Field name="group_id" label="Group">
                <Select options/>
            </Field>
            <SubmitButton weight=Weight::Secondary pending_words="Giving…">
                "Give the role"
            </SubmitButton>
        </Form>
    }
    .into_any()
}
