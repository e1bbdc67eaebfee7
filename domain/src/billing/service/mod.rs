//! The rules of this room: what an organization takes and what it owes; documents, for its members and for those who look
//! after money; periods and letters, for the process itself.

mod begin;
mod change;
mod check;
mod copy;
mod counts;
mod credit;
mod details;
mod documents;
mod ends;
mod entitled;
mod export;
mod from_stripe;
mod issue;
mod methods;
mod paid;
pub mod pay;
mod preview;
mod read;
mod renew;
mod roll;
mod taxes;
mod terms;
mod usage;
mod usage_prices;
mod used;

pub(crate) use begin::begin;
use begin::subscribed;
pub use change::{PlanRequest, cancel, change, resume};
pub use check::{check, check_all};
pub(crate) use copy::copy_of;
pub use counts::{Counting, Counts};
pub use credit::credit;
pub use details::{Details, details, set_details};
pub use documents::{
    Query, SiteQuery, document, document_for_staff, documents, documents_for_staff, owner_of,
};
pub use ends::end_plan;
pub(crate) use ends::{end_with_period, is_unfinished};
pub use entitled::{entitled, entitled_beside};
pub use export::{Export, Exported, export};
pub use methods::{
    add_payment_method, open_portal, payment_methods, remove_payment_method, resume as resume_methods,
    run_methods, set_default_payment_method,
};
pub use paid::{mark_paid, void};
pub use preview::preview;
pub use read::{plans, subscription};
pub use roll::{run, run_once};
pub use taxes::{NewTaxRate, set_tax_rate, tax_rates};
pub use usage::{NoUsage, PricedTime, UsageAnswer, UsageSource, UsageSum};
pub use usage_prices::{NewUsagePrice, set_usage_price, usage_prices};
pub use used::open_usage;
pub(crate) use used::{UsedUnit, explain_usage};

use super::store;
use crate::{
    AppError, FieldProblem, Timestamp,
    access::Tx,
    platform::Platform,
    typed::{self, conflict, given, read_id},
};

/// What costs nothing; what is cancelled ends there.
const FREE: &str = "FREE";

/// What time it is, by the clock that all processes share: a machine that is ahead would end the months of everybody. Read
/// once in a transaction, when what it is about is held, so that nothing in it lies between two years.
async fn agreed_now(tx: &mut Tx, platform: &Platform) -> Result<Timestamp, AppError> {
    Ok(platform.clock().agreed(store::now(tx.conn()).await?))
}

/// What somebody typed in one line.
fn line(field: &str, typed: &str, max: u32) -> Result<String, FieldProblem> {
    typed::line(typed, max).map_err(|issue| FieldProblem::new(field, issue))
}
