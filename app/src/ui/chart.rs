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

/// Bars side by side on a scale that ends at a round number.
#[component]
pub fn BarChart(
    /// What the picture shows, in sentences with the numbers that matter.
    #[prop(into)]
    summary: String,
    /// The bars, from left to right.
    bars: Vec<Bar>,
    /// A value for people, to stand at the scale.
    tell: fn(i64) -> String,
) -> impl IntoView {
    let top = round_up(bars.iter().map(|bar| bar.value).max().unwrap_or_default());
    let summary = format!("{summary} The scale ends at {}.", tell(top));
    let marks =
        [top, top / 2, 0].into_iter().map(|value| view! { <span>{tell(value)}</span> }).collect_view();
    let [first, last] = [bars.first(), bars.get(1).and(bars.last())];
    let ends = [first, last].into_iter().flatten();
    let ends = ends.map(|bar| view! { <span>{bar.label.clone()}</span> }).collect_view();
    let count = i64::try_from(bars.len()).unwrap_or(i64::MAX).max(1);
    let step = (WIDTH / count).max(1);
    let gap = if step > 6 { 2 } else { 0 };
    let whole = step * count;
    let lines = [0, HEIGHT / 2, HEIGHT - 1].into_iter().map(|y| {
        view! { <rect class="fill-line" x="0" y=y.to_string() width=whole.to_string() height="1"></rect> }
    });
    let lines = lines.collect_view();
    let drawn = bars
        .into_iter()
        .zip(0_i64..)
        .map(|(bar, place)| {
            let height = height(bar.value, top);
            let [x, y, width] = [place * step, HEIGHT - height, step - gap].map(|number| number.to_string());
            view! {
                <rect class="fill-accent" x=x y=y width=width height=height.to_string()>
                    <title>{format!("{}: {}", bar.label, bar.told)}</title>
                </rect>
            }
        })
        .collect_view();
    let frame = format!("0 0 {whole} {HEIGHT}");
    // Words stand beside the picture: inside they would be drawn out with it. Its name says what they say.
    view! {
        <div class="chart">
            <div class="chart-scale" aria-hidden="true">
                {marks}
            </div>
            <svg class="w-full" viewBox=frame role="img" aria-label=summary preserveAspectRatio="none" height=HEIGHT.to_string()>
                {lines} {drawn}
            </svg>
            <div class="chart-ends" aria-hidden="true">
                {ends}
            </div>
        </div>
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
    let besides = view! {
        <rect class="fill-line-strong" x=used.to_string() y="0" width=promised.to_string() height="12"></rect>
    };
    track(summary, class, used, Some(besides.into_any()))
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
    track(summary, "fill-accent", share(part, whole), None)
}

/// A bar as wide as there is room, filled by so many thousandths, and what comes after that.
fn track(summary: String, class: &'static str, filled: i64, besides: Option<AnyView>) -> AnyView {
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
            <rect class=class x="0" y="0" width=filled.to_string() height="12" rx="4"></rect>
            {besides}
        </svg>
    }
    .into_any()
}

/// The first of 1, 2, 5, 10, 20, 50 and so on that is not less: such numbers are read at a glance.
fn round_up(most: i64) -> i64 {
    let mut power = 1;
    while power <= most / 10 {
        power *= 10;
    }
    let steps = [1, 2, 5, 10].map(|step: i64| step.saturating_mul(power));
    steps.into_iter().find(|step| *step >= most).unwrap_or(i64::MAX)
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
    use super::{HEIGHT, height, round_up, share};

    #[test]
    fn a_share_is_between_nothing_and_all_of_it() {
        assert_eq!((share(0, 10), share(5, 10), share(10, 10), share(30, 10)), (0, 500, 1000, 1000));
        assert_eq!((share(1, 0), share(0, 0), share(-5, 10), share(i64::MAX, i64::MAX)), (1000, 0, 0, 1000));
    }

    #[test]
    fn a_scale_ends_at_a_round_number_that_no_bar_is_above() {
        let ends = [-3, 0, 1, 3, 5, 10, 11, 499, 501].map(round_up);
        assert_eq!(ends, [1, 1, 1, 5, 5, 10, 20, 500, 1000]);
        assert_eq!(round_up(i64::MAX), i64::MAX);
    }

    #[test]
    fn the_tallest_bar_fills_the_picture_and_the_smallest_is_seen() {
        assert_eq!((height(10, 10), height(1, i64::MAX), height(0, 10)), (HEIGHT, 1, 0));
    }
}
