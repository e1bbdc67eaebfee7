//! One delivery, whole. It is in the address (`?delivery=`), so that it opens without wasm and can be shown to a colleague.

use domain::webhooks::{Attempt, Delivery, DeliveryDetail};
use leptos::prelude::*;
use serde_json::Value;

use super::Tending;
use crate::{
    error::Problem,
    frame::refused,
    ui::{
        Address, Badge, Card, CodeBlock, Detail, DetailsList, Form, Hidden, LinkButton, SubmitButton,
        TimeText, Weight,
    },
    webhooks::words,
};

/// The id of the panel; the focus goes there when it opens.
pub const PEEK: &str = "delivery";

/// The panel, and the way back to the list as it is.
pub fn peek(detail: Result<DeliveryDetail, Problem>, address: &Address, tending: &Tending) -> AnyView {
    let back = address.href();
    let close = view! {
        <LinkButton href=back weight=Weight::Quiet>
            "Close"
        </LinkButton>
    };
    let (title, content) = match detail {
        Ok(detail) => (format!("Delivery of {}", detail.delivery.action), whole(detail, tending)),
        Err(problem) => ("Delivery".to_owned(), refused(&problem)),
    };
    let label = title.clone();
    view! {
        <div id=PEEK tabindex="-1" role="region" aria-label=label>
            <Card title aside=close.into_any()>
                {content}
            </Card>
        </div>
    }
    .into_any()
}

fn whole(detail: DeliveryDetail, tending: &Tending) -> AnyView {
    let DeliveryDetail { delivery, body, attempts } = detail;
    let action = tending.replay;
    let id = delivery.id.to_string();
    let again = view! {
        <Form action id="replay-one">
            <Hidden name="id" value=id/>
            <SubmitButton weight=Weight::Secondary pending_words="Sending…">
                "Send it once more"
            </SubmitButton>
        </Form>
    };
    // The newest comes first and has the highest number.
    let numbers = (1..=attempts.len()).rev();
    let attempts = attempts.into_iter().zip(numbers).map(|(it, number)| attempt(it, number)).collect_view();
    view! {
        <div class="grid grid-cols-1 gap-4">
            {facts(delivery)}
            {again.into_any()}
            <CodeBlock text=pretty(&body) what="body"/>
            {attempts}
        </div>
    }
    .into_any()
}

fn facts(delivery: Delivery) -> AnyView {
    let (tone, text) = words::delivery(delivery.state);
    let entry = match delivery.seq {
        Some(seq) => {
            let href = format!("/admin/audit-logs?entry={seq}");
            view! { <a href=href>{format!("Entry {seq} of the audit trail")}</a> }.into_any()
        }
        None => "None: it is a test".into_any(),
    };
    let end = match (delivery.next_attempt_at, delivery.ended_at) {
        (Some(at), _) => view! { "Tried next at " <TimeText at/> }.into_any(),
        (None, Some(at)) => view! { "Ended at " <TimeText at/> }.into_any(),
        (None, None) => "—".into_any(),
    };
    view! {
        <DetailsList>
            <Detail name="State">
                <Badge tone text=text/>
            </Detail>
            <Detail name="What next">{end}</Detail>
            <Detail name="Entry">{entry}</Detail>
            <Detail name="webhook-id">
                <code class="wrap-anywhere">{delivery.id.to_string()}</code>
            </Detail>
            <Detail name="Written">
                <TimeText at=delivery.created_at/>
            </Detail>
        </DetailsList>
    }
    .into_any()
}

fn attempt(attempt: Attempt, number: usize) -> AnyView {
    let Attempt { at, duration_ms, status, problem, answer } = attempt;
    let came_to = match (status, problem) {
        (Some(status), _) => format!("Status {status}"),
        (None, Some(problem)) => format!("No answer: {problem}"),
        (None, None) => "No answer".to_owned(),
    };
    let what = format!("answer {number}");
    let answer = (!answer.is_empty()).then(|| view! { <CodeBlock text=answer what=what/> });
    view! {
        <div class="grid grid-cols-1 gap-2">
            <p>
                <span class="font-medium">{came_to}</span>
                {format!(", after {duration_ms} ms, at ")}
                <TimeText at/>
            </p>
            {answer}
        </div>
    }
    .into_any()
}

/// JSON text with a line for each field; what is none is shown as it is.
fn pretty(text: &str) -> String {
    let value = serde_json::from_str::<Value>(text).and_then(|value| serde_json::to_string_pretty(&value));
    value.unwrap_or_else(|_| text.to_owned())
}
