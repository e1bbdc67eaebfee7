//! The documents of an organization, page after page, for a file.
//!
//! Promise: however many there are, only one page of them is in memory, and no transaction is longer than one page.

use uuid::Uuid;

use super::super::{
    InvoiceHead, Money, Party,
    store::documents::{self as store, Filter, Row},
};
use crate::{
    AppError, Timestamp,
    access::{Grant, Organization, Permission, permissions_of},
};

/// How many documents are read at a time.
const PAGE: i64 = 500;

/// A file under way.
pub struct Export {
    grant: Grant<Organization>,
    before: Option<(Timestamp, Uuid)>,
}

/// A document in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// What lists say of it.
    pub head: InvoiceHead,
    /// To whom it is written.
    pub customer: Party,
    /// What it comes to without taxes.
    pub net: Money,
    /// All its taxes together.
    pub tax: Money,
}

/// Begins a file of all documents of an organization.
///
/// # Errors
/// [`AppError::NotAllowed`] for a grant of something else.
pub fn export(grant: &Grant<Organization>) -> Result<Export, AppError> {
    grant.demand(Permission::ReadBilling)?;
    Ok(Export { grant: grant.clone(), before: None })
}

impl Export {
    /// The next documents, the newest first; nothing after the last. What is issued meanwhile is not among them.
    ///
    /// # Errors
    /// [`AppError::NotAllowed`] once whoever asked may not read it any more.
    pub async fn next_page(&mut self) -> Result<Option<Vec<Exported>>, AppError> {
        let grant = &self.grant;
        let mut tx = grant.begin().await?;
        // A file may take longer than somebody stays a member.
        if !permissions_of(&mut tx, grant.person().user).await?.has(Permission::ReadBilling) {
            return Err(AppError::NotAllowed);
        }
        let now = grant.platform().now();
        let organization = Some(grant.organization());
        let filter = Filter { organization, before: self.before, limit: PAGE, ..Filter::default() };
        let rows = store::list(tx.conn(), filter, now).await?;
        tx.commit().await?;
        let page = rows.iter().map(|row| exported(row, now)).collect::<Result<Vec<_>, _>>()?;
        let Some(last) = page.last() else { return Ok(None) };
        self.before = Some((last.head.issued_at, last.head.id));
        Ok(Some(page))
    }
}

fn exported(row: &Row, now: Timestamp) -> Result<Exported, AppError> {
    let head = row.head(now)?;
    let ((net, tax), currency) = (row.net_and_tax(), head.total.currency);
    let customer = row.customer().clone();
    Ok(Exported { net: Money::new(net, currency), tax: Money::new(tax, currency), customer, head })
}
