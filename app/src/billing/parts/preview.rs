//! What a change of plan would do, and the button that does it.

use std::iter::once;

use domain::{
    AppError,
    billing::{PaymentProvider, Plan, PlanPreview, Subscription, When},
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
    let change = subscription.may_change.then(|| ways(told, plan, &title, subscription, changing));
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

/// The button, or one for each way to pay where there is a choice: while nothing is paid for.
fn ways(
    told: &PlanPreview,
    plan: Option<&Plan>,
    title: &str,
    subscription: &Subscription,
    changing: &Changing,
) -> AnyView {
    let slug = subscription.slug.as_str();
    let is_free = subscription.monthly_price.minor.get() == 0;
    if !subscription.takes_cards || !is_free || subscription.provider != PaymentProvider::Invoice.name() {
        return agreed_form(told, plan, title.to_owned(), slug, changing);
    }
    let by_card = card_form(told, plan, format!("{title}, paid by card"), slug, changing);
    let on_invoice = agreed_form(told, plan, format!("{title}, on invoice"), slug, changing);
    view! {
        <p class="basis-full">{words::WAYS_LEAD}</p>
        {by_card}
        {on_invoice}
    }
    .into_any()
}

/// For what was said it would cost: whoever is charged knows what they agreed to.
fn agreed_form(
    told: &PlanPreview,
    plan: Option<&Plan>,
    submit: String,
    slug: &str,
    changing: &Changing,
) -> AnyView {
    let action = changing.change;
    let fields = hidden(told, plan, slug, ("total", told.total.digits()));
    view! {
        <Form action known_by="total">
            {fields} <SubmitButton pending_words="Changing…">{submit}</SubmitButton>
        </Form>
    }
    .into_any()
}

/// What it costs stands on the page of Stripe's on which it is paid.
fn card_form(
    told: &PlanPreview,
    plan: Option<&Plan>,
    submit: String,
    slug: &str,
    changing: &Changing,
) -> AnyView {
    let action = changing.by_card;
    let fields = hidden(told, plan, slug, ("provider", PaymentProvider::Stripe.name().to_owned()));
    view! {
        <Form action id="change-by-card" known_by="provider">
            {fields} <SubmitButton pending_words="Asking Stripe…">{submit}</SubmitButton>
        </Form>
    }
    .into_any()
}

fn hidden(told: &PlanPreview, plan: Option<&Plan>, slug: &str, more: (&'static str, String)) -> AnyView {
    let mut fields = vec![
        ("organization_id", slug.to_owned()),
        ("plan", told.plan.clone()),
        ("extra_seats", told.extra_seats.to_string()),
        more,
    ];
    fields.extend(plan.map(|plan| ("version_id", plan.version_id.to_string())));
    fields.into_iter().map(|(name, value)| view! { <Hidden name value/> }).collect_view().into_any()
}

fn costs(told: &PlanPreview) -> AnyView {
    let (at, next_at, price) = (told.at, told.next_at, told.monthly_price.to_string());
    let when = match told.when {
        When::Now => "At once".into_any(),
        When::PeriodEnd => view! { <TimeText at/> }.into_any(),
        When::OncePaid => "As soon as it is paid".into_any(),
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
