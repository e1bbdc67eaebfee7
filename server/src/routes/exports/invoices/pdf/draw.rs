//! What stands where on a document.

use domain::{
    Timestamp,
    billing::{DocumentKind, Invoice, InvoiceLine, InvoiceState, Money, Party, PaymentProvider, percent},
};
use krilla::{
    Document,
    metadata::{DateTime, Metadata},
};

use super::{
    fonts::{Fonts, Weight},
    paper::{MARGIN, Paper, Side, Tone, WIDTH},
};

/// Sizes of text, in points.
const TITLE: f32 = 20.0;
const TEXT: f32 = 9.5;
const SMALL: f32 = 8.0;
/// Where columns end.
const RIGHT: f32 = WIDTH - MARGIN;
const UNIT: f32 = RIGHT - 95.0;
const QUANTITY: f32 = UNIT - 85.0;
/// How wide descriptions and addresses are.
const DESCRIPTION: f32 = QUANTITY - 60.0 - MARGIN;
const HALF: f32 = (WIDTH - 2.0 * MARGIN) / 2.0 - 12.0;

/// Why a document cannot be drawn.
#[derive(Debug)]
pub(super) enum Undrawn {
    /// There is no page of that size.
    Paper,
    /// The library says no.
    Library(#[expect(dead_code, reason = "it is for the log")] krilla::error::KrillaError),
}

/// Draws it whole.
pub(super) fn document(invoice: &Invoice, fonts: &'static Fonts) -> Result<Vec<u8>, Undrawn> {
    let mut paper = Paper::new(fonts);
    head(&mut paper, invoice);
    parties(&mut paper, invoice);
    lines(&mut paper, invoice);
    sums(&mut paper, invoice);
    words(&mut paper, invoice);
    let mut document = Document::new();
    document.set_metadata(metadata(invoice));
    paper.draw(&mut document, invoice).ok_or(Undrawn::Paper)?;
    document.finish().map_err(Undrawn::Library)
}

fn metadata(invoice: &Invoice) -> Metadata {
    let at = invoice.head.issued_at.get();
    let year = u16::try_from(at.year()).unwrap_or_default();
    let issued = DateTime::new(year)
        .month(at.month().into())
        .day(at.day())
        .hour(at.hour())
        .minute(at.minute())
        .second(at.second());
    Metadata::new()
        .title(format!("{} {}", invoice.head.kind.title(), invoice.head.number))
        .authors(vec![invoice.supplier.name.clone()])
        .language("en".to_owned())
        .creator("Gatehouse".to_owned())
        .creation_date(issued)
}

fn head(paper: &mut Paper, invoice: &Invoice) {
    paper.line(&invoice.supplier.name, 11.0, Weight::Bold, Tone::Ink);
    let from = [one_line(&invoice.supplier.address), invoice.supplier.country.clone()];
    let from: Vec<_> = from.into_iter().filter(|text| !text.is_empty()).collect();
    if !from.is_empty() {
        paper.line(&from.join(" · "), SMALL, Weight::Regular, Tone::Soft);
    }
    paper.skip(26.0);
    let title = format!("{} {}", invoice.head.kind.title(), invoice.head.number);
    paper.line(&title, TITLE, Weight::Bold, Tone::Ink);
    paper.skip(14.0);
}

/// To whom it is written on the left, its days on the right.
fn parties(paper: &mut Paper, invoice: &Invoice) {
    let top = paper.y;
    let customer = &invoice.customer;
    paper.put(Side::Left, (MARGIN, top), "Bill to", SMALL, Weight::Regular, Tone::Soft);
    let mut left = top + 14.0;
    left += paper.block(MARGIN, left, HALF, &customer.name, TEXT + 1.0, Tone::Ink);
    for text in [&customer.address, &customer.country, &tax_id(customer)] {
        left += paper.block(MARGIN, left, HALF, text, TEXT, Tone::Ink);
    }
    let mut right = top;
    let x = MARGIN + HALF + 24.0;
    for (label, text) in days(invoice) {
        paper.put(Side::Left, (x, right), label, TEXT, Weight::Regular, Tone::Soft);
        let height = paper.block(x + 84.0, right, HALF - 84.0, &text, TEXT, Tone::Ink);
        right += height.max(15.0);
    }
    paper.y = left.max(right) + 24.0;
}

fn tax_id(party: &Party) -> String {
    if party.tax_id.is_empty() { String::new() } else { format!("Tax number {}", party.tax_id) }
}

fn days(invoice: &Invoice) -> Vec<(&'static str, String)> {
    let mut all = vec![("Number", invoice.head.number.clone()), ("Issued", day(invoice.head.issued_at))];
    if let Some(due) = invoice.head.due_on() {
        all.push(("To be paid by", due));
    }
    if let Some(credited) = &invoice.credits {
        all.push(("For invoice", credited.clone()));
    }
    if !invoice.customer.note.is_empty() {
        all.push(("Your reference", invoice.customer.note.clone()));
    }
    if !invoice.supplier.tax_id.is_empty() {
        all.push(("Our tax number", invoice.supplier.tax_id.clone()));
    }
    all
}

fn columns(paper: &mut Paper) {
    let y = paper.y;
    paper.put(Side::Left, (MARGIN, y), "Description", SMALL, Weight::Bold, Tone::Soft);
    paper.put(Side::Right, (QUANTITY, y), "Quantity", SMALL, Weight::Bold, Tone::Soft);
    paper.put(Side::Right, (UNIT, y), "Price", SMALL, Weight::Bold, Tone::Soft);
    paper.put(Side::Right, (RIGHT, y), "Amount", SMALL, Weight::Bold, Tone::Soft);
    paper.skip(14.0);
    paper.rule();
}

fn lines(paper: &mut Paper, invoice: &Invoice) {
    columns(paper);
    for line in &invoice.lines {
        let covers = covers(line);
        let height = paper.height(&line.description, TEXT, DESCRIPTION)
            + if covers.is_empty() { 0.0 } else { SMALL * 1.5 };
        if paper.need(height + 6.0) {
            columns(paper);
        }
        let y = paper.y;
        let described = paper.block(MARGIN, y, DESCRIPTION, &line.description, TEXT, Tone::Ink);
        if !covers.is_empty() {
            paper.put(Side::Left, (MARGIN, y + described), &covers, SMALL, Weight::Regular, Tone::Soft);
        }
        let unit = line.unit.map(bare).unwrap_or_default();
        let numbers = [(QUANTITY, line.quantity.to_string()), (UNIT, unit), (RIGHT, bare(line.amount))];
        for (x, text) in numbers {
            paper.put(Side::Right, (x, y), &text, TEXT, Weight::Regular, Tone::Ink);
        }
        paper.skip(height + 6.0);
    }
    paper.rule();
}

fn covers(line: &InvoiceLine) -> String {
    line.covers.map_or_else(String::new, |span| format!("{} to {}", day(span.from), day(span.until)))
}

fn sums(paper: &mut Paper, invoice: &Invoice) {
    let taxes = invoice.taxes.iter().map(|tax| (format!("{} {}", tax.name, percent(tax.rate)), tax.amount));
    let all: Vec<_> = [("Subtotal".to_owned(), invoice.net)].into_iter().chain(taxes).collect();
    #[expect(clippy::cast_precision_loss, reason = "there are a few taxes")]
    let height = 16.0 * (all.len() + 1) as f32 + 20.0;
    paper.need(height);
    for (label, amount) in all {
        sum(paper, &label, amount, TEXT, Weight::Regular);
    }
    paper.skip(4.0);
    sum(paper, "Total", invoice.head.total, 11.0, Weight::Bold);
    paper.skip(20.0);
}

fn sum(paper: &mut Paper, label: &str, amount: Money, size: f32, weight: Weight) {
    let y = paper.y;
    paper.put(Side::Right, (UNIT, y), label, size, weight, Tone::Ink);
    paper.put(Side::Right, (RIGHT, y), &amount.to_string(), size, weight, Tone::Ink);
    paper.skip(16.0);
}

/// What there is to say besides: about taxes, reasons, how to pay, how it ended, and letters that cannot be drawn.
fn words(paper: &mut Paper, invoice: &Invoice) {
    let mut all: Vec<String> = invoice.taxes.iter().filter_map(|tax| tax.note.clone()).collect();
    all.extend(invoice.reason.as_ref().map(|reason| format!("Reason: {reason}")));
    match invoice.head.state {
        InvoiceState::Void => all.push("This invoice is void. Nobody owes it.".to_owned()),
        InvoiceState::Uncollectible => {
            all.push("This invoice is not waited for any more. It can still be paid.".to_owned());
        }
        InvoiceState::Credited => all.push("All of this invoice was credited.".to_owned()),
        InvoiceState::Paid => {
            let when = invoice.ended_at.map(|at| format!(" on {}", day(at))).unwrap_or_default();
            all.push(format!("Paid{when}. Thank you."));
        }
        InvoiceState::Open | InvoiceState::Draft | InvoiceState::Issued => {}
    }
    let is_invoice = invoice.head.kind == DocumentKind::Invoice;
    if is_invoice && invoice.head.state == InvoiceState::Open && !invoice.supplier.note.is_empty() {
        all.push(format!("How to pay, with the number of the invoice:\n{}", invoice.supplier.note));
    }
    if is_invoice && invoice.head.provider == PaymentProvider::Stripe.name() {
        all.push("This invoice is paid through Stripe.".to_owned());
    }
    if !invoice.supplier.email.is_empty() {
        all.push(format!("Questions: {}", invoice.supplier.email));
    }
    for text in all {
        say(paper, &text, Tone::Ink);
    }
    if paper.is_cut() {
        let text = "Some letters have no font in this file and are shown as \u{fffd}. The page of this document shows them.";
        say(paper, text, Tone::Soft);
    }
}

fn say(paper: &mut Paper, text: &str, tone: Tone) {
    let width = WIDTH - 2.0 * MARGIN;
    let height = paper.height(text, TEXT, width) + 8.0;
    paper.need(height);
    let y = paper.y;
    paper.block(MARGIN, y, width, text, TEXT, tone);
    paper.skip(height);
}

fn one_line(text: &str) -> String {
    text.lines().collect::<Vec<_>>().join(" · ")
}

/// The amount alone: the currency stands at the sum.
fn bare(money: Money) -> String {
    let told = money.to_string();
    told.split_once(' ').map_or(told.clone(), |(amount, _)| amount.to_owned())
}

/// The day in UTC, as the numbers of documents are counted: `21 Nov 2026`.
fn day(at: Timestamp) -> String {
    let told = at.to_string();
    told.split_once(',').map_or(told.clone(), |(day, _)| day.to_owned())
}
