//! What was used and is to be charged: quantities of the ledger, at the prices of whoever runs the site.
//!
//! What is charged is a stretch of the ledger's numbers and not of time: what is told late is in the next stretch, and every
//! number is in one. A stretch ends with the last number that was written before the moment of the change, among those that
//! are certain: whoever closes waits for those who are writing, because a number is taken before it can be read.

use std::{future::Future, pin::Pin};

use sqlx::PgConnection;
use uuid::Uuid;

use super::super::{
    Currency, Minor, Stretch,
    lines::{UsageLine, too_much},
    store::usage::{self as store, Charge, DatedPrice},
};
use crate::{AppError, Timestamp, access::Tx};

/// In which time something has a price.
#[derive(Clone, Debug)]
pub struct PricedTime {
    /// The price.
    pub price: Uuid,
    /// Whose.
    pub provider: String,
    /// Of what.
    pub item: String,
    /// Of which unit.
    pub unit: String,
    /// From when on.
    pub from: Timestamp,
    /// Until when, where there is an end.
    pub until: Option<Timestamp>,
}

/// How much was used at a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UsageSum {
    /// The price.
    pub price: Uuid,
    /// How much; less than nothing where more was taken back.
    pub quantity: i64,
}

/// Whoever counts usage. Asked about the same stretch twice it must answer the same: invoices are checked by it.
pub trait UsageSource: Send + Sync {
    /// The last number of an organization up to which everything is written, when nobody is writing any more who has begun
    /// before. Whoever asks holds the organization, and has noted nothing in its trail yet.
    ///
    /// # Errors
    /// [`AppError::Busy`] while the database is away.
    fn close<'a>(&'a self, conn: &'a mut PgConnection, organization: Uuid) -> UsageAnswer<'a, i64>;

    /// The last number of a stretch that was written before a moment.
    ///
    /// # Errors
    /// As [`UsageSource::close`].
    fn until<'a>(
        &'a self,
        conn: &'a mut PgConnection,
        stretch: Stretch,
        at: Timestamp,
    ) -> UsageAnswer<'a, i64>;

    /// How much was used in a stretch at each of these prices, by when it happened; nothing for what sums to nothing.
    ///
    /// # Errors
    /// As [`UsageSource::close`].
    fn sums<'a>(
        &'a self,
        conn: &'a mut PgConnection,
        stretch: Stretch,
        prices: &'a [PricedTime],
    ) -> UsageAnswer<'a, Vec<UsageSum>>;
}

/// An answer that is being looked for.
pub type UsageAnswer<'a, T> = Pin<Box<dyn Future<Output = Result<T, AppError>> + Send + 'a>>;

/// Nobody counts anything.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoUsage;

impl UsageSource for NoUsage {
    fn close<'a>(&'a self, _: &'a mut PgConnection, _: Uuid) -> UsageAnswer<'a, i64> {
        Box::pin(async { Ok(0) })
    }

    fn until<'a>(&'a self, _: &'a mut PgConnection, stretch: Stretch, _: Timestamp) -> UsageAnswer<'a, i64> {
        Box::pin(async move { Ok(stretch.after) })
    }

    fn sums<'a>(
        &'a self,
        _: &'a mut PgConnection,
        _: Stretch,
        _: &'a [PricedTime],
    ) -> UsageAnswer<'a, Vec<UsageSum>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

/// What was used, and up to which number that is certain.
#[derive(Clone, Copy)]
pub(super) struct Meter<'a> {
    pub(super) source: &'a dyn UsageSource,
    written: i64,
}

impl<'a> Meter<'a> {
    /// For whoever charges. Asked once in a transaction that holds the organization, before anything is noted in its trail.
    pub(super) async fn close(tx: &mut Tx, source: &'a dyn UsageSource) -> Result<Self, AppError> {
        let organization = tx.organization()?;
        Ok(Self { source, written: source.close(tx.conn(), organization).await? })
    }

    /// For whoever only looks: what is being written is not seen yet, and keeps nobody waiting.
    pub(super) fn look(source: &'a dyn UsageSource) -> Self {
        Self { source, written: i64::MAX }
    }

    /// What was used behind a number and was written before a moment.
    pub(super) async fn read(
        self,
        conn: &mut PgConnection,
        (organization, after): (Uuid, i64),
        at: Timestamp,
        currency: Currency,
    ) -> Result<Metered, AppError> {
        let open = Stretch { organization, after, through: self.written.max(after) };
        let through = self.source.until(conn, open, at).await?;
        let stretch = Stretch { through, ..open };
        let charges = charges(conn, self.source, stretch, currency).await?;
        Ok(Metered { stretch: Some(stretch), charges })
    }
}

/// What was used in a stretch, with what it costs; no stretch where nothing is charged.
#[derive(Debug, Default)]
pub(super) struct Metered {
    pub(super) stretch: Option<Stretch>,
    pub(super) charges: Vec<Charge>,
}

impl Metered {
    /// What it costs without what is included.
    pub(super) fn sum(&self) -> Result<Minor, AppError> {
        Minor::sum(self.charges.iter().map(|charge| charge.amount)).ok_or_else(too_much)
    }

    /// As it is charged: what comes to less than nothing is left for the next stretch, because nobody gets an invoice of less.
    pub(super) fn charged(self) -> Result<Self, AppError> {
        Ok(if self.sum()? < Minor::ZERO { Self::default() } else { self })
    }

    /// For the lines of an invoice.
    pub(super) fn lines(&self) -> Vec<UsageLine> {
        self.charges.iter().map(line).collect()
    }
}

fn line(charge: &Charge) -> UsageLine {
    let Charge { provider, item, unit, quantity, price, amount, .. } = charge;
    let description = format!("{provider} {item}: {unit}, {}", price.told());
    UsageLine { description, quantity: *quantity, amount: *amount }
}

/// What was used in a stretch at the prices in a currency, each of them a line.
pub(super) async fn charges(
    conn: &mut PgConnection,
    source: &dyn UsageSource,
    stretch: Stretch,
    currency: Currency,
) -> Result<Vec<Charge>, AppError> {
    let prices = store::prices(conn, currency).await?;
    if prices.is_empty() || stretch.through <= stretch.after {
        return Ok(Vec::new());
    }
    let times: Vec<PricedTime> = prices.iter().map(time_of).collect();
    let sums = source.sums(conn, stretch, &times).await?;
    let charges = prices.into_iter().filter_map(|price| {
        let quantity = sums.iter().find(|sum| sum.price == price.id)?.quantity;
        (quantity != 0).then(|| Charge {
            amount: price.price.amount(quantity),
            provider: price.provider,
            item: price.item,
            unit: price.unit,
            quantity,
            price_id: price.id,
            price: price.price,
        })
    });
    Ok(charges.collect())
}

fn time_of(price: &DatedPrice) -> PricedTime {
    PricedTime {
        price: price.id,
        provider: price.provider.clone(),
        item: price.item.clone(),
        unit: price.unit.clone(),
        from: price.from,
        until: price.until,
    }
}
