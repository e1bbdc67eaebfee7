//! The letters of this room: an invoice is there, or should have been paid.

use super::{
    InvoiceHead,
    store::{details, subscriptions::Row},
};
use crate::{
    AppError, Timestamp,
    access::Tx,
    platform::{
        Platform,
        letters::{Letter, outbox},
        zones,
    },
};

/// What a letter is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// An invoice was issued.
    Issued,
    /// It should have been paid.
    Overdue,
}

/// Writes to the address that the organization has named for this, else to its owners.
pub(super) async fn send(
    tx: &mut Tx,
    platform: &Platform,
    row: &Row,
    head: &InvoiceHead,
    news: News,
) -> Result<(), AppError> {
    let named = details::read(tx.conn(), row.organization).await?.email;
    let to = if named.is_empty() { details::owners(tx.conn(), row.organization).await? } else { vec![named] };
    for address in to {
        outbox::put(platform, tx, write(platform, address, row, head, news)).await?;
    }
    Ok(())
}

fn write(platform: &Platform, to: String, row: &Row, head: &InvoiceHead, news: News) -> Letter {
    let (number, total, name) = (&head.number, head.total, &row.name);
    let day = |at: Option<Timestamp>| at.map(|at| day(&row.time_zone, at)).unwrap_or_default();
    let due = day(head.due_at);
    let (kind, subject, opening, closing) = match news {
        News::Issued => (
            "invoice-issued",
            format!("Invoice {number}"),
            format!("Invoice {number} for {name} comes to {total}. It is to be paid by {due}."),
            "How to pay stands on the invoice. You get this letter because you own the organization, or because your address \
             was named for its invoices.",
        ),
        News::Overdue => (
            "invoice-overdue",
            format!("Invoice {number} is overdue"),
            format!(
                "Invoice {number} for {name} comes to {total}. It was to be paid by {due}, and is still open."
            ),
            "If you have paid it in the last days, nothing needs to be done.",
        ),
    };
    let link = format!("{}/o/{}/billing/invoices/{number}", platform.rules().public_url, row.slug);
    let escaped = opening.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let action = "See the invoice";
    Letter {
        to,
        kind,
        subject: format!("{subject} · Gatehouse"),
        text: format!("{opening}\n\n{action}:\n{link}\n\n{closing}\n"),
        html: format!(
            "<!doctype html>\n<html lang=\"en\"><body>\n<p>{escaped}</p>\n\
             <p><a href=\"{link}\">{action}</a></p>\n<p>{link}</p>\n<p>{closing}</p>\n</body></html>\n"
        ),
    }
}

/// The day of a moment, in the words of a zone: `21 Nov 2026`.
fn day(zone: &str, at: Timestamp) -> String {
    let told = zones::told(zone, at);
    told.split_once(',').map_or(told.clone(), |(day, _)| day.to_owned())
}
