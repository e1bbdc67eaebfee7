//! The plans on offer.

use domain::billing::{OpenUsage, Plan, Subscription};
use leptos::prelude::*;

use crate::{
    billing::words,
    ui::{Badge, Card, LinkButton, Tone, Weight},
};

/// A card for each plan.
pub fn offers(subscription: &Subscription, plans: Vec<Plan>, usage: &OpenUsage) -> AnyView {
    let cards = plans.into_iter().map(|plan| offer(subscription, plan, usage)).collect_view();
    view! {
        <section class="grid gap-4" aria-labelledby="offers">
            <div>
                <h2 class="card-title" id="offers">
                    "Plans"
                </h2>
                <p>{words::PLANS_LEAD}</p>
            </div>
            <div class="grid items-start gap-4 md:grid-cols-2">{cards}</div>
        </section>
    }
    .into_any()
}

fn offer(subscription: &Subscription, plan: Plan, usage: &OpenUsage) -> AnyView {
    let is_present = plan.plan == subscription.plan.plan;
    let href = format!("/o/{}/billing?plan={}", subscription.slug, plan.plan);
    // What is taken stays as it was taken, whatever is on offer now.
    let shown = if is_present { subscription.plan.clone() } else { plan };
    // Where no usage is charged, none is included.
    let included = (usage.has_prices && shown.included_usage.minor.get() > 0)
        .then(|| view! { <p>"Usage included: " {shown.included_usage.to_string()} " a month"</p> });
    let seats = shown.seat_price.map(|price| view! { <p>"One more seat: " {price.to_string()}</p> });
    let given = shown
        .entitlements
        .iter()
        .filter_map(|it| {
            let (title, amount) = (it.entitlement.title(), words::given(*it)?);
            Some(view! { <li>{title} ": " {amount}</li> }.into_any())
        })
        .collect_view();
    let title = shown.title.clone();
    let act = match (is_present, subscription.may_change) {
        (true, _) => view! { <Badge tone=Tone::Good text="Your plan"/> }.into_any(),
        (false, true) => view! {
            <LinkButton href weight=Weight::Secondary>
                "See what " {title} " would cost"
            </LinkButton>
        }
        .into_any(),
        (false, false) => ().into_any(),
    };
    view! {
        <Card title=shown.title.clone() lead=shown.lead.clone()>
            <div class="grid gap-3">
                <p>
                    <strong>{shown.price.to_string()}</strong>
                    " a month"
                </p>
                {seats} {included}
                <ul class="grid gap-1">{given}</ul>
                <div>{act}</div>
            </div>
        </Card>
    }
    .into_any()
}
