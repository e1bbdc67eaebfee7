//! What usage costs by whoever runs the site, and one more price.

use domain::billing::UsagePrice;
use leptos::prelude::*;

use super::Settling;
use crate::{
    billing::words,
    ui::{
        Badge, Card, Cell, Column, EmptyState, Field, Form, Glyph, Row, SubmitButton, Table, TextInput,
        TimeText, Tone, Weight,
    },
};

/// The card with the list, and the form for whoever may set one.
pub fn usage_prices(prices: Vec<UsagePrice>, may_change: bool, settling: &Settling) -> AnyView {
    let list = if prices.is_empty() {
        let text = "What organizations use is not billed until you set a price for it.";
        view! { <EmptyState glyph=Glyph::List title="No prices yet" text/> }.into_any()
    } else {
        let rows = prices.into_iter().map(row).collect_view();
        let columns = ["What", "Unit", "Price", "From"].map(Column::new).to_vec();
        view! {
            <Table caption="Prices of usage" columns>
                {rows}
            </Table>
        }
        .into_any()
    };
    let form = may_change.then(|| form(settling));
    view! {
        <Card title="What usage costs" lead=words::PRICES_LEAD>
            <div class="grid gap-4">{list} {form}</div>
        </Card>
    }
    .into_any()
}

fn row(price: UsagePrice) -> AnyView {
    let now = price.is_current.then(|| view! { " " <Badge tone=Tone::Good text="Now"/> });
    let told = price.unit_price().told();
    view! {
        <Row>
            <Cell label="">
                <p class="table-main">{price.item}</p>
                <p class="table-sub">{price.provider}</p>
            </Cell>
            <Cell label="Unit">{price.unit}</Cell>
            <Cell label="Price">{told} {now}</Cell>
            <Cell label="From">
                <TimeText at=price.valid_from/>
            </Cell>
        </Row>
    }
    .into_any()
}

fn form(settling: &Settling) -> AnyView {
    let action = settling.usage_price;
    view! {
        <Form action>
            <div class="grid max-w-xl gap-4">
                <Field name="provider" label="Provider" hint="As calls name it, such as openai.">
                    <TextInput maxlength=100 required=true autocomplete="off"/>
                </Field>
                <Field name="item" label="Item" hint="Such as a model or a tool.">
                    <TextInput maxlength=200 required=true autocomplete="off"/>
                </Field>
                <Field name="unit" label="Unit" hint="Such as call, second or input-token.">
                    <TextInput maxlength=40 required=true autocomplete="off"/>
                </Field>
                <Field name="currency" label="Currency" hint="Three letters, such as EUR.">
                    <TextInput maxlength=3 required=true autocomplete="off"/>
                </Field>
                <Field name="price" label="Price" hint="Such as 3 or 0.0025. Nothing ends a price.">
                    <TextInput required=true autocomplete="off"/>
                </Field>
                <Field name="per" label="For how many (optional)" hint="One where nobody says; such as 1000000.">
                    <TextInput autocomplete="off"/>
                </Field>
                <Field name="valid_from" label="From (UTC, optional)" hint="From the next minute on where nothing is chosen.">
                    <TextInput kind="datetime-local"/>
                </Field>
            </div>
            <SubmitButton weight=Weight::Secondary pending_words="Setting…">
                "Set the price"
            </SubmitButton>
        </Form>
    }
    .into_any()
}
