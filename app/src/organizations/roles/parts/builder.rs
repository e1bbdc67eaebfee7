//! The builder: name, description, and a grid of resources and verbs. It is sent by a plain link to the same page, which tells
//! what it comes to.

use domain::{
    access::Permission,
    organizations::roles::{Role, TEMPLATES},
};
use leptos::prelude::*;
use leptos_router::components::Form;

use super::Draft;
use crate::{
    organizations::roles::words,
    ui::{Card, Checkbox, Field, LinkButton, TextInput, Weight},
};

/// What the fields hold at first.
struct Start {
    name: String,
    description: String,
    permissions: Vec<String>,
}

impl Start {
    /// What was sent comes first, then the role that is changed, then the template.
    fn of(open: Option<&Role>, draft: &Draft) -> Self {
        if draft.is_tried() {
            let (name, description) = (draft.name.clone(), draft.description.clone());
            return Self {
                name: name.unwrap_or_default(),
                description: description.unwrap_or_default(),
                permissions: draft.permissions.clone(),
            };
        }
        if let Some(role) = open {
            let Role { name, description, permissions, .. } = role.clone();
            return Self { name, description, permissions };
        }
        let template = TEMPLATES.into_iter().find(|(name, ..)| draft.template.as_deref() == Some(*name));
        let (name, description, permissions) = template.unwrap_or_default();
        Self {
            name: name.to_owned(),
            description: description.to_owned(),
            permissions: permissions.iter().map(|it| it.name().to_owned()).collect(),
        }
    }
}

/// The card with the form.
pub fn builder(open: Option<&Role>, slug: &str, draft: &Draft) -> AnyView {
    let start = Start::of(open, draft);
    let title = open.map_or_else(|| "A new role".to_owned(), |role| format!("Change {}", role.name));
    let mode = if open.is_some() { "edit" } else { "new" };
    let role = open.map(|role| view! { <input type="hidden" name="role" value=role.role.clone()/> });
    // The version that is shown is the one that is changed, also when the page is tried out again and again.
    let version = open.map(|role| draft.version.unwrap_or(role.version).to_string());
    let version = version.map(|version| view! { <input type="hidden" name="version" value=version/> });
    let close = view! {
        <LinkButton href=format!("/o/{slug}/roles") weight=Weight::Quiet>
            "Close"
        </LinkButton>
    };
    let grid = resources().into_iter().map(|resource| row(resource, &start.permissions)).collect_view();
    view! {
        <Card title lead=words::BUILD_LEAD aside=close.into_any()>
            <Form method="get" action=format!("/o/{slug}/roles")>
                <div class="grid gap-4">
                    <input type="hidden" name="mode" value=mode/>
                    <input type="hidden" name="try" value="1"/>
                    {role}
                    {version}
                    <div class="grid max-w-xl gap-4">
                        <Field name="name" label="Name">
                            <TextInput value=start.name maxlength=60 required=true autocomplete="off"/>
                        </Field>
                        <Field name="description" label="What it is for (optional)">
                            <TextInput value=start.description maxlength=200 autocomplete="off"/>
                        </Field>
                    </div>
                    {grid}
                    <div class="stack-actions">
                        <button type="submit" class="btn btn-primary">
                            "Try it out"
                        </button>
                    </div>
                </div>
            </Form>
        </Card>
    }
    .into_any()
}

/// The resources in the order of the permissions, each once.
pub(super) fn resources() -> Vec<&'static str> {
    let mut all: Vec<&'static str> = Permission::ALL.iter().map(|it| it.resource()).collect();
    all.dedup();
    all
}

fn row(resource: &'static str, chosen: &[String]) -> AnyView {
    let boxes = Permission::ALL
        .iter()
        .filter(|permission| permission.resource() == resource)
        .map(|permission| {
            let checked = chosen.iter().any(|name| name == permission.name());
            view! {
                <Checkbox
                    name="permission"
                    value=permission.name()
                    label=permission.verb()
                    hint=permission.allows()
                    checked
                />
            }
        })
        .collect_view();
    view! {
        <fieldset>
            <legend class="font-medium">{resource}</legend>
            <div class="mt-2 grid gap-3 sm:grid-cols-2 lg:grid-cols-3">{boxes}</div>
        </fieldset>
    }
    .into_any()
}
