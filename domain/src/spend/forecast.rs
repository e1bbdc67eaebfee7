//! What will have been spent at the end of a month: for each day that is to come, what the same weekday was in the last four
//! weeks. How far the method was off over the days that are known makes the interval. Whole numbers all the way.

use time::{Date, Duration};

use super::Nano;

/// How many weeks back a weekday is looked for.
const WEEKS: i64 = 4;
/// By how many days the method is tried.
const TRIED: i64 = 28;
/// Below this there is no interval worth the name.
const FEWEST: usize = 3;
/// Four of five values of a normal distribution are within 1.282 standard deviations.
const WIDTH_PERMILLE: i128 = 1_282;

/// What was spent on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spent {
    /// The day.
    pub(super) day: Date,
    /// So much.
    pub(super) amount: Nano,
}

/// What is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Expectation {
    /// At the end.
    pub(super) expected: Nano,
    /// Not less than this, in four cases of five.
    pub(super) low: Nano,
    /// Not more than this, in four cases of five.
    pub(super) high: Nano,
    /// How far the method was off over days that are known, in per cent of what was spent on them.
    pub(super) past_error_percent: Option<u32>,
    /// How many days are known.
    pub(super) days_known: u32,
    /// The day on which a cap is reached.
    pub(super) cap_reached_on: Option<Date>,
}

/// What is to be told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Question {
    /// The present day, of which only a part is over.
    pub(super) today: Date,
    /// The first day after the month.
    pub(super) ends_on: Date,
    /// What was spent since the month began, today included.
    pub(super) spent: Nano,
    /// What was spent today.
    pub(super) spent_today: Nano,
    /// What may be spent in the month.
    pub(super) cap: Option<Nano>,
}

/// Looks ahead. `past` are whole days before today, each once and in order; a day that is not there had no calls.
#[must_use]
pub(super) fn expect(question: &Question, past: &[Spent]) -> Expectation {
    let Question { today, ends_on, spent, spent_today, cap } = *question;
    let past = Past::of(past, today);
    let mut sum = wide(spent);
    let mut cap_reached_on = cap.filter(|cap| spent >= *cap).map(|_| today);
    let mut ahead = 0_i128;
    let mut day = today;
    while day < ends_on {
        let usual = past.usual(day);
        sum += if day == today { (usual - wide(spent_today)).max(0) } else { usual };
        ahead += 1;
        if cap_reached_on.is_none() && cap.is_some_and(|cap| sum >= wide(cap)) {
            cap_reached_on = Some(day);
        }
        let Some(next) = day.next_day() else { break };
        day = next;
    }
    let (past_error_percent, deviation) = past.tried();
    // Days err by themselves, so their errors add like the sides of a right angle: by the root of their number.
    let half = deviation * root(ahead * 1_000_000) / 1_000 * WIDTH_PERMILLE / 1_000;
    Expectation {
        expected: narrow(sum),
        low: narrow((sum - half).max(wide(spent))),
        high: narrow(sum + half),
        past_error_percent,
        days_known: u32::try_from(past.days.len()).unwrap_or(u32::MAX),
        cap_reached_on,
    }
}

/// Whole days, from the first with a call to yesterday.
struct Past {
    first: Option<Date>,
    days: Vec<i128>,
}

impl Past {
    fn of(past: &[Spent], today: Date) -> Self {
        let first = past.iter().find(|spent| spent.amount > Nano::ZERO).map(|spent| spent.day);
        let Some(first) = first.filter(|first| *first < today) else {
            return Self { first: None, days: Vec::new() };
        };
        let count = usize::try_from((today - first).whole_days()).unwrap_or_default();
        let mut days = vec![0_i128; count];
        for spent in past {
            let place = usize::try_from((spent.day - first).whole_days()).ok();
            if let Some(day) = place.and_then(|place| days.get_mut(place)) {
                *day += wide(spent.amount);
            }
        }
        Self { first: Some(first), days }
    }

    /// What such a day usually costs: the mean of the same weekday in the last four weeks before it that are known, or of all
    /// days where it never was.
    fn usual(&self, day: Date) -> i128 {
        self.usual_by(day, self.days.len())
    }

    /// The same, as if only the first `known` days were known.
    fn usual_by(&self, day: Date, known: usize) -> i128 {
        let Some(first) = self.first else { return 0 };
        let known = self.days.get(..known).unwrap_or_default();
        let same: Vec<i128> = (1..=60)
            .filter_map(|week| {
                let before = day.checked_sub(Duration::weeks(week))?;
                known.get(usize::try_from((before - first).whole_days()).ok()?).copied()
            })
            .take(usize::try_from(WEEKS).unwrap_or_default())
            .collect();
        let of = if same.is_empty() { known } else { &same };
        let count = i128::try_from(of.len()).unwrap_or_default();
        if count == 0 { 0 } else { of.iter().sum::<i128>() / count }
    }

    /// How far the method was off over the last days: in per cent, and its standard deviation for one day.
    fn tried(&self) -> (Option<u32>, i128) {
        let Some(first) = self.first else { return (None, 0) };
        let begin = self.days.len().saturating_sub(usize::try_from(TRIED).unwrap_or_default()).max(1);
        let errors: Vec<i128> = (begin..self.days.len())
            .filter_map(|place| {
                let day = first.checked_add(Duration::days(i64::try_from(place).ok()?))?;
                Some(self.days.get(place)? - self.usual_by(day, place))
            })
            .collect();
        let count = i128::try_from(errors.len()).unwrap_or_default();
        if errors.len() < FEWEST {
            // So little is known that anything between nothing and twice as much would be no surprise.
            let mean = self.days.iter().sum::<i128>() / i128::try_from(self.days.len().max(1)).unwrap_or(1);
            return (None, mean);
        }
        let actual: i128 = self.days.iter().skip(begin).sum();
        let off: i128 = errors.iter().map(|error| error.abs()).sum();
        let percent = (actual > 0).then(|| u32::try_from(off * 100 / actual).unwrap_or(u32::MAX));
        // Squares of micro-dollars: those of nano-dollars could be too much.
        let squares: i128 = errors.iter().map(|error| (error / 1_000) * (error / 1_000)).sum();
        (percent, root(squares / count) * 1_000)
    }
}

fn wide(amount: Nano) -> i128 {
    amount.get().into()
}

fn narrow(amount: i128) -> Nano {
    Nano::new(i64::try_from(amount).unwrap_or(i64::MAX))
}

fn root(square: i128) -> i128 {
    square.max(0).isqrt()
}

#[cfg(test)]
mod tests {
    use time::{Weekday, macros::date};

    use super::*;

    /// Workdays at one amount, weekends at another, for so many days before `today`.
    fn weeks(today: Date, days: i64, workday: i64, weekend: i64) -> Vec<Spent> {
        (1..=days)
            .rev()
            .filter_map(|back| today.checked_sub(Duration::days(back)))
            .map(|day| {
                let is_weekend = matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday);
                Spent { day, amount: Nano::dollars(if is_weekend { weekend } else { workday }) }
            })
            .collect()
    }

    fn question(today: Date, spent: i64, cap: Option<i64>) -> Question {
        let ends_on = super::super::calendar::next_month(super::super::calendar::first_of_month(today));
        Question {
            today,
            ends_on,
            spent: Nano::dollars(spent),
            spent_today: Nano::ZERO,
            cap: cap.map(Nano::dollars),
        }
    }

    #[test]
    fn a_week_that_repeats_is_foretold_to_the_dollar() {
        // 2026-11-02 is a Monday. Of November 21 days are workdays, and nine are not.
        let today = date!(2026 - 11 - 02);
        let told = expect(&question(today, 2, Some(100)), &weeks(today, 56, 10, 2));
        assert_eq!(told.expected, Nano::dollars(2 + 21 * 10 + 8 * 2));
        assert_eq!((told.low, told.high), (told.expected, told.expected));
        assert_eq!((told.past_error_percent, told.days_known), (Some(0), 56));
        // Two, two weeks with 54 each, and a Monday to Friday of which the third day… the first of which crosses a hundred.
        assert_eq!(told.cap_reached_on, Some(date!(2026 - 11 - 13)));
    }

    #[test]
    fn what_was_spent_today_is_not_expected_once_more() {
        let today = date!(2026 - 11 - 30);
        let mut asked = question(today, 200, None);
        asked.spent_today = Nano::dollars(4);
        assert_eq!(expect(&asked, &weeks(today, 56, 10, 2)).expected, Nano::dollars(206));
        asked.spent_today = Nano::dollars(40);
        assert_eq!(expect(&asked, &weeks(today, 56, 10, 2)).expected, Nano::dollars(200));
    }

    #[test]
    fn weeks_that_differ_make_the_interval_wide_and_it_holds_the_truth() {
        let today = date!(2026 - 11 - 09);
        let mut past = weeks(today, 56, 10, 2);
        for (place, spent) in past.iter_mut().enumerate() {
            let sway = if place % 3 == 0 { 4 } else { -2 };
            spent.amount = Nano::new(spent.amount.get().max(3_000_000_000) + sway * 1_000_000_000);
        }
        let told = expect(&question(today, 60, None), &past);
        assert!(told.low < told.expected && told.expected < told.high, "{told:?}");
        let even = Nano::dollars(60 + 16 * 10 + 6 * 3);
        assert!(told.low <= even && even <= told.high, "{told:?}");
        assert!(told.past_error_percent.is_some_and(|percent| percent > 5 && percent < 60), "{told:?}");
    }

    #[test]
    fn without_a_past_nothing_more_is_expected() {
        let told = expect(&question(date!(2026 - 11 - 09), 7, Some(7)), &[]);
        assert_eq!(
            (told.expected, told.low, told.high),
            (Nano::dollars(7), Nano::dollars(7), Nano::dollars(7))
        );
        assert_eq!((told.past_error_percent, told.days_known), (None, 0));
        assert_eq!(told.cap_reached_on, Some(date!(2026 - 11 - 09)));
    }

    #[test]
    fn the_largest_amounts_do_not_overflow() {
        let today = date!(2026 - 11 - 02);
        let past: Vec<Spent> =
            weeks(today, 56, 1, 1).into_iter().map(|spent| Spent { amount: Nano::MAX, ..spent }).collect();
        let told = expect(&question(today, 2, Some(100)), &past);
        assert_eq!(told.expected, Nano::MAX);
    }
}
