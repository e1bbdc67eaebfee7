//! What a change comes to, and the form that makes it: it holds exactly what was tried out.

use domain::organizations::roles::{Preview, Role, RoleChange};
use leptos::prelude::*;

use super::{Draft, Ruling};
use crate::{
    organizations::roles::words,
    ui::{
        Banner, Card, Cell, Column, Form, Hidden, LinkButton, Pagination, Row, SubmitButton, Table, Tone, Weight,
    },
};

/// The card with who gains and who loses, and the button that does it.
pub fn verdict(
    preview: Preview,
    open: Option<&Role>,
    slug: &str,
    draft: &Draft,
    ruling: &Ruling,
) -> AnyView {
    let Preview { gaining, losing, items, next_cursor } = preview;
    let tone = if losing > 0 { Tone::Warning } else { Tone::Info };
    let form = match (draft.act(), open) {
        ("delete", Some(role)) => delete(role, slug, ruling),
        ("delete", None) => ().into_any(),
        (_, Some(role)) => update(role, slug, draft, ruling),
        (_, None) => create(slug, draft, ruling),
    };
    let first = draft.cursor.as_ref().map(|_| draft.href(slug, None));
    let next = next_cursor.map(|cursor| draft.href(slug, Some(&cursor)));
    let table = (!items.is_empty()).then(|| {
        let summary = match items.len() {
            1 => "1 person on this page".to_owned(),
            many => format!("{many} people on this page"),
        };
        let rows = items.into_iter().map(row).collect_view();
        let columns = ["Who", "Gains", "Loses"].map(Column::new).to_vec();
        view! {
            <Table caption="Who gains and who loses" columns>
                {rows}
            </Table>
            <Pagination first next summary/>
        }
    });
    view! {
        <Card title="What it comes to" lead="Tried out just now. Nothing is changed yet.">
            <div class="grid gap-4">
                <Banner tone title=words::comes_to(gaining, losing)/>
                {table}
                {form}
            </div>
        </Card>
    }
    .into_any()
}

fn row(change: RoleChange) -> AnyView {
    let RoleChange { member, gains, loses } = change;
    let list = |names: Vec<String>| if names.is_empty() { "—".to_owned() } else { names.join(", ") };
    view! {
        <Row>
            <Cell label="">
                <p class="table-main">{member.called().to_owned()}</p>
                <p class="table-sub wrap-anywhere">{member.email}</p>
            </Cell>
            <Cell label="Gains">{list(gains)}</Cell>
            <Cell label="Loses">{list(loses)}</Cell>
        </Row>
    }
    .into_any()
}

/// What the role shall be.
fn fields(draft: &Draft) -> AnyView {
    let permissions = draft
        .permissions
        .iter()
        .map(|name| view! { <Hidden name="permissions[]" value=name.clone()/> })
        .collect_view();
    view! {
        <Hidden name="name" value=draft.name.clone().unwrap_or_default()/>
        <Hidden name="description" value=draft.description.clone().unwrap_or_default()/>
        {permissions}
    }
    .into_any()
}

fn create(slug: &str, draft: &Draft, ruling: &Ruling) -> AnyView {
    let action = ruling.create;
    view! {
        <Form action>
            <Hidden name="organization_id" value=slug/>
            {fields(draft)}
            <SubmitButton pending_words="Making…">"Make the role"</SubmitButton>
        </Form>
    }
    .into_any()
}

fn update(role: &Role, slug: &str, draft: &Draft, ruling: &Ruling) -> AnyView {
    let action = ruling.update;
    let version = draft.version.unwrap_or(role.version).to_string();
    view! {
        <Form action>
            <Hidden name="organization_id" value=slug/>
            <Hidden name="role" value=role.role.clone()/>
            <Hidden name="version" value=version/>
            {fields(draft)}
            <SubmitButton pending_words="Saving…">"Save the role"</SubmitButton>
        </Form>
    }
    .into_any()
}

fn delete(role: &Role, slug: &str, ruling: &Ruling) -> AnyView {
    let action = ruling.delete;
    view! {
        <p>{words::DELETE_LEAD}</p>
        <Form action>
            <Hidden name="organization_id" value=slug/>
            <Hidden name="role" value=role.role.clone()/>
            <Hidden name="assigned" value="take"/>
            <div class="stack-actions">
                <SubmitButton weight=Weight::Danger pending_words="Deleting…">
                    {format!("Delete {}", role.name)}
                </SubmitButton>
                <LinkButton href=format!("/o/{slug}/roles?role={}", role.role)>"Keep it"</LinkButton>
            </div>
        </Form>
    }
    .into_any()
}
