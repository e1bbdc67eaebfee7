//! `/orgs`: the organizations somebody belongs to, and one more.

use domain::{Page, identity::Viewer, organizations::MyOrganization};
use leptos::prelude::*;

use crate::{
    frame::{Inside, refused},
    organizations::{
        api::{CreateOrganization, list_organizations},
        parts::role_badges,
        words,
    },
    ui::{
        Badge, Banner, Card, Cell, Column, Field, Form, FormAction, PageHeader, Row, Skeleton, SubmitButton,
        Table, TextInput, TimeText, Tone, parameter,
    },
};

/// The list, and the form of a new one.
#[component]
pub fn OrganizationsPage() -> impl IntoView {
    let create = FormAction::<CreateOrganization>::new();
    let organizations = Resource::new(|| (), |()| list_organizations());
    let has_left = parameter("left").is_some();
    let page = move |_: Viewer| {
        let list = move || {
            Suspend::new(async move {
                match organizations.await {
                    Ok(page) => list(page),
                    Err(problem) => refused(&problem),
                }
            })
        };
        view! {
            <PageHeader title="Organizations" lead=words::LEAD/>
            <div class="stack">
                {has_left.then(|| view! { <div role="status"><Banner tone=Tone::Good title=words::LEFT/></div> })}
                <Transition strict=true fallback=|| view! { <Skeleton lines=6/> }>
                    {list}
                </Transition>
                {form(create)}
            </div>
        }
        .into_any()
    };
    view! { <Inside page/> }
}

fn list(page: Page<MyOrganization>) -> AnyView {
    let rows = page.items.into_iter().map(row).collect_view();
    let columns = ["Organization", "Your roles", "Since"].map(Column::new).to_vec();
    view! {
        <Card title="Yours">
            <Table caption="Your organizations" columns>
                {rows}
            </Table>
        </Card>
    }
    .into_any()
}

fn row(organization: MyOrganization) -> AnyView {
    let MyOrganization { slug, name, personal, roles, joined_at, deletes_at, .. } = organization;
    let href = format!("/o/{slug}");
    let ends = deletes_at.map(|at| view! { <p class="table-sub">"Deleted on " <TimeText at/></p> });
    view! {
        <Row>
            <Cell label="">
                <p class="table-main wrap-anywhere">
                    <a href=href>{name}</a>
                </p>
                <p class="table-sub">
                    {slug} {personal.then(|| view! { " " <Badge text="Personal"/> })}
                </p>
                {ends}
            </Cell>
            <Cell label="Your roles">{role_badges(roles)}</Cell>
            <Cell label="Since">
                <TimeText at=joined_at/>
            </Cell>
        </Row>
    }
    .into_any()
}

fn form(create: FormAction<CreateOrganization>) -> AnyView {
    view! {
        <Card title="Make an organization" lead=words::CREATE_LEAD>
            <div class="max-w-md">
                <Form action=create>
                    <Field name="name" label="Name">
                        <TextInput required=true maxlength=100 autocomplete="organization"/>
                    </Field>
                    <Field name="slug" label="Slug (optional)" hint=words::SLUG_HINT>
                        <TextInput maxlength=40 autocomplete="off"/>
                    </Field>
                    <SubmitButton pending_words="Making…">"Make organization"</SubmitButton>
                </Form>
            </div>
        </Card>
    }
    .into_any()
}
