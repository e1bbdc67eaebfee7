//! The taxes of invoices, one more of them, and the check of all documents.

use domain::billing::{TaxRate, WithTaxId, percent};
use leptos::prelude::*;

use super::Settling;
use crate::{
    billing::words,
    ui::{
        Badge, Card, Cell, Column, EmptyState, Field, Form, Glyph, Row, Select, SubmitButton, Table,
        TextInput, TimeText, Tone, Weight,
    },
};

/// The card with the list, and the form for whoever may set one.
pub fn taxes(rates: Vec<TaxRate>, may_change: bool, settling: &Settling) -> AnyView {
    let list = if rates.is_empty() {
        let text = "Invoices have none until you set one for the country of the customer.";
        view! { <EmptyState glyph=Glyph::List title="No taxes yet" text/> }.into_any()
    } else {
        let rows = rates.into_iter().map(row).collect_view();
        let columns = ["Country", "Tax", "Rate", "With a tax number", "From"].map(Column::new).to_vec();
        view! {
            <Table caption="Taxes by country" columns>
                {rows}
            </Table>
        }
        .into_any()
    };
    let form = may_change.then(|| form(settling));
    view! {
        <Card title="Taxes" lead=words::TAX_LEAD>
            <div class="grid gap-4">{list} {form}</div>
        </Card>
    }
    .into_any()
}

fn row(rate: TaxRate) -> AnyView {
    let now = rate.is_current.then(|| view! { " " <Badge tone=Tone::Good text="Now"/> });
    let with = match rate.with_tax_id {
        WithTaxId::Charged => "Charged",
        WithTaxId::ReverseCharge => "Reverse charge",
    };
    view! {
        <Row>
            <Cell label="Country">{rate.country}</Cell>
            <Cell label="Tax">{rate.name}</Cell>
            <Cell label="Rate">{percent(rate.rate)} {now}</Cell>
            <Cell label="With a tax number">{with}</Cell>
            <Cell label="From">
                <TimeText at=rate.valid_from/>
            </Cell>
        </Row>
    }
    .into_any()
}

fn form(settling: &Settling) -> AnyView {
    let action = settling.tax;
    let kinds = [("charged", "Charged all the same"), ("reverse-charge", "Reverse charge")];
    let kinds = kinds.map(|(value, words)| (value.to_owned(), words.to_owned())).to_vec();
    view! {
        <Form action>
            <div class="grid max-w-xl gap-4">
                <Field name="country" label="Country" hint="Two letters, such as DE.">
                    <TextInput maxlength=2 required=true autocomplete="off"/>
                </Field>
                <Field name="name" label="Tax">
                    <TextInput value="VAT" maxlength=40 required=true autocomplete="off"/>
                </Field>
                <Field name="percent" label="Percent" hint="Such as 19 or 9.975.">
                    <TextInput required=true autocomplete="off"/>
                </Field>
                <Field name="with_tax_id" label="Customers with a tax number">
                    <Select options=kinds/>
                </Field>
                <Field name="valid_from" label="From (UTC, optional)" hint="From now on where nothing is chosen.">
                    <TextInput kind="datetime-local"/>
                </Field>
            </div>
            <SubmitButton weight=Weight::Secondary pending_words="Setting…">
                "Set the tax"
            </SubmitButton>
        </Form>
    }
    .into_any()
}

/// Computes every document anew.
pub fn check_card(settling: &Settling) -> AnyView {
    let action = settling.check;
    view! {
        <Card title="Check invoices and credit notes" lead=words::CHECK_LEAD>
            <Form action>
                <SubmitButton weight=Weight::Secondary pending_words="Computing…">
                    "Check all of them"
                </SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}
