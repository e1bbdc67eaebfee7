//! The lines of a document as comma-separated values: amounts as decimal numbers, times in UTC.

use domain::billing::{Invoice, InvoiceLine, Money, percent};

use super::super::csv::{
    Cell::{self, Number, Text},
    line,
};

const HEAD: [&str; 10] =
    ["number", "position", "kind", "description", "from", "until", "quantity", "unit", "amount", "currency"];

/// The document, a line for each of its lines and one for each of its taxes.
pub(super) fn csv(invoice: &Invoice) -> String {
    let mut text = String::new();
    line(&mut text, HEAD.map(Text));
    let mut put = |position: usize, cells: [Cell<'_>; 7]| {
        let position = position.to_string();
        let cells = [Text(&invoice.head.number), Number(&position)].into_iter().chain(cells);
        line(&mut text, cells.chain([Text(invoice.net.currency.code())]));
    };
    for (position, it) in (1_usize..).zip(&invoice.lines) {
        let [from, until] = span(it);
        let unit = it.unit.map(Money::digits).unwrap_or_default();
        let (quantity, amount) = (it.quantity.to_string(), it.amount.digits());
        let cells = [
            Text(it.kind.name()),
            Text(&it.description),
            Text(&from),
            Text(&until),
            Number(&quantity),
            Number(&unit),
            Number(&amount),
        ];
        put(position, cells);
    }
    for (position, tax) in (invoice.lines.len() + 1..).zip(&invoice.taxes) {
        let described = tax.note.clone().unwrap_or_else(|| format!("{} {}", tax.name, percent(tax.rate)));
        let amount = tax.amount.digits();
        let nothing = Text("");
        let cells = [Text("tax"), Text(&described), nothing, nothing, Number("1"), nothing, Number(&amount)];
        put(position, cells);
    }
    text
}

fn span(it: &InvoiceLine) -> [String; 2] {
    it.covers.map_or_else(Default::default, |span| [span.from.rfc3339(), span.until.rfc3339()])
}
