//! An invoice of Stripe's as one of ours. Pure: whenever and however often it is read, the same object is the same document.

use std::collections::HashMap;

use crate::{
    AppError, Timestamp,
    billing::{
        Currency, InvoiceState, LineKind, Minor, Party, Span,
        lines::{NewLine, too_much},
        stripe::{self, InvoiceStatus},
        taxes::NewTax,
    },
};

/// What a price at Stripe is for: `plan` or `seat`, by its id.
pub(super) type Parts = HashMap<String, String>;

/// What is frozen of one that is final.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Frozen {
    pub(super) number: String,
    pub(super) currency: Currency,
    pub(super) created_at: Timestamp,
    pub(super) issued_at: Timestamp,
    pub(super) due_at: Option<Timestamp>,
    /// As far as Stripe says to whom it is written.
    pub(super) customer: Party,
    pub(super) lines: Vec<NewLine>,
    pub(super) taxes: Vec<NewTax>,
    pub(super) net: Minor,
    pub(super) tax: Minor,
    pub(super) total: Minor,
    pub(super) ending: Ending,
}

/// How it stands at present: the only part of it that changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ending {
    pub(super) state: InvoiceState,
    pub(super) ended_at: Option<Timestamp>,
    pub(super) paid_at: Option<Timestamp>,
}

impl Frozen {
    /// Reads one; nothing as long as it is not final.
    ///
    /// # Errors
    /// [`AppError::Internal`] for amounts that cannot be written down here, which the log says.
    pub(super) fn of(invoice: &stripe::Invoice, parts: &Parts) -> Result<Option<Self>, AppError> {
        let Some(ending) = ending(invoice) else { return Ok(None) };
        let currency = Currency::parse(&invoice.currency).ok_or_else(too_much)?;
        let total = minor(invoice.total, currency)?;
        let taxes = taxes(invoice, currency)?;
        let tax = Minor::sum(taxes.iter().map(|tax| tax.amount)).ok_or_else(too_much)?;
        let net = total.minus(tax).ok_or_else(too_much)?;
        let created_at = moment(invoice.created).ok_or_else(too_much)?;
        Ok(Some(Self {
            number: number(invoice),
            currency,
            created_at,
            issued_at: invoice.status_transitions.finalized_at.and_then(moment).unwrap_or(created_at),
            due_at: invoice.due_date.and_then(moment),
            customer: customer(invoice),
            lines: lines(invoice, currency, net, parts)?,
            taxes,
            net,
            tax,
            total,
            ending,
        }))
    }
}

fn ending(invoice: &stripe::Invoice) -> Option<Ending> {
    let then = invoice.status_transitions;
    let (state, ended_at) = match invoice.status? {
        InvoiceStatus::Open => (InvoiceState::Open, None),
        InvoiceStatus::Paid => (InvoiceState::Paid, then.paid_at),
        InvoiceStatus::Uncollectible => (InvoiceState::Uncollectible, then.marked_uncollectible_at),
        InvoiceStatus::Void => (InvoiceState::Void, then.voided_at),
        InvoiceStatus::Draft | InvoiceStatus::Other => return None,
    };
    let paid_at = then.paid_at.filter(|_| state == InvoiceState::Paid).and_then(moment);
    Some(Ending { state, ended_at: ended_at.and_then(moment), paid_at })
}

/// The number that Stripe gave it. It stands in addresses and in names of files; one that could not is its id instead.
fn number(invoice: &stripe::Invoice) -> String {
    let is_plain = |text: &&String| {
        (1..=60).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-')
    };
    let id = || invoice.id.clone().unwrap_or_default();
    invoice.number.as_ref().filter(is_plain).cloned().unwrap_or_else(id)
}

fn customer(invoice: &stripe::Invoice) -> Party {
    let said = |text: &Option<String>| text.clone().unwrap_or_default().trim().to_owned();
    let address = invoice.customer_address.clone().unwrap_or_default();
    let place = [said(&address.postal_code), said(&address.city)].join(" ").trim().to_owned();
    let lines = [said(&address.line1), said(&address.line2), place, said(&address.state)];
    let lines: Vec<_> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    let numbers = invoice.customer_tax_ids.iter().flatten();
    Party {
        name: said(&invoice.customer_name),
        address: lines.join("\n"),
        country: said(&address.country).to_ascii_uppercase(),
        tax_id: numbers.map(|number| said(&number.value)).find(|text| !text.is_empty()).unwrap_or_default(),
        email: said(&invoice.customer_email),
        note: String::new(),
    }
}

fn taxes(invoice: &stripe::Invoice, currency: Currency) -> Result<Vec<NewTax>, AppError> {
    let taxes = invoice.total_taxes.iter().flatten().map(|tax| {
        let rate = tax.tax_rate_details.as_ref().and_then(|details| details.tax_rate.as_ref());
        let name = rate.and_then(|rate| rate.display_name.clone()).filter(|name| !name.is_empty());
        let is_owed_by_customer = tax.taxability_reason.as_deref() == Some("reverse_charge");
        let note = is_owed_by_customer.then(|| "Reverse charge: the customer owes the tax.".to_owned());
        Ok(NewTax {
            name: name.unwrap_or_else(|| "Tax".to_owned()),
            rate: rate.and_then(|rate| thousandths(&rate.percentage.to_string())).unwrap_or_default(),
            base: minor(tax.taxable_amount.unwrap_or_default(), currency)?,
            amount: minor(tax.amount, currency)?,
            note,
        })
    });
    taxes.collect()
}

/// The lines with what makes them add up: what is taken off, and taxes that are within the prices.
fn lines(
    invoice: &stripe::Invoice,
    currency: Currency,
    net: Minor,
    parts: &Parts,
) -> Result<Vec<NewLine>, AppError> {
    let lines = invoice.lines.data.iter().map(|line| written(line, currency, parts));
    let mut lines = lines.collect::<Result<Vec<_>, _>>()?;
    let discounts = invoice.total_discount_amounts.iter().flatten();
    let taken_off =
        discounts.map(|discount| minor(discount.amount, currency)).collect::<Result<Vec<_>, _>>()?;
    let taken_off = Minor::sum(taken_off).ok_or_else(too_much)?;
    lines.extend(beside("Discounts", Minor::new(-taken_off.get())));
    let sum = Minor::sum(lines.iter().map(|line| line.amount)).ok_or_else(too_much)?;
    lines.extend(beside("Taxes within the prices above", net.minus(sum).ok_or_else(too_much)?));
    Ok(lines)
}

fn written(line: &stripe::InvoiceLine, currency: Currency, parts: &Parts) -> Result<NewLine, AppError> {
    let amount = minor(line.amount, currency)?;
    let quantity = line.quantity.and_then(|many| i64::try_from(many).ok()).unwrap_or(1);
    let unit = line.unit_amount().and_then(|one| minor(one, currency).ok());
    let span = moment(line.period.start).zip(moment(line.period.end));
    let description = line.description.clone().filter(|text| !text.trim().is_empty());
    Ok(NewLine {
        kind: kind(line, parts),
        description: description.unwrap_or_else(|| "Charge".to_owned()),
        quantity,
        // Of a part of a period nothing is a multiple.
        unit: unit.filter(|one| one.times(quantity) == Some(amount)),
        amount,
        covers: span.filter(|(from, until)| from < until).map(|(from, until)| Span::new(from, until)),
    })
}

fn kind(line: &stripe::InvoiceLine, parts: &Parts) -> LineKind {
    if line.is_proration() {
        return if line.amount < 0 { LineKind::Unused } else { LineKind::Rest };
    }
    match line.price().and_then(|price| parts.get(price)).map(String::as_str) {
        Some("plan") => LineKind::Plan,
        Some("seat") => LineKind::Seats,
        _ => LineKind::Other,
    }
}

/// A line for what stands on no line of Stripe's; none for nothing.
fn beside(description: &str, amount: Minor) -> Option<NewLine> {
    (amount != Minor::ZERO).then(|| NewLine {
        kind: LineKind::Other,
        description: description.to_owned(),
        quantity: 1,
        unit: Some(amount),
        amount,
        covers: None,
    })
}

fn moment(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_unix_seconds(seconds)
}

/// An amount of Stripe's in our minor units. Three currencies have other ones there: ISK and UGX are counted in hundredths, which
/// they have not, and MGA in whole ones (docs.stripe.com/currencies).
fn minor(amount: i64, currency: Currency) -> Result<Minor, AppError> {
    let units = match currency.code() {
        "ISK" | "UGX" => (amount % 100 == 0).then_some(amount / 100),
        "MGA" => amount.checked_mul(100),
        _ => Some(amount),
    };
    units.map(Minor::new).ok_or_else(too_much)
}

/// A percentage as it is written in thousandths of one: `8.875` is 8875. Finer ones are rounded.
fn thousandths(text: &str) -> Option<i32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let digits: String = part.chars().chain("0000".chars()).take(4).collect();
    let fine: i32 = format!("{whole}{digits}").parse().ok()?;
    Some((fine + 5).div_euclid(10))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn invoice(more: &Value) -> Value {
        let mut invoice = json!({
            "id": "in_1", "status": "paid", "number": "ABC-0001", "customer": "cus_1", "currency": "eur",
            "subtotal": 2_500, "total": 2_500, "amount_due": 2_500, "amount_paid": 2_500,
            "created": 1_796_119_200, "hosted_invoice_url": null, "invoice_pdf": null,
            "status_transitions": { "finalized_at": 1_796_119_260, "paid_at": 1_796_119_320 },
            "lines": { "data": [line("Pro", 1_900, 1, "price_pro"), line("Seats", 600, 2, "price_seat")] },
        });
        for (name, value) in more.as_object().into_iter().flatten() {
            invoice[name] = value.clone();
        }
        invoice
    }

    fn line(description: &str, amount: i64, quantity: i64, price: &str) -> Value {
        json!({
            "id": "il_1", "amount": amount, "description": description, "quantity": quantity,
            "period": { "start": 1_796_119_200, "end": 1_798_797_600 },
            "pricing": { "price_details": { "price": price }, "unit_amount_decimal": (amount / quantity).to_string() },
            "parent": { "subscription_item_details": { "proration": false } },
        })
    }

    fn read(value: &Value) -> Result<Option<Frozen>, AppError> {
        let parts = [("price_pro", "plan"), ("price_seat", "seat")];
        let parts = parts.map(|(price, part)| (price.to_owned(), part.to_owned())).into();
        Frozen::of(&serde_json::from_value(value.clone()).expect("an invoice"), &parts)
    }

    fn frozen(more: &Value) -> Frozen {
        read(&invoice(more)).expect("can be written down").expect("is final")
    }

    fn told(frozen: &Frozen) -> Vec<(LineKind, i64, Option<i64>, i64)> {
        let one = |line: &NewLine| (line.kind, line.quantity, line.unit.map(Minor::get), line.amount.get());
        frozen.lines.iter().map(one).collect()
    }

    #[test]
    fn a_final_invoice_is_one_of_ours_with_its_own_number_and_days() {
        let frozen = frozen(&json!({}));
        assert_eq!((frozen.number.as_str(), frozen.currency), ("ABC-0001", Currency::EUR));
        assert_eq!((frozen.net.get(), frozen.tax.get(), frozen.total.get()), (2_500, 0, 2_500));
        assert_eq!(
            told(&frozen),
            [(LineKind::Plan, 1, Some(1_900), 1_900), (LineKind::Seats, 2, Some(300), 600),]
        );
        let at = |seconds| Timestamp::from_unix_seconds(seconds);
        assert_eq!((Some(frozen.issued_at), frozen.due_at), (at(1_796_119_260), None));
        let paid =
            Ending { state: InvoiceState::Paid, ended_at: at(1_796_119_320), paid_at: at(1_796_119_320) };
        assert_eq!(frozen.ending, paid);
    }

    #[test]
    fn what_is_not_final_is_none_yet() {
        for status in ["draft", "something_new"] {
            assert_eq!(read(&invoice(&json!({ "status": status }))), Ok(None), "{status}");
        }
        let open = frozen(&json!({ "status": "open", "status_transitions": {} }));
        assert_eq!(open.ending, Ending { state: InvoiceState::Open, ended_at: None, paid_at: None });
        assert_eq!(open.issued_at, open.created_at);
    }

    #[test]
    fn lines_add_up_whatever_is_taken_off_and_wherever_taxes_stand() {
        let rate = json!({ "display_name": "VAT", "percentage": 19.0 });
        let tax = |amount: i64| {
            json!([{
                "amount": amount, "taxable_amount": 2_250, "tax_rate_details": { "tax_rate": rate },
            }])
        };
        let discount = json!([{ "amount": 250 }]);
        let beside = frozen(&json!({
            "total": 2_678, "total_taxes": tax(428), "total_discount_amounts": discount,
        }));
        assert_eq!((beside.net.get(), beside.tax.get(), beside.total.get()), (2_250, 428, 2_678));
        assert_eq!(told(&beside)[2..], [(LineKind::Other, 1, Some(-250), -250)]);
        assert_eq!(beside.taxes.len(), 1);
        let vat = &beside.taxes[0];
        assert_eq!((vat.name.as_str(), vat.rate, vat.base.get()), ("VAT", 19_000, 2_250));
        let within = frozen(&json!({ "total_taxes": tax(399) }));
        assert_eq!((within.net.get(), within.tax.get()), (2_101, 399));
        assert_eq!(told(&within)[2..], [(LineKind::Other, 1, Some(-399), -399)]);
        for frozen in [beside, within] {
            let sum: i64 = frozen.lines.iter().map(|line| line.amount.get()).sum();
            assert_eq!(sum, frozen.net.get());
        }
    }

    #[test]
    fn a_part_of_a_period_is_no_multiple_of_anything() {
        let mut back = line("Unused time", -1_000, 1, "price_pro");
        back["pricing"]["unit_amount_decimal"] = json!("1900");
        back["parent"] = json!({ "invoice_item_details": { "proration": true } });
        let mut rest = line("Remaining time", 3_500, 1, "price_pro");
        rest["parent"]["subscription_item_details"]["proration"] = json!(true);
        let frozen = frozen(&json!({ "lines": { "data": [back, rest] } }));
        assert_eq!(
            told(&frozen)[..2],
            [(LineKind::Unused, 1, None, -1_000), (LineKind::Rest, 1, Some(3_500), 3_500),]
        );
    }

    #[test]
    fn a_number_that_is_no_name_of_a_page_is_left_to_stripe() {
        for number in ["<b>", "A B", "", "a/b", "\""] {
            assert_eq!(frozen(&json!({ "number": number })).number, "in_1", "{number}");
        }
    }

    #[test]
    fn the_customer_is_who_stripe_says() {
        let said = frozen(&json!({
            "customer_name": "Acme GmbH", "customer_email": "pay@example.com",
            "customer_address": { "line1": "Straße 1", "line2": null, "city": "Berlin", "postal_code": "10115", "country": "de" },
            "customer_tax_ids": [{ "type": "eu_vat", "value": "DE123456789" }],
        }));
        let expected = Party {
            name: "Acme GmbH".into(),
            address: "Straße 1\n10115 Berlin".into(),
            country: "DE".into(),
            tax_id: "DE123456789".into(),
            email: "pay@example.com".into(),
            note: String::new(),
        };
        assert_eq!(said.customer, expected);
        assert_eq!(frozen(&json!({})).customer, Party::default());
    }

    #[test]
    fn stripes_units_become_those_of_the_standard() {
        let of = |code: &str, amount| minor(amount, Currency::parse(code).expect("known")).map(Minor::get);
        assert_eq!(of("EUR", 1_999), Ok(1_999));
        assert_eq!(of("JPY", 500), Ok(500));
        assert_eq!(of("ISK", 50_000), Ok(500));
        assert_eq!(of("UGX", -50_000), Ok(-500));
        assert_eq!(of("ISK", 50_001), Err(AppError::Internal), "there is no such amount");
        assert_eq!(of("MGA", 5), Ok(500));
    }

    #[test]
    fn a_percentage_is_told_in_thousandths() {
        for (text, expected) in [
            ("19.0", Some(19_000)),
            ("19", Some(19_000)),
            ("8.875", Some(8_875)),
            ("9.9975", Some(9_998)),
            ("0.0", Some(0)),
            ("x", None),
        ] {
            assert_eq!(thousandths(text), expected, "{text}");
        }
    }
}
