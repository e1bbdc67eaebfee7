//! The letters of this room: an invoice is there, or should have been paid.

use uuid::Uuid;

use super::{
    InvoiceHead,
    store::{details, subscriptions::Row},
};
use crate::{
    AppError, Timestamp,
    access::{Permission, Tx, evaluator::holders},
    identity::{Words, letter},
    platform::{
        Platform,
        letters::{Letter, outbox},
        zones,
    },
};

/// How many people get a letter at most, where no address is named for them.
const MOST_LETTERS: i64 = 20;

/// What a letter is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// An invoice was issued.
    Issued,
    /// It should have been paid.
    Overdue,
}

/// Writes to the address that the organization has named for this, else to those who may change how it is paid.
pub(super) async fn send(
    tx: &mut Tx,
    platform: &Platform,
    row: &Row,
    head: &InvoiceHead,
    news: News,
) -> Result<(), AppError> {
    let named = details::read(tx.conn(), row.organization).await?.email;
    let to = if named.is_empty() { addresses(tx, row.organization).await? } else { vec![named] };
    for address in to {
        outbox::put(platform, tx, write(platform, &address, row, head, news)).await?;
    }
    Ok(())
}

async fn addresses(tx: &mut Tx, organization: Uuid) -> Result<Vec<String>, AppError> {
    let people =
        holders(tx.conn(), organization, Permission::UpdateBilling, Uuid::nil(), MOST_LETTERS).await?;
    details::addresses(tx.conn(), &people).await
}

/// The name of an organization is what somebody typed; it stands in quotes and is escaped.
fn write(platform: &Platform, to: &str, row: &Row, head: &InvoiceHead, news: News) -> Letter {
    let (number, total, name) = (&head.number, head.total, &row.name);
    let due = head.due_at.map(|at| day(&row.time_zone, at)).unwrap_or_default();
    let words = match news {
        News::Issued => Words {
            kind: "invoice-issued",
            subject: "You have an invoice",
            opening: format!("Invoice {number} for “{name}” comes to {total}. It is to be paid by {due}.").into(),
            action: "See the invoice",
            closing: "How to pay stands on the invoice. You get this letter because you may change how the organization pays, or \
                      because your address was named for its invoices.",
        },
        News::Overdue => Words {
            kind: "invoice-overdue",
            subject: "An invoice is overdue",
            opening: format!(
                "Invoice {number} for “{name}” comes to {total}. It was to be paid by {due}, and is still open."
            )
            .into(),
            action: "See the invoice",
            closing: "If it was paid in the last days, nothing needs to be done.",
        },
    };
    let link = format!("{}/o/{}/billing/invoices/{number}", platform.rules().public_url, row.slug);
    letter(to, &words, &link)
}

/// The day of a moment, in the words of a zone: `21 Nov 2026`.
fn day(zone: &str, at: Timestamp) -> String {
    let told = zones::told(zone, at);
    told.split_once(',').map_or(told.clone(), |(day, _)| day.to_owned())
}
