//! Who is told of an invoice: that it is there, or should have been paid.

use uuid::Uuid;

use super::{
    InvoiceHead,
    store::{details, subscriptions::Row},
};
use crate::{
    AppError,
    access::{Permission, Tx, evaluator},
    identity::service::{InvoiceNews, tell_of_invoice},
    platform::Platform,
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

/// Writes to the member whose address the organization has named for this, else to those who may change how it is paid.
pub(super) async fn send(
    tx: &mut Tx,
    platform: &Platform,
    row: &Row,
    head: &InvoiceHead,
    news: News,
) -> Result<(), AppError> {
    let people = people(tx, row.organization).await?;
    let news = InvoiceNews {
        organization: &row.name,
        path: format!("/o/{}/billing/invoices/{}", row.slug, head.number),
        number: &head.number,
        total: head.total.to_string(),
        due: head.due_on().unwrap_or_default(),
        is_overdue: news == News::Overdue,
    };
    tell_of_invoice(tx, platform, &people, &news).await
}

/// An address is named by whoever may change the plan, and could be anybody's: letters go to people of the organization alone.
async fn people(tx: &mut Tx, organization: Uuid) -> Result<Vec<Uuid>, AppError> {
    let named = details::read(tx.conn(), organization).await?.email;
    if let Some(member) = evaluator::member_at(tx.conn(), organization, &named).await? {
        return Ok(vec![member]);
    }
    evaluator::holders(tx.conn(), organization, Permission::UpdateBilling, Uuid::nil(), MOST_LETTERS).await
}
