//! What an organization has at present, and how much of it is used.

use domain::billing::{PaymentProvider, Subscription, Used};
use leptos::prelude::*;

use super::{Changing, SeatsAsked, seats_form};
use crate::{
    billing::words,
    ui::{
        Badge, Banner, Card, Cell, Column, Detail, DetailsList, Form, Hidden, Row, SubmitButton, Table,
        TimeText, Tone, Weight,
    },
};

/// The card about the plan with the question for more seats, and the one about what is used.
pub fn present(subscription: &Subscription, more_seats: Option<AnyView>, changing: &Changing) -> AnyView {
    let Subscription { plan, extra_seats, monthly_price, period, next, .. } = subscription.clone();
    let seats =
        (extra_seats > 0).then(|| view! { <Detail name="More seats">{extra_seats.to_string()}</Detail> });
    let comes = next.clone().map(|next| {
        view! {
            <Detail name="After that">
                {words::with_seats(&next.title, next.extra_seats)} " from " <TimeText at=next.at/>
            </Detail>
        }
    });
    let paid = paid(subscription).map(|how| view! { <Detail name="Paid">{how}</Detail> });
    let act = subscription.may_change.then(|| act(subscription, changing));
    view! {
        <Card title=format!("Your plan: {}", plan.title) lead=plan.lead>
            <div class="grid gap-4">
                <DetailsList>
                    <Detail name="A month costs">{monthly_price.to_string()} ", without taxes"</Detail>
                    {seats} {paid}
                    <Detail name="This period">
                        <TimeText at=period.from/> " to " <TimeText at=period.until/>
                    </Detail>
                    {comes}
                </DetailsList>
                {more_seats} {act}
            </div>
        </Card>
        {usage(&subscription.usage)}
    }
    .into_any()
}

/// How it is paid, where there is more than one way.
fn paid(subscription: &Subscription) -> Option<&'static str> {
    match PaymentProvider::parse(&subscription.provider)? {
        PaymentProvider::Stripe => Some("By card, at Stripe"),
        PaymentProvider::Invoice
            if subscription.monthly_price.minor.get() > 0 && subscription.takes_cards =>
        {
            Some("On invoice")
        }
        PaymentProvider::Invoice => None,
    }
}

/// What is said to somebody who comes back from Stripe's page.
pub fn came_back(how: Option<String>, subscription: &Subscription) -> Option<AnyView> {
    let is_there = PaymentProvider::parse(&subscription.provider) == Some(PaymentProvider::Stripe);
    match (how.as_deref()?, is_there) {
        ("made", true) => {
            Some(view! { <Banner tone=Tone::Good title="It is paid, and the plan is there."/> }.into_any())
        }
        ("made", false) => {
            let again = format!("/o/{}/billing?payment=made", subscription.slug);
            let banner = view! {
                <Banner tone=Tone::Info title="Payment is being confirmed">
                    <p>{words::CONFIRMING}</p>
                    <p>
                        <a href=again rel="external">
                            "Look again"
                        </a>
                    </p>
                </Banner>
            };
            Some(banner.into_any())
        }
        ("left", false) => {
            Some(view! { <Banner title="Nothing was paid. The plan stays as it is."/> }.into_any())
        }
        _ => None,
    }
}

/// Asks what more seats of the present plan would cost; nothing where it has none, or for whoever may not take any.
pub fn more_seats(subscription: &Subscription) -> Option<AnyView> {
    let Subscription { slug, plan, extra_seats, may_change, .. } = subscription;
    if !may_change || plan.seat_price.is_none() {
        return None;
    }
    let (seats, submit) = (extra_seats.to_string(), "See what that would cost");
    Some(seats_form(SeatsAsked { id: "more-seats", slug, plan, seats, problem: None, submit }))
}

/// Cancelling, or keeping what is cancelled.
fn act(subscription: &Subscription, changing: &Changing) -> Option<AnyView> {
    let organization = subscription.slug.clone();
    if subscription.next.is_some() {
        let action = changing.resume;
        return Some(
            view! {
                <Form action>
                    <Hidden name="organization_id" value=organization/>
                    <SubmitButton pending_words="Keeping…">"Keep the present plan"</SubmitButton>
                </Form>
            }
            .into_any(),
        );
    }
    if subscription.monthly_price.minor.get() == 0 {
        return None;
    }
    let action = changing.cancel;
    Some(
        view! {
            <div class="grid gap-2">
                <p>{words::CANCEL_LEAD}</p>
                <Form action>
                    <Hidden name="organization_id" value=organization/>
                    <SubmitButton weight=Weight::Danger pending_words="Cancelling…">
                        "Cancel the plan"
                    </SubmitButton>
                </Form>
            </div>
        }
        .into_any(),
    )
}

fn usage(all: &[Used]) -> AnyView {
    let rows = all.iter().filter_map(row).collect_view();
    let columns = ["What", "Included", "Used"].map(Column::new).to_vec();
    view! {
        <Card title="What the plan gives">
            <Table caption="What the plan gives and how much of it is used" columns>
                {rows}
            </Table>
        </Card>
    }
    .into_any()
}

/// Nothing for what nothing asks for yet.
fn row(used: &Used) -> Option<AnyView> {
    let count = used.used.map_or_else(|| "—".to_owned(), |count| count.to_string());
    let exceeded =
        used.is_exceeded().then(|| view! { " " <Badge tone=Tone::Bad text="More than included"/> });
    let (title, included) = (used.limit.entitlement.title(), words::given(used.limit)?);
    let row = view! {
        <Row>
            <Cell label="">
                <p class="table-main">{title}</p>
            </Cell>
            <Cell label="Included">{included}</Cell>
            <Cell label="Used">{count} {exceeded}</Cell>
        </Row>
    };
    Some(row.into_any())
}
