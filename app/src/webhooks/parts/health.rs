//! How a webhook stands.

use domain::{Timestamp, webhooks::Webhook};
use leptos::prelude::*;

use crate::{
    ui::{Badge, Banner, Card, Detail, DetailsList, TimeText, Tone},
    webhooks::words,
};

/// The card, and a word of warning where nothing arrives.
pub fn health(webhook: &Webhook) -> AnyView {
    let Webhook { url, state, description, actions, created_at, rotated_at, waiting, failed, .. } =
        webhook.clone();
    let (tone, text) = words::state(state);
    let description = if description.is_empty() { "—".to_owned() } else { description };
    let arrival = moment(webhook.last_success_at);
    let failure = moment(webhook.last_failure_at);
    let overlap = webhook.previous_until.map(|at| view! { ". The one before signs until " <TimeText at/> });
    let warning = webhook.failing_since.map(|at| {
        view! {
            <Banner tone=Tone::Warning title="Nothing has arrived lately.">
                <p>"Every attempt has failed since " <TimeText at/> ". After five days it is paused."</p>
            </Banner>
        }
    });
    view! {
        <Card title="State">
            <div class="grid gap-4">
                {warning}
                <DetailsList>
                    <Detail name="URL">
                        <code class="wrap-anywhere">{url}</code>
                    </Detail>
                    <Detail name="State">
                        <Badge tone text=text/>
                    </Detail>
                    <Detail name="Events">{words::events(&actions)}</Detail>
                    <Detail name="Description">{description}</Detail>
                    <Detail name="Last arrival">{arrival}</Detail>
                    <Detail name="Last failure">{failure}</Detail>
                    <Detail name="Deliveries">{format!("{waiting} waiting, {failed} given up")}</Detail>
                    <Detail name="Made">
                        <TimeText at=created_at/>
                    </Detail>
                    <Detail name="Secret">"Made " <TimeText at=rotated_at/> {overlap}</Detail>
                </DetailsList>
            </div>
        </Card>
    }
    .into_any()
}

fn moment(at: Option<Timestamp>) -> AnyView {
    match at {
        Some(at) => view! { <TimeText at/> }.into_any(),
        None => "Never".into_any(),
    }
}
