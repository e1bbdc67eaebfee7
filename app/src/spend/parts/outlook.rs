//! What will have been spent at the end of the month.

use domain::spend::Forecast;
use leptos::prelude::*;

use crate::ui::{Banner, Card, Detail, DetailsList, Tone};

/// The card.
pub fn outlook(it: &Forecast) -> AnyView {
    let warning = it.cap_reached_on.clone().map(|day| {
        view! { <Banner tone=Tone::Warning title=format!("The monthly cap is reached on {day}, if it goes on like this.")/> }
    });
    let lead = match it.days_known {
        0 => "There is no whole day to go by yet.".to_owned(),
        1 => "By one whole day.".to_owned(),
        days => format!("By the same weekdays of the last four weeks; {days} whole days are known."),
    };
    let error = match it.past_error_percent {
        Some(percent) => format!("{percent} % over the last days"),
        None => "Not known yet".to_owned(),
    };
    let title = format!("Forecast for {}", it.month);
    let (spent, expected) = (it.spent.told(), it.expected.told());
    let between = format!("{} to {}", it.low.told(), it.high.told());
    view! {
        <Card title lead>
            <div class="grid gap-4">
                {warning}
                <DetailsList>
                    <Detail name="Spent so far">{spent}</Detail>
                    <Detail name="Expected">{expected}</Detail>
                    <Detail name="In four of five cases">{between}</Detail>
                    <Detail name="It was off by">{error}</Detail>
                </DetailsList>
            </div>
        </Card>
    }
    .into_any()
}
