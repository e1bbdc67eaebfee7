//! The lines of a document as comma-separated values: amounts as decimal numbers, times in UTC.

use domain::billing::{Invoice, InvoiceLine, Money, percent};

use super::super::csv::{amount, line};

/// The document, a line for each of its lines and one for each of its taxes.
pub(super) fn csv(invoice: &Invoice) -> String {
    let mut text = String::new();
    line(
        &mut text,
        [
            "number",
            "position",
            "kind",
            "description",
            "from",
            "until",
            "quantity",
            "unit",
            "amount",
            "currency",
        ],
    );
    let number = invoice.head.number.as_str();
    let currency = invoice.net.currency.code();
    for (position, it) in (1_usize..).zip(&invoice.lines) {
        let [from, until] = span(it);
        let unit = it.unit.map(Money::digits).unwrap_or_default();
        let cells = [position.to_string(), it.kind.name().into(), it.description.clone(), from, until];
        let numbers = [it.quantity.to_string(), unit, it.amount.digits()];
        put(&mut text, number, &cells, &numbers, currency);
    }
    for (position, tax) in (invoice.lines.len() + 1..).zip(&invoice.taxes) {
        let described = tax.note.clone().unwrap_or_else(|| format!("{} {}", tax.name, percent(tax.rate)));
        let cells = [position.to_string(), "tax".into(), described, String::new(), String::new()];
        let numbers = ["1".to_owned(), String::new(), tax.amount.digits()];
        put(&mut text, number, &cells, &numbers, currency);
    }
    text
}

fn put(text: &mut String, number: &str, cells: &[String; 5], numbers: &[String; 3], currency: &str) {
    let mut first = String::new();
    line(&mut first, [number].into_iter().chain(cells.iter().map(String::as_str)));
    text.push_str(first.trim_end_matches("\r\n"));
    // A minus before a number is one, and not the beginning of a formula.
    for number in numbers {
        text.push(',');
        text.push_str(amount(number));
    }
    text.push(',');
    text.push_str(currency);
    text.push_str("\r\n");
}

fn span(it: &InvoiceLine) -> [String; 2] {
    it.covers.map_or_else(Default::default, |span| [span.from.rfc3339(), span.until.rfc3339()])
}
