//! The ledger as invoices are written by it: how far it is certain, and how much of everything was used.

use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

use super::super::store::{
    budgets,
    charged::{self, Times},
};
use crate::{
    AppError, Timestamp,
    billing::{
        Stretch,
        service::{PricedTime, UsageAnswer, UsageSource, UsageSum},
    },
    platform::log::WhileDoing,
};

/// The ledger.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ledger;

impl UsageSource for Ledger {
    fn close<'a>(&'a self, conn: &'a mut PgConnection, organization: Uuid) -> UsageAnswer<'a, i64> {
        Box::pin(close(conn, organization))
    }

    fn until<'a>(
        &'a self,
        conn: &'a mut PgConnection,
        stretch: Stretch,
        at: Timestamp,
    ) -> UsageAnswer<'a, i64> {
        Box::pin(charged::until(conn, stretch.organization, (stretch.after, stretch.through), at))
    }

    fn sums<'a>(
        &'a self,
        conn: &'a mut PgConnection,
        stretch: Stretch,
        prices: &'a [PricedTime],
    ) -> UsageAnswer<'a, Vec<UsageSum>> {
        Box::pin(sums(conn, stretch, prices))
    }
}

/// Everybody who writes into the ledger counts in the organization before a number is taken. Whoever is alone for an instant
/// has waited for all of them, and whoever comes after that takes a higher number. The savepoint gives the place back at once,
/// so that nobody waits for an invoice.
async fn close(conn: &mut PgConnection, organization: Uuid) -> Result<i64, AppError> {
    let mut instant = conn.begin().await.while_doing("waiting for those who write into the ledger")?;
    budgets::enter_alone(&mut instant, organization).await?;
    // A statement of its own: the one that waited does not see what was written meanwhile.
    let last = charged::last(&mut instant, organization).await?;
    instant.rollback().await.while_doing("letting others write into the ledger")?;
    Ok(last)
}

async fn sums(
    conn: &mut PgConnection,
    stretch: Stretch,
    prices: &[PricedTime],
) -> Result<Vec<UsageSum>, AppError> {
    let mut times = Times::default();
    for time in prices {
        times.prices.push(time.price);
        times.providers.push(time.provider.clone());
        times.items.push(time.item.clone());
        times.units.push(time.unit.clone());
        times.from.push(time.from.get());
        times.until.push(time.until.map(Timestamp::get));
    }
    let rows = charged::sums(conn, stretch.organization, (stretch.after, stretch.through), &times).await?;
    Ok(rows.into_iter().map(|row| UsageSum { price: row.price, quantity: row.quantity }).collect())
}
