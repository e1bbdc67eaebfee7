//! What a change of plan would do, and the button that does it.

use std::iter::once;

use domain::{
    AppError,
    billing::{Plan, PlanPreview, Subscription, When},
};
use leptos::prelude::*;

use super::{Changing, SeatsAsked, seats_form};
use crate::{
    billing::words,
    error::Problem,
    frame::refused,
    ui::{
        Address, Banner, Card, Detail, DetailsList, Form, Hidden, LinkButton, SubmitButton, TimeText, Tone,
        Weight,
    },
};

/// The id of the card; the focus goes there when a plan was chosen.
pub const PREVIEW: &str = "preview";
/// In front of the ids of its fields.
const ASKED: &str = "preview-seats";

/// The card for what stands in the address.
pub fn preview(
    thought: &Address,
    told: Result<PlanPreview, Problem>,
    subscription: &Subscription,
    plans: &[Plan],
    changing: &Changing,
) -> Option<AnyView> {
    let typed = thought.get("plan").unwrap_or_default();
    let plan = named(&typed, subscription, plans);
    match (told, plan) {
        (Ok(told), plan) => Some(card(&told, plan, subscription, changing)),
        // Somebody else has taken it meanwhile.
        (Err(Problem(AppError::Conflict { .. })), _) => None,
        (Err(problem), Some(plan)) if problem.0.of_field("extra_seats").is_some() => {
            let seats = thought.get("extra_seats").unwrap_or_default();
            Some(asked_anew(plan, seats, problem, &subscription.slug))
        }
        (Err(problem), _) => Some(refused(&problem)),
    }
}

/// A plan by its name: as it was taken where it is there already, else as it is on offer.
fn named<'a>(name: &str, subscription: &'a Subscription, plans: &'a [Plan]) -> Option<&'a Plan> {
    once(&subscription.plan).chain(plans).find(|plan| plan.plan.eq_ignore_ascii_case(name))
}

fn card(
    told: &PlanPreview,
    plan: Option<&Plan>,
    subscription: &Subscription,
    changing: &Changing,
) -> AnyView {
    let slug = subscription.slug.as_str();
    let title = format!("Change to {}", words::with_seats(&told.title, told.extra_seats));
    let change = subscription.may_change.then(|| change_form(told, plan, &title, slug, changing));
    let seats = plan.filter(|plan| plan.seat_price.is_some()).map(|plan| {
        let seats = told.extra_seats.to_string();
        seats_form(SeatsAsked { id: ASKED, slug, plan, seats, problem: None, submit: "Compute again" })
    });
    let facts = view! { {exceeded(told)} {costs(told)} {seats} };
    framed(title, slug, facts.into_any(), change)
}

/// The same where the seats are none that the plan can have: what was typed stays, and says why.
fn asked_anew(plan: &Plan, seats: String, problem: Problem, slug: &str) -> AnyView {
    let title = format!("Change to {}", plan.title);
    let problem = Some(problem);
    let asked = SeatsAsked { id: ASKED, slug, plan, seats, problem, submit: "Compute again" };
    framed(title, slug, seats_form(asked), None)
}

fn framed(title: String, slug: &str, facts: AnyView, change: Option<AnyView>) -> AnyView {
    let (label, back) = (title.clone(), format!("/o/{slug}/billing"));
    view! {
        <section id=PREVIEW tabindex="-1" aria-label=label>
            <Card title>
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

fn change_form(
    told: &PlanPreview,
    plan: Option<&Plan>,
    title: &str,
    slug: &str,
    changing: &Changing,
) -> AnyView {
    let (action, submit) = (changing.change, title.to_owned());
    let mut hidden = vec![
        ("organization_id", slug.to_owned()),
        ("plan", told.plan.clone()),
        ("extra_seats", told.extra_seats.to_string()),
        // What was said it would cost: whoever is charged knows what they agreed to.
        ("total", told.total.digits()),
    ];
    hidden.extend(plan.map(|plan| ("version_id", plan.version_id.to_string())));
    let hidden = hidden.into_iter().map(|(name, value)| view! { <Hidden name value/> }).collect_view();
    view! {
        <Form action>
            {hidden} <SubmitButton pending_words="Changing…">{submit}</SubmitButton>
        </Form>
    }
    .into_any()
}

fn costs(told: &PlanPreview) -> AnyView {
    let (at, next_at, price) = (told.at, told.next_at, told.monthly_price.to_string());
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
            <Detail name="Each month from then on">{price} ", without taxes"</Detail>
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
        .filter_map(|used| {
            let (count, given) = (used.used?, words::given(used.limit)?);
            let text = format!("{}: {count} of {given}", used.limit.entitlement.title());
            Some(view! { <li>{text}</li> }.into_any())
        })
        .collect_view();
    let card = view! {
        <Banner tone=Tone::Warning title=words::EXCEEDED>
            <ul>{rows}</ul>
        </Banner>
    };
    Some(card.into_any())
}
