//! Everything about one person: how the account stands, what can be done, where it is signed in, what happened.

use domain::{
    access::SiteRole,
    admin::{UserDetail, UserRow},
    identity::Viewer,
    sessions::Device,
};
use leptos::prelude::*;

use super::{
    acts::acts,
    filters::{role_words, status_words},
    helping::Helping,
    history::history,
};
use crate::ui::{
    Badge, Card, Cell, Column, Detail, DetailsList, EmptyState, Glyph, PageHeader, Row, Table, TimeText, Tone,
};

/// The page of a person, for this viewer.
pub fn person(viewer: &Viewer, detail: UserDetail, helping: &Helping) -> AnyView {
    let UserDetail { user, recovery_codes_left, devices, entries } = detail;
    let title = format!("Account of {}", user.email);
    let acts = acts(viewer, &user, helping);
    let history = history(viewer, &user, entries);
    view! {
        <PageHeader title lead="What this account may do, where it is signed in, and what happened to it."/>
        <div class="stack">
            {helping.said()} {account(user, recovery_codes_left)} {acts} {signed_in(devices)} {history}
        </div>
    }
    .into_any()
}

fn account(user: UserRow, codes: i64) -> AnyView {
    let roles: Vec<&str> = user.roles.iter().map(|role| role_words(*role)).collect();
    let factor = match (user.second_factor, codes) {
        (false, _) => "Off".to_owned(),
        (true, 1) => "On, 1 recovery code left".to_owned(),
        (true, many) => format!("On, {many} recovery codes left"),
    };
    let name = if user.display_name.is_empty() { "—".to_owned() } else { user.display_name };
    let seen = match user.last_seen_at {
        Some(at) => view! { <TimeText at/> }.into_any(),
        None => "Never".into_any(),
    };
    let due = user.deletion_due_at.map(|at| view! { ", on " <TimeText at/> });
    let (status, created_at, id) = (status_words(user.status), user.created_at, user.id.to_string());
    let tone = if user.roles.iter().any(|role| *role != SiteRole::User) { Tone::Info } else { Tone::Neutral };
    view! {
        <Card title="Account">
            <DetailsList>
                <Detail name="Status">{status}{due}</Detail>
                <Detail name="Display name">{name}</Detail>
                <Detail name="Roles">
                    <Badge tone text=roles.join(", ")/>
                </Detail>
                <Detail name="Second factor">{factor}</Detail>
                <Detail name="Opened">
                    <TimeText at=created_at/>
                </Detail>
                <Detail name="Last seen">{seen}</Detail>
                <Detail name="Id">
                    <code class="wrap-anywhere">{id}</code>
                </Detail>
            </DetailsList>
        </Card>
    }
    .into_any()
}

fn signed_in(devices: Vec<Device>) -> AnyView {
    if devices.is_empty() {
        let text = "Nobody is signed in to this account at the moment.";
        return view! {
            <Card title="Devices">
                <EmptyState glyph=Glyph::Device title="No devices" text/>
            </Card>
        }
        .into_any();
    }
    let rows = devices
        .into_iter()
        .map(|device| {
            view! {
                <Row>
                    <Cell label="">{device.device}</Cell>
                    <Cell label="Address">{device.address}</Cell>
                    <Cell label="Begun">
                        <TimeText at=device.created_at/>
                    </Cell>
                    <Cell label="Last seen">
                        <TimeText at=device.last_seen_at/>
                    </Cell>
                </Row>
            }
        })
        .collect_view();
    let columns = ["Device", "Address", "Begun", "Last seen"].map(Column::new).to_vec();
    view! {
        <Card title="Devices">
            <Table caption="Where this account is signed in" columns>
                {rows}
            </Table>
        </Card>
    }
    .into_any()
}
