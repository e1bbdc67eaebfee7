//! What a change of plan would do, and the button that does it.

use domain::{
    AppError,
    billing::{PlanPreview, Subscription, When},
};
use leptos::prelude::*;
use leptos_router::components::Form as GetForm;

use super::Changing;
use crate::{
    billing::words,
    error::Problem,
    frame::refused,
    ui::{
        Banner, Card, Detail, DetailsList, Field, Form, Hidden, LinkButton, SubmitButton, TextInput,
        TimeText, Tone, Weight,
    },
};

/// The id of the card; the focus goes there when a plan was chosen.
pub const PREVIEW: &str = "preview";

/// The card; nothing where the plan in the address is the one that is there.
pub fn preview(
    thought: Result<PlanPreview, Problem>,
    subscription: &Subscription,
    changing: &Changing,
) -> Option<AnyView> {
    match thought {
        Ok(told) => Some(card(told, subscription, changing)),
        // That is what the address says after the change.
        Err(Problem(AppError::Conflict { .. })) => None,
        Err(problem) => Some(refused(&problem)),
    }
}

fn card(told: PlanPreview, subscription: &Subscription, changing: &Changing) -> AnyView {
    let slug = subscription.slug.clone();
    let action = changing.change;
    let back = format!("/o/{slug}/billing");
    let title = format!("Change to {}", told.title);
    let seats = told.extra_seats.to_string();
    let (plan, submit) = (told.plan.clone(), title.clone());
    let change = subscription.may_change.then(|| {
        view! {
            <Form action>
                <Hidden name="organization_id" value=slug.clone()/>
                <Hidden name="plan" value=plan/>
                <Hidden name="extra_seats" value=seats.clone()/>
                <SubmitButton pending_words="Changing…">{submit}</SubmitButton>
            </Form>
        }
    });
    let facts = view! { {exceeded(&told)} {costs(&told)} {more_seats(&told, &back)} };
    view! {
        <section id=PREVIEW tabindex="-1" aria-label=title.clone()>
            <Card title=title.clone()>
                <div class="grid gap-4">
                    {facts}
                    <div class="flex flex-wrap gap-3">
                        {change}
                        <LinkButton href=back weight=Weight::Quiet>
                            "Leave it as it is"
                        </LinkButton>
                    </div>
                </div>
            </Card>
        </section>
    }
    .into_any()
}

fn costs(told: &PlanPreview) -> AnyView {
    let (at, next_at, month) = (told.at, told.next_at, told.month.to_string());
    let when = match told.when {
        When::Now => "At once".into_any(),
        When::PeriodEnd => view! { <TimeText at/> }.into_any(),
    };
    let lines = told
        .lines
        .iter()
        .map(|line| {
            let amount = line.amount.to_string();
            view! { <Detail name=line.description.clone()>{amount}</Detail> }.into_any()
        })
        .collect_view();
    let (tax, total) = (told.tax.to_string(), told.total.to_string());
    view! {
        <DetailsList>
            <Detail name="When">{when}</Detail>
            {lines}
            <Detail name="Taxes">{tax}</Detail>
            <Detail name="To pay now">
                <strong>{total}</strong>
            </Detail>
            <Detail name="Each month from then on">{month} ", without taxes"</Detail>
            <Detail name="First whole month">
                <TimeText at=next_at/>
            </Detail>
        </DetailsList>
    }
    .into_any()
}

fn exceeded(told: &PlanPreview) -> Option<AnyView> {
    if told.exceeded.is_empty() {
        return None;
    }
    let rows = told
        .exceeded
        .iter()
        .map(|used| {
            let count = used.used.unwrap_or_default();
            let text = format!("{}: {count} of {}", used.limit.entitlement.title(), used.limit.told());
            view! { <li>{text}</li> }.into_any()
        })
        .collect_view();
    let card = view! {
        <Banner tone=Tone::Warning title=words::EXCEEDED>
            <ul>{rows}</ul>
        </Banner>
    };
    Some(card.into_any())
}

/// Asks anew with other seats; a plain GET, so that the answer has an address.
fn more_seats(told: &PlanPreview, path: &str) -> AnyView {
    let (plan, seats, path) = (told.plan.clone(), told.extra_seats.to_string(), path.to_owned());
    view! {
        <GetForm method="get" action=path>
            <input type="hidden" name="plan" value=plan/>
            <div class="flex flex-wrap items-end gap-3">
                <Field name="extra_seats" label="Seats beside those of the plan">
                    <TextInput kind="number" value=seats/>
                </Field>
                <button type="submit" class="btn btn-secondary">
                    "Compute again"
                </button>
            </div>
        </GetForm>
    }
    .into_any()
}
