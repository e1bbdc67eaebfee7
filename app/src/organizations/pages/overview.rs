//! `/o/:slug`: an organization, and what somebody is in it.

use domain::{identity::Viewer, organizations::OrganizationDetail};
use leptos::prelude::*;

use crate::{
    organizations::{
        parts::{OrganizationFrame, role_badges},
        words,
    },
    ui::{Banner, Card, Detail, DetailsList, Glyph, LinkButton, TimeText, Tone, parameter},
};

/// What there is to know of it.
#[component]
pub fn OverviewPage() -> impl IntoView {
    let has_joined = parameter("joined").is_some();
    let page = move |_: Viewer, organization: OrganizationDetail| {
        view! {
            {has_joined
                .then(|| view! { <div role="status"><Banner tone=Tone::Good title=words::JOINED/></div> })}
            <div class="grid items-start gap-6 md:grid-cols-2">{facts(&organization)} {people(&organization)}</div>
        }
        .into_any()
    };
    view! { <OrganizationFrame page/> }
}

fn facts(organization: &OrganizationDetail) -> AnyView {
    let OrganizationDetail { slug, personal, time_zone, created_at, roles, .. } = organization.clone();
    let kind = if personal { "Somebody’s own" } else { "Shared" };
    view! {
        <Card title="About">
            <DetailsList>
                <Detail name="Slug">
                    <code class="wrap-anywhere">{slug}</code>
                </Detail>
                <Detail name="Kind">{kind}</Detail>
                <Detail name="Your roles">{role_badges(roles)}</Detail>
                <Detail name="Time zone">{time_zone.replace('_', " ")}</Detail>
                <Detail name="Since">
                    <TimeText at=created_at/>
                </Detail>
            </DetailsList>
        </Card>
    }
    .into_any()
}

fn people(organization: &OrganizationDetail) -> AnyView {
    let count = match organization.members {
        1 => "You are its only member so far.".to_owned(),
        many => format!("{many} members."),
    };
    let href = format!("/o/{}/members", organization.slug);
    let link = organization.may("members:read").then(|| {
        view! {
            <LinkButton href icon=Glyph::Users>
                "See the members"
            </LinkButton>
        }
    });
    view! {
        <Card title="People">
            <div class="grid justify-items-start gap-4">
                <p>{count}</p>
                {link}
            </div>
        </Card>
    }
    .into_any()
}
