//! What has been used that is on no invoice yet.

use domain::billing::{OpenUsage, OpenUsageLine};
use leptos::prelude::*;

use crate::{
    billing::words,
    ui::{Card, Cell, Column, Detail, DetailsList, EmptyState, Glyph, Row, Table, TimeText},
};

/// The card with what was used of everything, and what would be charged now.
pub fn open_usage(usage: OpenUsage) -> AnyView {
    let OpenUsage { period, lines, used, included, to_charge, .. } = usage;
    let list = if lines.is_empty() {
        view! { <EmptyState glyph=Glyph::List title="Nothing to charge for" text=words::NOTHING_USED/> }
            .into_any()
    } else {
        let rows = lines.into_iter().map(row).collect_view();
        let columns = ["What", "Used", "Price", "Amount"].map(Column::new).to_vec();
        view! {
            <Table caption="What was used since the last invoice" columns>
                {rows}
            </Table>
        }
        .into_any()
    };
    let included = (included.minor.get() > 0)
        .then(|| view! { <Detail name="Included each month">{included.to_string()}</Detail> });
    let (used, to_charge) = (used.to_string(), to_charge.to_string());
    view! {
        <Card title="Usage so far" lead=words::USAGE_LEAD>
            <div class="grid gap-4">
                {list}
                <DetailsList>
                    <Detail name="Used">{used}</Detail>
                    {included}
                    <Detail name="To be charged so far">
                        <strong>{to_charge}</strong>
                    </Detail>
                    <Detail name="Charged with the month that ends">
                        <TimeText at=period.until/>
                    </Detail>
                </DetailsList>
            </div>
        </Card>
    }
    .into_any()
}

fn row(line: OpenUsageLine) -> AnyView {
    let (price, amount, quantity) =
        (line.unit_price().told(), line.amount.to_string(), line.quantity.to_string());
    let what = format!("{}, {}", line.provider, line.unit);
    view! {
        <Row>
            <Cell label="">
                <p class="table-main">{line.item}</p>
                <p class="table-sub">{what}</p>
            </Cell>
            <Cell label="Used">{quantity}</Cell>
            <Cell label="Price">{price}</Cell>
            <Cell label="Amount">{amount}</Cell>
        </Row>
    }
    .into_any()
}
