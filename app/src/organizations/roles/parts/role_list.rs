//! The table of roles, and where a new one begins.

use domain::organizations::roles::{Role, TEMPLATES};
use leptos::prelude::*;

use crate::{
    organizations::roles::words,
    ui::{Badge, Card, Cell, Column, LinkButton, Row, Table, Weight},
};

/// The cards with every role, and with what a new one can begin from.
pub fn role_list(roles: &[Role], slug: &str) -> AnyView {
    let rows = roles.iter().map(|role| row(role, slug)).collect_view();
    let columns = ["Role", "Allows", "Members", "Groups"].map(Column::new).to_vec();
    let templates = TEMPLATES.map(|(name, about, _)| {
        let href = format!("/o/{slug}/roles?mode=new&template={name}");
        view! {
            <li>
                <a href=href>{name}</a>
                <span class="field-hint">{format!(" {about}")}</span>
            </li>
        }
    });
    let href = format!("/o/{slug}/roles?mode=new");
    view! {
        <Card title="Every role">
            <Table caption="Roles" columns>
                {rows}
            </Table>
        </Card>
        <Card title="Make a role" lead=words::TEMPLATES>
            <ul class="grid gap-1 mb-4">{templates.into_iter().collect_view()}</ul>
            <LinkButton href weight=Weight::Secondary>
                "Begin from nothing"
            </LinkButton>
        </Card>
    }
    .into_any()
}

fn row(role: &Role, slug: &str) -> AnyView {
    let href = format!("/o/{slug}/roles?role={}", role.role);
    let kind = (!role.built_in).then(|| view! { <Badge text="Your own"/> });
    let allows = match role.permissions.len() {
        1 => "1 permission".to_owned(),
        many => format!("{many} permissions"),
    };
    view! {
        <Row>
            <Cell label="">
                <p class="table-main">
                    <a href=href>{role.name.clone()}</a>
                    " "
                    {kind}
                </p>
                <p class="table-sub">{role.description.clone()}</p>
            </Cell>
            <Cell label="Allows">{allows}</Cell>
            <Cell label="Members">{role.members.to_string()}</Cell>
            <Cell label="Groups">{role.groups.to_string()}</Cell>
        </Row>
    }
    .into_any()
}
