//! The sentences of this room.

use domain::{
    billing::{
        DocumentKind, Entitled, Entitlement, InvoiceHead, InvoiceState, LineKind, PaymentMethod,
        PaymentProvider,
    },
    organizations::{groups::MOST_GROUPS, roles::MOST_ROLES},
    spend::MOST_LIMITS,
};

use crate::ui::Tone;

pub(crate) const LEAD: &str = "The plan of this organization, what it gives, and what is owed for it.";
pub(crate) const PLANS_LEAD: &str = "What costs more is there at once and charged for the rest of the month. What costs less \
                                     comes when the month that is paid for has ended.";
pub(crate) const WAYS_LEAD: &str = "By card you pay on a page of Stripe's, each month by itself, with the taxes that are added \
                                    there. What is used is on invoices in either way.";
pub(crate) const CONFIRMING: &str =
    "Stripe tells when it is done, which takes some seconds. The plan is there from then on.";
pub(crate) const CANCEL_LEAD: &str =
    "The plan stays until the month that is paid for has ended. Then the free plan begins.";
pub(crate) const DETAILS_LEAD: &str =
    "What stands on invoices from the next one on. Those that are issued stay as they are.";
pub(crate) const LETTERS_HINT: &str = "The address of a member. Without one, or with that of somebody else, they go to those who may \
                                       change the plan.";
pub(crate) const COUNTRY_FIRST: &str = "Say your country in the billing details below. Where taxes are charged, no plan that costs something is taken without it.";
pub(crate) const EXCEEDED: &str = "There is more than this plan gives. All of it stays; nothing can be added until it is within \
                                   the limit.";
pub(crate) const NO_INVOICES: &str = "The first one is issued when a plan is taken that costs something.";
pub(crate) const ADMIN_LEAD: &str =
    "What organizations owe, the taxes that stand on their invoices, and what usage costs.";
pub(crate) const TAX_LEAD: &str =
    "From its day on, new invoices of customers in the country have it. Nothing percent ends a tax.";
pub(crate) const PRICES_LEAD: &str = "What happens from its moment on is charged at it, by quantity, when the month of the \
                                      organization has ended. What has no price in the currency of its invoices is not \
                                      billed, and a price of nothing ends one.";
pub(crate) const USAGE_LEAD: &str = "What was used and is on no invoice yet, without taxes. It is charged when the month has \
                                     ended.";
pub(crate) const NOTHING_USED: &str = "What has a price stands here as soon as it is used.";
pub(crate) const CHECK_LEAD: &str =
    "Computes each of them anew from what was recorded, and looks for numbers that are missing.";

pub(crate) const METHODS_LEAD: &str =
    "Cards are typed on a page of Stripe’s. Only the last digits come here.";
pub(crate) const NO_METHODS: &str =
    "What you leave with Stripe stands here, and is charged when you choose it.";
pub(crate) const METHODS_AWAY: &str =
    "The ways to pay cannot be shown right now. Load the page again in a moment.";
pub(crate) const CARD_LEFT: &str = "Stripe has what you left. It stands here in a moment.";
pub(crate) const AT_STRIPE: &str =
    "Stripe looks after this invoice: it is paid, credited or declared void in Stripe’s dashboard.";

/// How much of something a plan gives: where it would give more than there can be, what there can be. Nothing for what nothing
/// asks for yet: a page sells what is there.
pub(crate) fn given(it: Entitled) -> Option<String> {
    let most = match it.entitlement {
        Entitlement::Seats => None,
        Entitlement::Groups => Some(MOST_GROUPS),
        Entitlement::CustomRoles => Some(MOST_ROLES),
        Entitlement::Budgets => Some(MOST_LIMITS),
        Entitlement::ApiTokens | Entitlement::RetentionDays | Entitlement::OwnSignIn => return None,
    };
    let of_house = most.map(i64::from).filter(|most| it.covers(*most + 1));
    Some(of_house.map_or_else(|| it.told(), |most| format!("{most}, as many as there can be")))
}

/// A plan with the seats beside its own.
pub(crate) fn with_seats(title: &str, extra_seats: i64) -> String {
    match extra_seats {
        0 => title.to_owned(),
        1 => format!("{title} with 1 more seat"),
        many => format!("{title} with {many} more seats"),
    }
}

/// What the page of a document is called, by the number in its address. What is no number is not repeated: whoever sends a
/// link would put words into our mouth.
pub(crate) fn titled(number: &str) -> String {
    let (kind, rest) = match number.strip_prefix("CN-") {
        Some(rest) => (DocumentKind::CreditNote, rest),
        None => (DocumentKind::Invoice, number),
    };
    let is_digits = |text: &str, count: usize| {
        (count..=10).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_digit())
    };
    match rest.split_once('-') {
        Some((year, running)) if is_digits(year, 4) && is_digits(running, 6) => {
            format!("{} {number}", kind.title())
        }
        _ => DocumentKind::Invoice.title().to_owned(),
    }
}

/// Where a document stands, and what that looks like.
pub(crate) fn state(head: &InvoiceHead) -> (Tone, &'static str) {
    match head.state {
        InvoiceState::Draft => (Tone::Neutral, "Draft"),
        InvoiceState::Open if head.is_overdue => (Tone::Bad, "Overdue"),
        InvoiceState::Open => (Tone::Warning, "Open"),
        InvoiceState::Paid => (Tone::Good, "Paid"),
        InvoiceState::Void => (Tone::Neutral, "Void"),
        InvoiceState::Uncollectible => (Tone::Bad, "Given up"),
        InvoiceState::Credited => (Tone::Neutral, "Credited"),
        InvoiceState::Issued => (Tone::Neutral, "Credit note"),
    }
}

/// What a way to pay is called: `Visa ending in 4242`.
pub(crate) fn method(method: &PaymentMethod) -> String {
    let name = match method.brand.as_deref().unwrap_or(&method.kind) {
        "visa" => "Visa".to_owned(),
        "mastercard" => "Mastercard".to_owned(),
        "amex" => "American Express".to_owned(),
        "sepa_debit" => "SEPA debit".to_owned(),
        other => other.replace('_', " "),
    };
    match &method.last_four {
        Some(digits) => format!("{name} ending in {digits}"),
        None => name,
    }
}

/// By what a document is paid, where it is not by its own words.
pub(crate) fn provider(head: &InvoiceHead) -> Option<&'static str> {
    (PaymentProvider::parse(&head.provider) == Some(PaymentProvider::Stripe)).then_some("Stripe")
}

/// What has happened at the moment in which a document ended.
pub(crate) fn ended(state: InvoiceState) -> &'static str {
    match state {
        InvoiceState::Paid => "Paid",
        InvoiceState::Void => "Declared void",
        InvoiceState::Uncollectible => "Given up",
        InvoiceState::Credited => "Credited",
        InvoiceState::Draft | InvoiceState::Open | InvoiceState::Issued => "Ended",
    }
}

/// What a line is for, in a word.
pub(crate) fn line(kind: LineKind) -> &'static str {
    match kind {
        LineKind::Plan => "Plan",
        LineKind::Seats => "Seats",
        LineKind::Unused => "Unused",
        LineKind::Rest => "Rest of the month",
        LineKind::Usage => "Usage",
        LineKind::Other => "Other",
        LineKind::Credit => "Credit",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_what_a_plan_gives_and_never_more_than_there_can_be() {
        let said = |entitlement, amount| given(Entitled::new(entitlement, amount));
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(said(Entitlement::Seats, Some(25)), some("25"));
        assert_eq!(said(Entitlement::Seats, None), some("No limit"));
        assert_eq!(said(Entitlement::Groups, Some(5_000)), some("5000"));
        assert_eq!(said(Entitlement::Groups, None), some("10000, as many as there can be"));
        assert_eq!(said(Entitlement::Budgets, Some(501)), some("500, as many as there can be"));
        assert_eq!(said(Entitlement::CustomRoles, Some(100)), some("100"));
        assert_eq!(said(Entitlement::OwnSignIn, Some(1)), None, "nothing asks for it yet");
    }

    #[test]
    fn a_page_is_called_by_a_number_and_by_nothing_else_of_its_address() {
        for (number, title) in [
            ("2026-000001", "Invoice 2026-000001"),
            ("CN-2026-000017", "Credit note CN-2026-000017"),
            ("2026-1234567", "Invoice 2026-1234567"),
            ("2026-1", "Invoice"),
            ("CN-CN-2026-000017", "Invoice"),
            ("2026-000001 was never paid", "Invoice"),
            ("01900000-0000-7000-8000-000000000001", "Invoice"),
            ("", "Invoice"),
        ] {
            assert_eq!(titled(number), title);
        }
    }
}
