//! The lines of an invoice, computed from the change it comes of. Pure: the same change gives the same lines for ever, which
//! is how an invoice is written, previewed, and checked.

use super::{LineKind, Minor, Plan, Span, share};
use crate::{AppError, Timestamp};

/// A line that is not stored yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewLine {
    /// What for.
    pub kind: LineKind,
    /// In words.
    pub description: String,
    /// How many.
    pub quantity: i64,
    /// What one costs, where the amount is a multiple of it.
    pub unit: Option<Minor>,
    /// What they cost together.
    pub amount: Minor,
    /// For which time.
    pub covers: Option<Span>,
}

/// What was used of something, with what it costs in the currency of the invoice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UsageLine {
    /// What, in words.
    pub(super) description: String,
    /// How often, or how much of it.
    pub(super) quantity: i64,
    /// What it costs.
    pub(super) amount: Minor,
}

/// Why a subscription is what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ChangeKind {
    /// With the organization.
    Began,
    /// A first period that costs something.
    Started,
    /// Within a period.
    Upgraded,
    /// For the next period.
    Renewed,
    /// As somebody else says who takes the money for the plan.
    Followed,
}

impl ChangeKind {
    const ALL: [Self; 5] = [Self::Began, Self::Started, Self::Upgraded, Self::Renewed, Self::Followed];

    /// The name in the database.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Began => "began",
            Self::Started => "started",
            Self::Upgraded => "upgraded",
            Self::Renewed => "renewed",
            Self::Followed => "followed",
        }
    }

    pub(super) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// What an organization has from a change on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Terms {
    pub(super) plan: Plan,
    pub(super) extra_seats: i64,
    pub(super) period: Span,
}

impl Terms {
    /// What its period costs as a whole.
    pub(super) fn month(&self) -> Result<Minor, AppError> {
        self.plan.month(self.extra_seats).map(|money| money.minor).ok_or_else(too_much)
    }

    /// In words: the plan, and its seats where there are more.
    fn told(&self) -> String {
        match self.extra_seats {
            0 => self.plan.title.clone(),
            1 => format!("{} with 1 more seat", self.plan.title),
            many => format!("{} with {many} more seats", self.plan.title),
        }
    }
}

/// Of which time usage is on the invoice of a change: of the period that ends with it.
pub(super) fn usage_span(kind: ChangeKind, before: &Terms, after: &Terms) -> Option<Span> {
    let (from, until) = (before.period.from, after.period.from);
    match kind {
        ChangeKind::Began | ChangeKind::Upgraded => None,
        ChangeKind::Started | ChangeKind::Renewed => Some(Span::new(from, until)),
        // Within a period, and where an earlier one is told again, nothing ends.
        ChangeKind::Followed => (from < until).then(|| Span::new(from, until)),
    }
}

/// What of usage costs nothing, where so much is included: never more than was used.
pub(super) fn included(used: Minor, included: Minor) -> Minor {
    used.min(included).max(Minor::ZERO)
}

/// What a change costs: what comes, then what was used, and what of that the plan before it includes. Of what is followed the
/// first is charged elsewhere.
pub(super) fn lines(
    kind: ChangeKind,
    before: &Terms,
    after: &Terms,
    at: Timestamp,
    usage: &[UsageLine],
) -> Result<Vec<NewLine>, AppError> {
    let mut lines = match kind {
        ChangeKind::Began | ChangeKind::Followed => Vec::new(),
        ChangeKind::Upgraded => rest(before, after, at)?,
        ChangeKind::Started | ChangeKind::Renewed => whole(after)?,
    };
    let covers = usage_span(kind, before, after);
    lines.extend(usage.iter().map(|used| NewLine {
        kind: LineKind::Usage,
        description: used.description.clone(),
        quantity: used.quantity,
        unit: None,
        amount: used.amount,
        covers,
    }));
    let used = Minor::sum(usage.iter().map(|used| used.amount)).ok_or_else(too_much)?;
    let taken = Minor::new(-included(used, before.plan.included_usage.minor).get());
    if taken != Minor::ZERO {
        lines.push(NewLine {
            kind: LineKind::Usage,
            description: format!("Usage included in {}", before.plan.title),
            quantity: 1,
            unit: Some(taken),
            amount: taken,
            covers,
        });
    }
    // What costs nothing need not be said, but for what was used.
    lines.retain(|line| line.amount != Minor::ZERO || line.kind == LineKind::Usage);
    Ok(lines)
}

/// A whole period.
fn whole(after: &Terms) -> Result<Vec<NewLine>, AppError> {
    let (plan, covers) = (&after.plan, Some(after.period));
    let mut lines = vec![NewLine {
        kind: LineKind::Plan,
        description: format!("{}, one month", plan.title),
        quantity: 1,
        unit: Some(plan.price.minor),
        amount: plan.price.minor,
        covers,
    }];
    if after.extra_seats > 0 {
        let unit = plan.seat_price.ok_or_else(too_much)?.minor;
        lines.push(NewLine {
            kind: LineKind::Seats,
            description: format!("More seats of {}, one month", plan.title),
            quantity: after.extra_seats,
            unit: Some(unit),
            amount: unit.times(after.extra_seats).ok_or_else(too_much)?,
            covers,
        });
    }
    Ok(lines)
}

/// What is left of a period: the one is given back, the other is charged.
fn rest(before: &Terms, after: &Terms, at: Timestamp) -> Result<Vec<NewLine>, AppError> {
    let covers = after.period.rest(at);
    let line = |kind, description: String, amount| NewLine {
        kind,
        description,
        quantity: 1,
        unit: Some(amount),
        amount,
        covers: Some(covers),
    };
    let given_back = share(before.month()?, before.period, covers);
    let charged = share(after.month()?, after.period, covers);
    Ok(vec![
        line(LineKind::Unused, format!("Unused time of {}", before.told()), Minor::new(-given_back.get())),
        line(LineKind::Rest, format!("{}, for the rest of the month", after.told()), charged),
    ])
}

/// Nobody has bought so much; better no invoice than a wrong one.
pub(super) fn too_much() -> AppError {
    tracing::error!("an amount does not fit, or a plan has no price for its seats");
    AppError::Internal
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::billing::{Currency, Money};

    fn at(text: &str) -> Timestamp {
        Timestamp::parse(text).expect("valid")
    }

    fn period() -> Span {
        Span::new(at("2026-11-01T00:00:00Z"), at("2026-12-01T00:00:00Z"))
    }

    fn terms(title: &str, price: i64, seat: i64, extra_seats: i64) -> Terms {
        let eur = |minor| Money::new(Minor::new(minor), Currency::EUR);
        let plan = Plan {
            version_id: uuid::Uuid::nil(),
            plan: title.to_uppercase(),
            title: title.into(),
            lead: String::new(),
            valid_from: at("2026-01-01T00:00:00Z"),
            price: eur(price),
            seat_price: Some(eur(seat)),
            included_usage: eur(0),
            entitlements: Vec::new(),
        };
        Terms { plan, extra_seats, period: period() }
    }

    fn amounts(lines: &[NewLine]) -> Vec<i64> {
        lines.iter().map(|line| line.amount.get()).collect()
    }

    #[test]
    fn a_month_is_the_plan_and_its_seats_and_what_was_used_before() {
        let (free, team) = (terms("Free", 0, 0, 0), terms("Team", 7_900, 800, 3));
        let used = UsageLine { description: "Calls".into(), quantity: 1_200, amount: Minor::new(345) };
        let lines = lines(ChangeKind::Renewed, &free, &team, period().from, &[used]).expect("lines");
        assert_eq!(amounts(&lines), [7_900, 2_400, 345]);
        assert_eq!(lines[1].quantity, 3);
        assert_eq!(lines[0].description, "Team, one month");
    }

    #[test]
    fn what_a_plan_includes_is_one_line_and_never_more_than_was_used() {
        let free = terms("Free", 0, 0, 0);
        for (includes, used, expected) in [
            (500, vec![300, 700], vec![300, 700, -500]),
            (500, vec![300, 100], vec![300, 100, -400]),
            (500, vec![300, -300], vec![300, -300]),
            (500, vec![0], vec![0]),
            (500, vec![], vec![]),
            (0, vec![1], vec![1]),
        ] {
            let mut pro = terms("Pro", 0, 0, 0);
            pro.plan.included_usage.minor = Minor::new(includes);
            let used: Vec<_> = used
                .into_iter()
                .map(|amount| UsageLine {
                    description: "Calls".into(),
                    quantity: 1,
                    amount: Minor::new(amount),
                })
                .collect();
            let made = lines(ChangeKind::Renewed, &pro, &free, period().from, &used).expect("lines");
            assert_eq!(amounts(&made), expected);
        }
    }

    #[test]
    fn an_upgrade_gives_back_what_is_unused_and_charges_what_is_left() {
        let (pro, team) = (terms("Pro", 3_000, 600, 1), terms("Team", 9_000, 800, 0));
        let lines = lines(ChangeKind::Upgraded, &pro, &team, at("2026-11-21T00:00:00Z"), &[]).expect("lines");
        assert_eq!(amounts(&lines), [-1_200, 3_000]);
        assert_eq!(lines[0].description, "Unused time of Pro with 1 more seat");
        assert_eq!(lines[1].description, "Team, for the rest of the month");
    }

    #[test]
    fn what_costs_nothing_makes_no_line() {
        let free = terms("Free", 0, 0, 0);
        assert_eq!(lines(ChangeKind::Renewed, &free, &free, period().from, &[]), Ok(Vec::new()));
        assert_eq!(lines(ChangeKind::Began, &free, &free, period().from, &[]), Ok(Vec::new()));
    }

    #[test]
    fn of_what_is_followed_only_usage_is_charged_and_only_when_a_period_has_ended() {
        let (mut team, mut later) = (terms("Team", 7_900, 800, 3), terms("Pro", 1_900, 600, 0));
        team.plan.included_usage.minor = Minor::new(2_500);
        let used = [UsageLine { description: "Calls".into(), quantity: 9, amount: Minor::new(3_000) }];
        let kind = ChangeKind::Followed;
        assert_eq!(usage_span(kind, &team, &later), None, "the same period");
        assert_eq!(lines(kind, &team, &later, period().from, &[]), Ok(Vec::new()));
        later.period = Span::new(period().until, at("2027-01-01T00:00:00Z"));
        assert_eq!(usage_span(kind, &team, &later), Some(period()));
        assert_eq!(usage_span(kind, &later, &team), None, "one that has ended is told again");
        let made = lines(kind, &team, &later, period().until, &used).expect("lines");
        assert_eq!(amounts(&made), [3_000, -2_500], "what the plan before it includes");
        assert!(made.iter().all(|line| line.covers == Some(period())));
    }

    proptest! {
        #[test]
        fn however_often_a_plan_is_changed_within_a_period_each_is_paid_for_the_time_it_was_there(
            prices in proptest::collection::vec(1..10_000_000_i64, 1..8),
            moments in proptest::collection::vec(0..=30 * 86_400_u64, 8),
        ) {
            let mut prices = prices;
            prices.sort_unstable();
            let mut moments = moments;
            moments.sort_unstable();
            let all: Vec<_> = prices.iter().map(|price| terms("Plan", *price, 1, 0)).collect();
            let mut charged = prices[0];
            let mut owed = 0;
            let mut from = period().from;
            for (index, pair) in all.windows(2).enumerate() {
                let now = period().from + std::time::Duration::from_secs(moments[index]);
                let made = lines(ChangeKind::Upgraded, &pair[0], &pair[1], now, &[]).expect("lines");
                let net: i64 = amounts(&made).iter().sum();
                prop_assert!(net >= 0, "whoever takes more gets nothing back: {net}");
                charged += net;
                owed += share(Minor::new(prices[index]), period(), Span::new(from, now)).get();
                from = now;
            }
            owed += share(Minor::new(prices[prices.len() - 1]), period(), Span::new(from, period().until)).get();
            prop_assert_eq!(charged, owed);
        }
    }
}
