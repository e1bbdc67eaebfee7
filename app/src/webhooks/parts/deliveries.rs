//! What was sent to a webhook: filters, the table, the way to the next page, and what was given up once more.

use domain::{
    Page, Timestamp,
    webhooks::{Delivery, DeliveryState, Webhook},
};
use leptos::prelude::*;

use super::Tending;
use crate::{
    ui::{
        Address, Badge, Card, Cell, Column, EmptyState, Field, Form, Glyph, Hidden, LinkButton, Pagination,
        Row, SubmitButton, Tab, Table, Tabs, TextInput, TimeText, Weight,
    },
    webhooks::words,
};

/// The id of the line that says how many there are; after a filter the focus goes there.
pub const RESULTS: &str = "delivery-results";

/// The card of one page of deliveries.
pub fn deliveries(page: Page<Delivery>, address: &Address) -> AnyView {
    let Page { items, next_cursor } = page;
    let tabs = tabs(address);
    let content = if items.is_empty() { nothing(address) } else { table(items, next_cursor, address) };
    view! {
        <Card title="Deliveries" lead="Of the last 30 days, the newest first. Times are in UTC; order is not promised.">
            <div class="grid gap-4">{tabs} {content}</div>
        </Card>
    }
    .into_any()
}

fn tabs(address: &Address) -> AnyView {
    let bare = address.with("cursor", "");
    let all = std::iter::once(Tab { href: bare.with("state", "").href(), label: "All".to_owned() });
    let states = DeliveryState::ALL.map(|state| Tab {
        href: bare.with("state", state.name()).href(),
        label: words::delivery(state).1.to_owned(),
    });
    let current = Signal::stored(bare.href());
    view! { <Tabs label="Deliveries by state" tabs=all.chain(states).collect() current/> }.into_any()
}

fn nothing(address: &Address) -> AnyView {
    if address.is_bare() {
        return view! {
            <EmptyState glyph=Glyph::Send title="Nothing was sent yet" text=words::NO_DELIVERIES/>
        }
        .into_any();
    }
    let href = address.with("cursor", "").with("state", "").href();
    let action = view! { <LinkButton href>"Show everything"</LinkButton> }.into_any();
    let text = "No delivery of the last 30 days is in this state.";
    view! { <EmptyState glyph=Glyph::Search title="No deliveries found" text action/> }.into_any()
}

fn table(items: Vec<Delivery>, next_cursor: Option<String>, address: &Address) -> AnyView {
    let summary = match items.len() {
        1 => "1 delivery on this page".to_owned(),
        many => format!("{many} deliveries on this page"),
    };
    let first = address.get("cursor").map(|_| address.with("cursor", "").href());
    let next = next_cursor.map(|cursor| address.with("cursor", &cursor).href());
    let rows = items.into_iter().map(|delivery| row(delivery, address)).collect_view();
    let columns = ["Time", "Event", "State", "Attempts", "Last result"].map(Column::new).to_vec();
    view! {
        <p class="sr-only" id=RESULTS tabindex="-1">
            {summary.clone()}
        </p>
        <Table caption=format!("Deliveries: {summary}") columns>
            {rows}
        </Table>
        <Pagination first next summary/>
    }
    .into_any()
}

fn row(delivery: Delivery, address: &Address) -> AnyView {
    let Delivery { id, seq, action, state, attempts, created_at, next_attempt_at, last_result, .. } =
        delivery;
    let (tone, text) = words::delivery(state);
    let href = address.with("delivery", &id.to_string()).href();
    let again = next_attempt_at.map(|at| view! { <p class="table-sub">"Next at " <TimeText at/></p> });
    let number = seq.map_or_else(|| "a test".to_owned(), |seq| format!("entry {seq}"));
    view! {
        <Row>
            <Cell label="Time">
                <TimeText at=created_at/>
            </Cell>
            <Cell label="Event">
                <p>
                    <a href=href>
                        {action}
                        <span class="sr-only">" " {number}</span>
                    </a>
                </p>
            </Cell>
            <Cell label="State">
                <Badge tone text=text/>
                {again}
            </Cell>
            <Cell label="Attempts">{attempts.to_string()}</Cell>
            <Cell label="Last result">{last_result.unwrap_or_else(|| "—".to_owned())}</Cell>
        </Row>
    }
    .into_any()
}

/// Sends everything that was given up since a moment once more.
pub fn replay_failed(webhook: &Webhook, tending: &Tending) -> Option<AnyView> {
    if webhook.failed == 0 {
        return None;
    }
    let action = tending.replay;
    // All of them, unless somebody says otherwise.
    let since = minute(webhook.created_at);
    let id = webhook.id.to_string();
    let title = match webhook.failed {
        1 => "1 delivery was given up".to_owned(),
        many => format!("{many} deliveries were given up"),
    };
    let card = view! {
        <Card title lead=words::REPLAY_LEAD>
            <Form action id="replay-failed">
                <Hidden name="webhook_id" value=id/>
                <div class="max-w-xs">
                    <Field name="since" label="Not older than (UTC)">
                        <TextInput kind="datetime-local" value=since required=true/>
                    </Field>
                </div>
                <SubmitButton weight=Weight::Secondary pending_words="Sending…">
                    "Send them once more"
                </SubmitButton>
            </Form>
        </Card>
    };
    Some(card.into_any())
}

/// As `<input type="datetime-local">` has it: `2026-11-21T12:03`.
fn minute(at: Timestamp) -> String {
    at.rfc3339().chars().take(16).collect()
}
