//! Plans and subscriptions, as somebody of an organization reads them. Shared with the browser.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Currency, Entitled, Entitlement, Money, Span, Used};
use crate::Timestamp;

/// One version of a plan. It never changes; what an organization has stays as it was when it was taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Plan {
    /// Which version.
    pub version_id: Uuid,
    /// The plan, such as `PRO`.
    pub plan: String,
    /// What people call it.
    pub title: String,
    /// For whom it is.
    pub lead: String,
    /// Since when it is on offer.
    pub valid_from: Timestamp,
    /// What a month costs.
    pub price: Money,
    /// What one more seat costs in a month; null where there are no more.
    pub seat_price: Option<Money>,
    /// What usage costs nothing in a month, without taxes.
    pub included_usage: Money,
    /// What it gives.
    pub entitlements: Vec<Entitled>,
}

impl Plan {
    /// How much it gives of something; what it does not name it does not give.
    #[must_use]
    pub fn gives(&self, entitlement: Entitlement) -> Entitled {
        let named = self.entitlements.iter().find(|it| it.entitlement == entitlement);
        named.copied().unwrap_or(Entitled::new(entitlement, Some(0)))
    }

    /// The same with more seats.
    #[must_use]
    pub fn with_seats(&self, entitlement: Entitlement, extra_seats: i64) -> Entitled {
        let given = self.gives(entitlement);
        match entitlement {
            Entitlement::Seats => {
                Entitled { amount: given.amount.map(|seats| seats.saturating_add(extra_seats)), ..given }
            }
            _ => given,
        }
    }

    /// What a month costs with so many more seats; nothing where there cannot be so many.
    #[must_use]
    pub fn month(&self, extra_seats: i64) -> Option<Money> {
        let currency = self.price.currency;
        if extra_seats == 0 {
            return Some(self.price);
        }
        let seats = self.seat_price?.minor.times(extra_seats)?;
        Some(Money::new(self.price.minor.plus(seats)?, currency))
    }
}

/// What an organization has, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Subscription {
    /// Whose it is.
    pub organization_id: Uuid,
    /// Its name in addresses.
    pub slug: String,
    /// What people call it.
    pub organization: String,
    /// The plan, in the version that was taken.
    pub plan: Plan,
    /// How many seats there are beside those of the plan.
    pub extra_seats: i64,
    /// What the present period costs as a whole, without taxes.
    pub monthly_price: Money,
    /// The present period.
    pub period: Span,
    /// What begins with the next period, where that is something else.
    pub next: Option<Scheduled>,
    /// By what it is paid.
    pub provider: String,
    /// Whether it can be paid by card.
    pub takes_cards: bool,
    /// What is used of what it gives.
    pub usage: Vec<Used>,
    /// Whether the one who asks may change it.
    pub may_change: bool,
}

/// A change that waits for the period's end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct Scheduled {
    /// The plan.
    pub plan: String,
    /// What people call it.
    pub title: String,
    /// How many seats beside those of the plan.
    pub extra_seats: i64,
    /// When.
    pub at: Timestamp,
}

/// When a change of plan happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// At once.
    Now,
    /// With the end of what was paid for.
    PeriodEnd,
    /// As soon as it is paid, which somebody does elsewhere.
    OncePaid,
}

/// What a change of plan would do, said before it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct PlanPreview {
    /// The plan.
    pub plan: String,
    /// What people call it.
    pub title: String,
    /// How many seats beside those of the plan.
    pub extra_seats: i64,
    /// When it happens.
    pub when: When,
    /// That moment.
    pub at: Timestamp,
    /// What is on the invoice that comes of it at once; nothing where none does.
    pub lines: Vec<PreviewLine>,
    /// What that invoice comes to without taxes.
    pub net: Money,
    /// Its taxes.
    pub tax: Money,
    /// What it comes to.
    pub total: Money,
    /// What a whole month costs from then on, without taxes.
    pub monthly_price: Money,
    /// When the first month that is charged as a whole begins.
    pub next_at: Timestamp,
    /// What there would be more of than the plan gives. It stays; nothing can be added until it is within the limit.
    pub exceeded: Vec<Used>,
}

/// A line of an invoice that does not exist yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct PreviewLine {
    /// What for.
    pub description: String,
    /// How much.
    pub amount: Money,
}

/// What came of a change of plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct PlanChanged {
    /// When it happens.
    pub when: When,
    /// That moment.
    pub at: Timestamp,
    /// The number of the invoice that came of it.
    pub invoice: Option<String>,
    /// Where it is paid, if somebody has to do that first.
    pub continue_at: Option<String>,
}

/// A way to pay that somebody has left with Stripe.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct PaymentMethod {
    /// Its name at Stripe, such as `pm_…`.
    pub id: String,
    /// `card`, `sepa_debit` …
    pub kind: String,
    /// Of a card, such as `visa`.
    pub brand: Option<String>,
    /// The last four digits, where it has a number.
    pub last_four: Option<String>,
    /// The last month of a card, such as `2034-12`.
    pub expires: Option<String>,
    /// Whether it is the one that is charged.
    pub is_default: bool,
}

/// A page of somebody else's on which it goes on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct ContinueAt {
    /// Its address; good for one person and some minutes.
    pub continue_at: String,
}

/// To whom invoices are written, and in which currency.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct BillingDetails {
    /// The name of a company or a person; the organization's where there is none.
    pub company: String,
    /// Street, place and so on, in lines.
    pub address: String,
    /// Two letters of ISO 3166, such as `DE`; empty where nobody has said.
    pub country: String,
    /// The number by which tax offices know it.
    pub tax_id: String,
    /// Where letters about invoices go, if a member has it and has confirmed it; else they go to those who may change the plan.
    pub email: String,
    /// What the customer wants to read on invoices, such as a purchase order.
    pub reference: String,
    /// The currency of prices and invoices.
    pub currency: Option<Currency>,
    /// Those it can be: as long as nothing is paid for, all in which the plan that is taken has a price.
    pub currencies: Vec<Currency>,
}

/// A tax of a country from some day on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
pub struct TaxRate {
    /// Which.
    pub id: Uuid,
    /// Of customers in which country.
    pub country: String,
    /// What it is called, such as `VAT`.
    pub name: String,
    /// How much, in thousandths of a percent: 19 % is 19000.
    pub rate: i32,
    /// What of customers with a number of their own.
    pub with_tax_id: WithTaxId,
    /// From when on invoices have it.
    pub valid_from: Timestamp,
    /// Whether it is the one that invoices have now.
    pub is_current: bool,
}

/// What a tax does where the customer has a number of their own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "server", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum WithTaxId {
    /// It is charged all the same.
    #[default]
    Charged,
    /// The customer owes it themselves: nothing is charged, and the invoice says so.
    ReverseCharge,
}

impl WithTaxId {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Charged, Self::ReverseCharge];

    /// The name in the API and the database.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Charged => "charged",
            Self::ReverseCharge => "reverse-charge",
        }
    }

    /// Reads the name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.name() == name)
    }
}

/// A rate in words: `19 %`, `9.975 %`.
#[must_use]
pub fn percent(rate: i32) -> String {
    let (whole, part) = (rate / 1000, (rate % 1000).abs());
    if part == 0 {
        return format!("{whole} %");
    }
    let part = format!("{part:03}");
    format!("{whole}.{} %", part.trim_end_matches('0'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::billing::Minor;

    fn plan(seat_price: Option<i64>) -> Plan {
        let eur = |minor| Money::new(Minor::new(minor), Currency::EUR);
        Plan {
            version_id: Uuid::nil(),
            plan: "TEAM".into(),
            title: "Team".into(),
            lead: String::new(),
            valid_from: Timestamp::parse("2026-01-01T00:00:00Z").expect("valid"),
            price: eur(4_900),
            seat_price: seat_price.map(eur),
            included_usage: eur(0),
            entitlements: vec![
                Entitled::new(Entitlement::Seats, Some(10)),
                Entitled::new(Entitlement::Groups, None),
            ],
        }
    }

    #[test]
    fn seats_that_are_taken_beside_those_of_the_plan_cost_and_count() {
        let team = plan(Some(800));
        assert_eq!(team.month(3).expect("a price").minor.get(), 7_300);
        assert_eq!(team.with_seats(Entitlement::Seats, 3).amount, Some(13));
        assert_eq!(team.with_seats(Entitlement::Groups, 3).amount, None);
        assert_eq!(team.gives(Entitlement::Budgets).amount, Some(0), "what is not named is not given");
    }

    #[test]
    fn a_plan_without_a_price_for_seats_has_no_more() {
        assert_eq!(plan(None).month(0).map(|money| money.minor.get()), Some(4_900));
        assert_eq!(plan(None).month(1), None);
        assert_eq!(plan(Some(i64::MAX)).month(2), None);
    }

    #[test]
    fn a_rate_is_told_in_percent() {
        for (rate, told) in
            [(19_000, "19 %"), (9_975, "9.975 %"), (500, "0.5 %"), (0, "0 %"), (8_100, "8.1 %")]
        {
            assert_eq!(percent(rate), told);
        }
    }
}
