//! The ways to pay that somebody has left with Stripe: which one is charged, and what can be done about them.

use domain::billing::{PaymentMethod, Subscription};
use leptos::prelude::*;

use super::Paying;
use crate::{
    billing::words,
    error::Problem,
    ui::{
        Badge, Banner, Card, Cell, Column, EmptyState, Field, Form, Glyph, Hidden, Row, Select, SubmitButton,
        Table, Tone, Weight,
    },
};

/// What can be done about rows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rows {
    Read,
    TakeAway,
}

/// The card about them; nothing where nothing is paid through Stripe.
pub fn payment_methods(
    methods: Option<Result<Vec<PaymentMethod>, Problem>>,
    returned: Option<String>,
    subscription: &Subscription,
    paying: &Paying,
) -> Option<AnyView> {
    let content = match methods? {
        Ok(methods) => card_of(methods, subscription, paying),
        Err(_) => view! { <Banner tone=Tone::Bad title=words::METHODS_AWAY/> }.into_any(),
    };
    let notice = (returned.as_deref() == Some("left"))
        .then(|| view! { <Banner tone=Tone::Info title=words::CARD_LEFT/> });
    let said = paying.said();
    let card = view! {
        <Card title="Ways to pay" lead=words::METHODS_LEAD>
            <div class="grid gap-4">{notice} {said} {content}</div>
        </Card>
    };
    Some(card.into_any())
}

fn card_of(methods: Vec<PaymentMethod>, subscription: &Subscription, paying: &Paying) -> AnyView {
    let (slug, may_change) = (subscription.slug.as_str(), subscription.may_change);
    let choice = may_change.then(|| choice(&methods, slug, paying));
    let acts = may_change.then(|| acts(slug, paying));
    let list = if methods.is_empty() {
        let text = words::NO_METHODS;
        view! { <EmptyState glyph=Glyph::List title="No way to pay yet" text/> }.into_any()
    } else if may_change {
        removable(&methods, slug, paying)
    } else {
        table(&methods, Rows::Read)
    };
    view! { {list} {choice.flatten()} {acts} }.into_any()
}

/// One form for all rows: each button brings the name of its own.
fn removable(methods: &[PaymentMethod], slug: &str, paying: &Paying) -> AnyView {
    let (action, organization, table) = (paying.remove, slug.to_owned(), table(methods, Rows::TakeAway));
    view! {
        <Form action>
            <Hidden name="organization_id" value=organization/>
            {table}
        </Form>
    }
    .into_any()
}

fn table(methods: &[PaymentMethod], may: Rows) -> AnyView {
    let rows = methods.iter().map(|method| row(method, may)).collect_view();
    let columns = ["Way to pay", "Good until"].map(Column::new).into_iter();
    let acts = (may == Rows::TakeAway).then(|| Column::unlabelled("Actions"));
    let columns: Vec<Column> = columns.chain(acts).collect();
    view! {
        <Table caption="Ways to pay" columns>
            {rows}
        </Table>
    }
    .into_any()
}

fn row(method: &PaymentMethod, may: Rows) -> AnyView {
    let name = words::method(method);
    let charged = method.is_default.then(|| view! { " " <Badge tone=Tone::Good text="Charged"/> });
    let until = method.expires.clone().unwrap_or_else(|| "—".to_owned());
    let remove = (may == Rows::TakeAway).then(|| {
        let (id, whom) = (method.id.clone(), name.clone());
        view! {
            <Cell label="">
                <SubmitButton
                    weight=Weight::Danger
                    name="payment_method_id"
                    value=id
                    pending_words="Taking away…"
                >
                    "Take away"
                    <span class="sr-only">" the " {whom}</span>
                </SubmitButton>
            </Cell>
        }
    });
    view! {
        <Row>
            <Cell label="">
                <span class="table-main">{name}</span>
                {charged}
            </Cell>
            <Cell label="Good until">{until}</Cell>
            {remove}
        </Row>
    }
    .into_any()
}

/// Which one is charged, where another one could be.
fn choice(methods: &[PaymentMethod], slug: &str, paying: &Paying) -> Option<AnyView> {
    let others: Vec<_> = methods.iter().filter(|method| !method.is_default).collect();
    if others.is_empty() {
        return None;
    }
    let options: Vec<_> = others.iter().map(|method| (method.id.clone(), words::method(method))).collect();
    let first = options.first().map(|(id, _)| id.clone()).unwrap_or_default();
    let (action, organization) = (paying.choose, slug.to_owned());
    let form = view! {
        <Form action>
            <Hidden name="organization_id" value=organization/>
            <div class="max-w-md">
                <Field name="payment_method_id" label="Charge another one">
                    <Select options value=first/>
                </Field>
            </div>
            <SubmitButton weight=Weight::Secondary pending_words="Choosing…">
                "Charge this one"
            </SubmitButton>
        </Form>
    };
    Some(form.into_any())
}

fn acts(slug: &str, paying: &Paying) -> AnyView {
    let Paying { add, portal, .. } = *paying;
    let (first, second) = (slug.to_owned(), slug.to_owned());
    view! {
        <div class="flex flex-wrap gap-3">
            <Form action=add>
                <Hidden name="organization_id" value=first/>
                <SubmitButton pending_words="Opening…">"Add a way to pay"</SubmitButton>
            </Form>
            <Form action=portal>
                <Hidden name="organization_id" value=second/>
                <SubmitButton weight=Weight::Secondary pending_words="Opening…">
                    "Look after everything at Stripe"
                </SubmitButton>
            </Form>
        </div>
    }
    .into_any()
}
