//! Bars, drawn as SVG by the server: they need neither wasm nor a `style` attribute. What they show stands in a table as well,
//! because a picture is nothing to a screen reader.

use leptos::prelude::*;

/// How wide the picture is, in its own units.
const WIDTH: i64 = 720;
/// How high.
const HEIGHT: i64 = 180;

/// One bar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bar {
    /// What it is about, such as a day; told when the pointer rests on it.
    pub label: String,
    /// How much.
    pub value: i64,
    /// The same for people.
    pub told: String,
}

/// Bars side by side, and a line where something ends, if it is in sight.
#[component]
pub fn BarChart(
    /// What the picture shows, in a sentence with the numbers that matter.
    #[prop(into)]
    summary: String,
    /// The bars, from left to right.
    bars: Vec<Bar>,
) -> impl IntoView {
    let most = bars.iter().map(|bar| bar.value).max().unwrap_or_default().max(1);
    let count = i64::try_from(bars.len()).unwrap_or(i64::MAX).max(1);
    let step = (WIDTH / count).max(1);
    let gap = if step > 6 { 2 } else { 0 };
    let drawn = bars
        .into_iter()
        .zip(0_i64..)
        .map(|(bar, place)| {
            let height = height(bar.value, most);
            let [x, y, width] = [place * step, HEIGHT - height, step - gap].map(|number| number.to_string());
            view! {
                <rect class="fill-accent" x=x y=y width=width height=height.to_string()>
                    <title>{format!("{}: {}", bar.label, bar.told)}</title>
                </rect>
            }
        })
        .collect_view();
    let frame = format!("0 0 {} {HEIGHT}", step * count);
    view! {
        <svg class="w-full" viewBox=frame role="img" aria-label=summary preserveAspectRatio="none" height=HEIGHT.to_string()>
            {drawn}
        </svg>
    }
}

/// How much of a whole is used, and how much more is promised.
#[component]
pub fn Gauge(
    /// What it shows, in a sentence with the numbers.
    #[prop(into)]
    summary: String,
    /// Used.
    used: i64,
    /// Promised besides.
    promised: i64,
    /// The whole.
    whole: i64,
) -> impl IntoView {
    let (used, promised) = (share(used, whole), share(promised, whole));
    let promised = promised.min(1000 - used);
    let class = if used + promised >= 1000 { "fill-danger" } else { "fill-accent" };
    view! {
        <svg class="w-full" viewBox="0 0 1000 12" role="img" aria-label=summary preserveAspectRatio="none" height="12">
            <rect class="fill-hover" x="0" y="0" width="1000" height="12" rx="4"></rect>
            <rect class=class x="0" y="0" width=used.to_string() height="12" rx="4"></rect>
            <rect class="fill-line-strong" x=used.to_string() y="0" width=promised.to_string() height="12"></rect>
        </svg>
    }
}

/// How much of a whole is one part of it.
#[component]
pub fn ShareBar(
    /// What it shows, in a sentence with the numbers.
    #[prop(into)]
    summary: String,
    /// The part.
    part: i64,
    /// The whole.
    whole: i64,
) -> impl IntoView {
    let width = share(part, whole).to_string();
    view! {
        <svg
            class="w-full min-w-24"
            viewBox="0 0 1000 12"
            role="img"
            aria-label=summary
            preserveAspectRatio="none"
            height="12"
        >
            <rect class="fill-hover" x="0" y="0" width="1000" height="12" rx="4"></rect>
            <rect class="fill-accent" x="0" y="0" width=width height="12" rx="4"></rect>
        </svg>
    }
}

/// In thousandths, from nothing to all of it.
fn share(part: i64, whole: i64) -> i64 {
    if whole <= 0 {
        return if part > 0 { 1000 } else { 0 };
    }
    let share = i128::from(part.max(0)) * 1000 / i128::from(whole);
    i64::try_from(share).unwrap_or(1000).min(1000)
}

/// What is more than nothing is seen.
fn height(value: i64, most: i64) -> i64 {
    let height = i128::from(value.max(0)) * i128::from(HEIGHT) / i128::from(most.max(1));
    i64::try_from(height).unwrap_or(HEIGHT).max(i64::from(value > 0))
}

#[cfg(test)]
mod tests {
    use super::{HEIGHT, height, share};

    #[test]
    fn a_share_is_between_nothing_and_all_of_it() {
        assert_eq!((share(0, 10), share(5, 10), share(10, 10), share(30, 10)), (0, 500, 1000, 1000));
        assert_eq!((share(1, 0), share(0, 0), share(-5, 10), share(i64::MAX, i64::MAX)), (1000, 0, 0, 1000));
    }

    #[test]
    fn the_tallest_bar_fills_the_picture_and_the_smallest_is_seen() {
        assert_eq!((height(10, 10), height(1, i64::MAX), height(0, 10)), (HEIGHT, 1, 0));
    }
}
