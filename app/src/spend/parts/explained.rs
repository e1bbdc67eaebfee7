//! Why a call was billed, or why not.

use domain::{
    billing::UsageExplained,
    spend::{BookLine, Explained, ExplainedLine},
};
use leptos::prelude::*;

use crate::{
    error::Problem,
    spend::words,
    ui::{
        Badge, Banner, Card, Cell, Column, Detail, DetailsList, Field, Row, Table, TextInput, TimeText, Tone,
    },
};

/// A question, and its answer where the address asks one.
pub fn explain_card(
    asked: Option<String>,
    answer: Option<Result<Explained, Problem>>,
    slug: &str,
) -> AnyView {
    let answer = answer.map(|answer| match answer {
        Ok(explained) => told(explained, slug),
        Err(problem) => view! { <Banner tone=Tone::Warning title=problem.detail()/> }.into_any(),
    });
    view! {
        <Card title="Why was a call billed, or why not?">
            <div class="grid gap-4">
                <form method="get" class="grid max-w-xl gap-4">
                    <Field name="event_id" label="Event" hint=words::EXPLAIN_HINT>
                        <TextInput value=asked.unwrap_or_default() maxlength=200 required=true autocomplete="off"/>
                    </Field>
                    <div>
                        <button type="submit" class="btn btn-secondary">
                            "Explain"
                        </button>
                    </div>
                </form>
                {answer}
            </div>
        </Card>
    }
    .into_any()
}

fn told(it: Explained, slug: &str) -> AnyView {
    let tone = match it.verdict.as_str() {
        "billed" => Tone::Good,
        "unpriced" => Tone::Warning,
        _ => Tone::Neutral,
    };
    let held = it.held.map(|held| view! { <Detail name="Held for it">{held.told()}</Detail> });
    let at = it.occurred_at.map(|at| view! { <Detail name="When"><TimeText at/></Detail> });
    let item = it.item.zip(it.provider).map(|(item, provider)| {
        view! { <Detail name="What">{format!("{item} of {provider}")}</Detail> }
    });
    let budgets: Vec<String> = it
        .budgets
        .iter()
        .map(|budget| format!("{} {} from {}", words::scope(budget.scope), budget.subject, budget.window))
        .collect();
    let invoice = match (it.invoice_line, it.charges.is_empty(), it.entries.is_empty()) {
        (Some(line), ..) => line,
        (None, true, false) => words::NO_QUANTITY.to_owned(),
        (None, ..) => "On none yet".to_owned(),
    };
    let budgets = if budgets.is_empty() { "None".to_owned() } else { budgets.join("; ") };
    view! {
        <div class="grid gap-4" id="explained">
            <p><Badge tone text=it.verdict/> " " {it.reason}</p>
            <DetailsList>
                <Detail name="Costs">{it.amount.told()}</Detail>
                {held} {at} {item}
                <Detail name="Budgets">{budgets}</Detail>
                <Detail name="Invoice">{invoice}</Detail>
            </DetailsList>
            {charges(it.charges, slug)} {lines(it.lines)} {entries(it.entries)}
        </div>
    }
    .into_any()
}

/// Where each unit stands on invoices, and why.
fn charges(charges: Vec<UsageExplained>, slug: &str) -> Option<AnyView> {
    if charges.is_empty() {
        return None;
    }
    let rows = charges.into_iter().map(|charge| {
        let invoice = charge.invoice.map(|number| {
            let href = format!("/o/{slug}/billing/invoices/{number}");
            view! { " " <a href=href>{format!("Invoice {number}")}</a> }
        });
        let (tone, state) = words::charged(charge.state);
        view! {
            <Row>
                <Cell label="Unit">{charge.unit}</Cell>
                <Cell label="Quantity">{charge.quantity.to_string()}</Cell>
                <Cell label="Billing">
                    <Badge tone text=state/>
                    " "
                    {charge.reason}
                    {invoice}
                </Cell>
            </Row>
        }
    });
    let rows = rows.collect_view();
    let columns = ["Unit", "Quantity", "Billing"].map(Column::new).to_vec();
    Some(view! { <Table caption="On invoices" columns>{rows}</Table> }.into_any())
}

fn lines(lines: Vec<ExplainedLine>) -> Option<AnyView> {
    if lines.is_empty() {
        return None;
    }
    let rows = lines.into_iter().map(|line| {
        let price = line.price.zip(line.per).map(|(price, per)| format!("{} for {per}", price.told()));
        view! {
            <Row>
                <Cell label="Unit">{line.unit}</Cell>
                <Cell label="Quantity">{line.quantity.to_string()}</Cell>
                <Cell label="Price">{price.unwrap_or_else(|| "None".to_owned())}</Cell>
                <Cell label="Amount">{format!("${}", line.amount)}</Cell>
            </Row>
        }
    });
    let rows = rows.collect_view();
    let columns = ["Unit", "Quantity", "Price", "Amount"].map(Column::new).to_vec();
    Some(view! { <Table caption="Units and prices" columns>{rows}</Table> }.into_any())
}

fn entries(entries: Vec<BookLine>) -> Option<AnyView> {
    if entries.is_empty() {
        return None;
    }
    let rows = entries.into_iter().map(|line| {
        view! {
            <Row>
                <Cell label="Written">
                    <TimeText at=line.at/>
                </Cell>
                <Cell label="Kind">{line.kind}</Cell>
                <Cell label="Account">{line.account}</Cell>
                <Cell label="Amount">{format!("${}", line.amount)}</Cell>
            </Row>
        }
    });
    let rows = rows.collect_view();
    let columns = ["Written", "Kind", "Account", "Amount"].map(Column::new).to_vec();
    Some(view! { <Table caption="Ledger" columns>{rows}</Table> }.into_any())
}
