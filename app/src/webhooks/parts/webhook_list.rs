//! The table of webhooks.

use domain::webhooks::Webhook;
use leptos::prelude::*;

use crate::{
    ui::{Badge, Card, Cell, Column, EmptyState, Glyph, Row, Table, TimeText, Tone},
    webhooks::words,
};

/// The card with the list.
pub fn webhook_list(webhooks: Vec<Webhook>) -> AnyView {
    if webhooks.is_empty() {
        return view! {
            <Card title="Your webhooks">
                <EmptyState glyph=Glyph::Send title="No webhooks yet" text=words::EMPTY/>
            </Card>
        }
        .into_any();
    }
    let rows = webhooks.into_iter().map(row).collect_view();
    let columns = ["URL", "State", "Events", "Last arrival", "Waiting"].map(Column::new).to_vec();
    view! {
        <Card title="Your webhooks">
            <Table caption="Where events are sent to" columns>
                {rows}
            </Table>
        </Card>
    }
    .into_any()
}

fn row(webhook: Webhook) -> AnyView {
    let href = format!("/admin/webhooks/{}", webhook.id);
    let (tone, text) = words::state(webhook.state);
    let description = Some(webhook.description).filter(|text| !text.is_empty());
    let failing = webhook.failing_since.map(|at| {
        view! {
            <p class="table-sub">
                <Badge tone=Tone::Warning text="Failing"/>
                " since "
                <TimeText at/>
            </p>
        }
    });
    let arrival = match webhook.last_success_at {
        Some(at) => view! { <TimeText at/> }.into_any(),
        None => "Never".into_any(),
    };
    view! {
        <Row>
            <Cell label="">
                <p class="table-main wrap-anywhere">
                    <a href=href>{webhook.url}</a>
                </p>
                {description.map(|text| view! { <p class="table-sub">{text}</p> })}
            </Cell>
            <Cell label="State">
                <Badge tone text=text/>
                {failing}
            </Cell>
            <Cell label="Events">{words::events(&webhook.actions)}</Cell>
            <Cell label="Last arrival">{arrival}</Cell>
            <Cell label="Waiting">{webhook.waiting.to_string()}</Cell>
        </Row>
    }
    .into_any()
}
