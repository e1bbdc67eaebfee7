//! Where what was used in a period comes in: from whoever counts it.

use std::{future::Future, pin::Pin};

use sqlx::PgConnection;
use uuid::Uuid;

use super::super::{Currency, Span, UsageLine};
use crate::{AppError, spend::Nano};

/// Of what usage is asked.
#[derive(Clone, Copy, Debug)]
pub struct UsageAsked {
    /// Whose.
    pub organization: Uuid,
    /// Of which time.
    pub span: Span,
    /// In which currency the lines are.
    pub currency: Currency,
    /// What costs nothing; `None` for everything.
    pub included: Option<Nano>,
}

/// Whoever counts usage. Asked about the same time twice it must answer the same: invoices are checked by it.
pub trait UsageSource: Send + Sync {
    /// What of it is on an invoice. The connection may see the organization's rows.
    ///
    /// # Errors
    /// [`AppError::Busy`] while the database is away.
    fn lines<'a>(&'a self, conn: &'a mut PgConnection, asked: &'a UsageAsked) -> UsageLines<'a>;
}

/// Lines that are being computed.
pub type UsageLines<'a> = Pin<Box<dyn Future<Output = Result<Vec<UsageLine>, AppError>> + Send + 'a>>;

/// Nobody counts anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoUsage;

impl UsageSource for NoUsage {
    fn lines<'a>(&'a self, _: &'a mut PgConnection, _: &'a UsageAsked) -> UsageLines<'a> {
        Box::pin(async { Ok(Vec::new()) })
    }
}
