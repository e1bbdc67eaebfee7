//! `/o/<slug>/access`: who may do something, why somebody may or may not, and the matrix. What is asked is in the address, so
//! that an answer can be shown to a colleague.

use domain::{
    Page,
    access::Permission,
    identity::Viewer,
    organizations::{
        OrganizationDetail,
        roles::{Explanation, Holder},
    },
};
use leptos::prelude::*;
use leptos_router::{components::Form, hooks::use_query_map};

use crate::{
    error::Problem,
    frame::refused,
    organizations::{
        parts::{OrganizationFrame, frame::organization_in_address},
        roles::{
            api::{explain, permission_matrix, who_can},
            parts::{explanation, holders, matrix},
            words,
        },
    },
    ui::{Address, Card, Field, Select, Skeleton, TextInput, browser},
};

/// What of the query is a question, or a place in a list.
const PARAMETERS: [&str; 5] = ["permission", "cursor", "may", "who", "page"];
/// The id of the line above the answers; after a question the focus goes there.
const ANSWERS: &str = "answers";

/// The questions about who may do what.
#[component]
pub fn AccessPage() -> impl IntoView {
    let (slug, query) = (organization_in_address(), use_query_map());
    let address =
        Memo::new(move |_| query.with(|query| Address::of(format!("/o/{}/access", slug.get()), query, &PARAMETERS)));
    let answers = Resource::new(
        move || (slug.get(), address.get()),
        |(slug, address)| async move { (read_holders(&slug, &address).await, read_why(&slug, &address).await) },
    );
    let everybody = Resource::new(
        move || (slug.get(), address.with(|address| address.get("page"))),
        |(slug, page)| permission_matrix(slug, None, page),
    );
    Effect::new(move |before: Option<Address>| {
        let now = address.get();
        if before.is_some_and(|before| before != now) {
            browser::focus_soon(ANSWERS.into());
        }
        now
    });
    let page = move |_: Viewer, _: OrganizationDetail| {
        let told = move || {
            let address = address.get();
            Suspend::new(async move {
                let (able, why) = answers.await;
                view! {
                    <p class="sr-only" id=ANSWERS tabindex="-1">
                        "Answers"
                    </p>
                    {why_card(why, &address)}
                    {who_card(able, &address)}
                }
                .into_any()
            })
        };
        let table = move || {
            let address = address.get();
            Suspend::new(async move {
                match everybody.await {
                    Ok(page) => matrix(page, &address),
                    // Who may not see everybody has asked about themselves.
                    Err(Problem(domain::AppError::NotAllowed)) => ().into_any(),
                    Err(problem) => refused(&problem),
                }
            })
        };
        view! {
            <div class="stack">
                <p class="page-lead">{words::ACCESS_LEAD}</p>
                <Transition strict=true fallback=|| view! { <Skeleton lines=6/> }>
                    {told}
                </Transition>
                <Transition strict=true fallback=|| view! { <Skeleton lines=8/> }>
                    {table}
                </Transition>
            </div>
        }
        .into_any()
    };
    view! { <OrganizationFrame title="Access" page/> }
}

type Asked<T> = Option<Result<T, Problem>>;

async fn read_holders(slug: &str, address: &Address) -> Asked<Page<Holder>> {
    let permission = address.get("permission")?;
    Some(who_can(slug.to_owned(), permission, None, address.get("cursor")).await)
}

async fn read_why(slug: &str, address: &Address) -> Asked<Explanation> {
    let permission = address.get("may")?;
    Some(explain(slug.to_owned(), address.get("who"), permission).await)
}

/// Every permission, with what it allows.
fn options() -> Vec<(String, String)> {
    let option = |it: &Permission| (it.name().to_owned(), format!("{} – {}", it.name(), it.allows()));
    Permission::ALL.iter().map(option).collect()
}

fn why_card(why: Asked<Explanation>, address: &Address) -> AnyView {
    let path = address.with("who", "").with("may", "").with("permission", "").with("cursor", "").with("page", "").href();
    let answer = why.map(|why| match why {
        Ok(told) => explanation(told),
        Err(problem) => refused(&problem),
    });
    let (may, who) = (address.get("may").unwrap_or_default(), address.get("who").unwrap_or_default());
    view! {
        <Card title="Why may I (not)?" lead="About yourself, or about somebody else where you may see roles.">
            <div class="grid gap-4">
                <Form method="get" action=path>
                    <div class="grid gap-4 md:grid-cols-2">
                        <Field name="may" label="What">
                            <Select options=options() value=may/>
                        </Field>
                        <Field name="who" label="Address of a member (empty: yourself)">
                            <TextInput kind="email" value=who autocomplete="off"/>
                        </Field>
                    </div>
                    <button type="submit" class="btn btn-secondary mt-4">
                        "Explain"
                    </button>
                </Form>
                {answer}
            </div>
        </Card>
    }
    .into_any()
}

fn who_card(able: Asked<Page<Holder>>, address: &Address) -> AnyView {
    let path = address.with("who", "").with("may", "").with("permission", "").with("cursor", "").with("page", "").href();
    let permission = address.get("permission").unwrap_or_default();
    let answer = able.map(|able| match able {
        Ok(page) => holders(page, &permission, address),
        Err(problem) => refused(&problem),
    });
    view! {
        <Card title="Who can do this?" lead="Everybody who may, with each chain of group and role.">
            <div class="grid gap-4">
                <Form method="get" action=path>
                    <div class="max-w-xl">
                        <Field name="permission" label="What">
                            <Select options=options() value=permission.clone()/>
                        </Field>
                    </div>
                    <button type="submit" class="btn btn-secondary mt-4">
                        "Show who can"
                    </button>
                </Form>
                {answer}
            </div>
        </Card>
    }
    .into_any()
}
