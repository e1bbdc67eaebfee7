//! What was spent by day and by dimension: pictures, and the same in tables.

use domain::spend::{KeyTotal, Nano, UsageReport};
use leptos::prelude::*;

use crate::ui::{
    Address, Bar, BarChart, Card, Cell, Column, EmptyState, Glyph, Row, ShareBar, Tab, Table, Tabs,
};

/// By what it can be told.
const DIMENSIONS: [(&str, &str); 8] = [
    ("model", "Model"),
    ("provider", "Provider"),
    ("person", "Person"),
    ("group", "Group"),
    ("token", "Token"),
    ("workspace", "Workspace"),
    ("project", "Project"),
    ("tag", "Tag"),
];

/// Both cards.
pub fn used(report: UsageReport, address: &Address) -> AnyView {
    if report.calls == 0 {
        let text = "When a call is settled, it stands here: by day, and by what it was spent on.";
        return view! { <EmptyState glyph=Glyph::Search title="Nothing was spent in this time" text/> }
            .into_any();
    }
    let (dimension, keys, total) = (report.dimension.clone(), report.keys.clone(), report.total);
    view! { {by_day(report)} {by_key(&dimension, keys, total, address)} }.into_any()
}

fn by_day(report: UsageReport) -> AnyView {
    let UsageReport { from, to, total, calls, days, .. } = report;
    let summary = format!("{} were spent from {from} to {to}, by {calls} calls.", total.told());
    let bars = days.iter().map(|day| Bar {
        label: day.day.clone(),
        value: day.amount.get(),
        told: day.amount.told(),
    });
    let bars = bars.collect();
    let rows = days.into_iter().filter(|day| day.calls > 0).map(|day| {
        view! {
            <Row>
                <Cell label="Day">{day.day}</Cell>
                <Cell label="Spent">{day.amount.told()}</Cell>
                <Cell label="Calls">{day.calls.to_string()}</Cell>
            </Row>
        }
    });
    let rows = rows.collect_view();
    let columns = ["Day", "Spent", "Calls"].map(Column::new).to_vec();
    let tell: fn(i64) -> String = told;
    view! {
        <Card title="By day" lead=summary.clone()>
            <div class="grid gap-4">
                <BarChart summary bars tell/>
                <details>
                    <summary class="cursor-pointer py-1 font-medium">"The same in numbers"</summary>
                    <div class="mt-3">
                        <Table caption="Spent by day" columns>
                            {rows}
                        </Table>
                    </div>
                </details>
            </div>
        </Card>
    }
    .into_any()
}

fn told(nano: i64) -> String {
    Nano::new(nano).told()
}

fn by_key(dimension: &str, keys: Vec<KeyTotal>, total: Nano, address: &Address) -> AnyView {
    let tabs = DIMENSIONS
        .map(|(name, label)| Tab { href: address.with("dimension", name).href(), label: label.to_owned() });
    let current = Signal::stored(address.with("dimension", dimension).href());
    let what = DIMENSIONS.iter().find(|(name, _)| *name == dimension).map_or("What", |(_, label)| *label);
    let is_empty = keys.is_empty();
    let rows = keys.into_iter().map(|key| {
        let (part, summary) = (key.amount.get(), format!("{} of {}", key.amount.told(), total.told()));
        view! {
            <Row>
                <Cell label=what>{key.key}</Cell>
                <Cell label="Share">
                    <ShareBar summary part whole=total.get()/>
                </Cell>
                <Cell label="Spent">{key.amount.told()}</Cell>
                <Cell label="Calls">{key.calls.to_string()}</Cell>
            </Row>
        }
    });
    let rows = rows.collect_view();
    let columns = [what, "Share", "Spent", "Calls"].map(Column::new).to_vec();
    let content = if is_empty {
        view! { <p>{format!("No call of this time says its {dimension}.")}</p> }.into_any()
    } else {
        view! {
            <Table caption=format!("Spent by {dimension}, the dearest first") columns>
                {rows}
            </Table>
        }
        .into_any()
    };
    view! {
        <Card title="By what">
            <div class="grid gap-4">
                <Tabs label="By what it is told" tabs=tabs.to_vec() current/>
                {content}
            </div>
        </Card>
    }
    .into_any()
}
