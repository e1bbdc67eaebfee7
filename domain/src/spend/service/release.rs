//! Calls that are sent on, and calls that are not made after all.

use super::{
    super::{
        Held, Nano, Settled,
        store::{
            budgets,
            holds::{self, End},
            ledger::Rated,
        },
    },
    conflict, given, read_amount, read_id, seconds,
    settle::{Booking, close},
};
use crate::{
    AppError, FieldIssue,
    access::{Grant, Organization, Permission},
};

/// How long a call may take from then on when nobody says.
const USUAL_S: u32 = 300;

/// That a call is sent on, as typed.
#[derive(Clone, Debug, Default)]
pub struct NewDispatch {
    /// Which hold.
    pub hold_id: String,
    /// What it costs from now on at least, such as its input; all that is held when nobody says.
    pub known: Option<String>,
    /// After how many seconds it is settled at that by itself.
    pub expires_in_s: Option<String>,
}

/// Notes that a call is sent on: from now on it costs something, whatever becomes of it.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::InvalidInput`]; [`AppError::Conflict`] for a hold that has ended.
pub async fn dispatch(grant: &Grant<Organization>, typed: &NewDispatch) -> Result<Held, AppError> {
    grant.demand(Permission::ReserveSpend)?;
    let id = read_id("hold_id", &typed.hold_id)?;
    let known = given(typed.known.as_deref()).map(|text| read_amount("known", text)).transpose()?;
    let expires_in_s = seconds("expires_in_s", typed.expires_in_s.as_deref(), USUAL_S)?;
    let organization = grant.organization();
    let mut tx = grant.begin().await?;
    let hold = holds::hold(tx.conn(), organization, id).await?.filter(|hold| hold.kind == "call");
    let hold = hold.ok_or(AppError::NotFound)?;
    if hold.state != "held" {
        return Err(conflict("hold_id", FieldIssue::Ended));
    }
    let amount = Nano::new(hold.amount_nano);
    let known = known.unwrap_or(amount);
    if known > amount {
        return Err(AppError::invalid("known", FieldIssue::OutOfRange { min: 0, max: dollars_up(amount) }));
    }
    let expires_at = holds::dispatch(tx.conn(), organization, id, known.get(), expires_in_s).await?;
    tx.commit().await?;
    Ok(Held { hold_id: id, amount, expires_at: expires_at.into() })
}

fn dollars_up(amount: Nano) -> i64 {
    let dollar = Nano::dollars(1).get();
    amount.get() / dollar + i64::from(amount.get() % dollar != 0)
}

/// Gives back what was held for a call that is not made. One that was sent on is settled at what is known of it. A second time
/// changes nothing.
///
/// # Errors
/// [`AppError::NotFound`]; [`AppError::Conflict`] for one that was settled.
pub async fn release(grant: &Grant<Organization>, hold_id: &str) -> Result<Settled, AppError> {
    grant.demand(Permission::ReserveSpend)?;
    let id = read_id("hold_id", hold_id)?;
    let (organization, platform) = (grant.organization(), grant.platform());
    let mut tx = grant.begin().await?;
    let place = budgets::enter(tx.conn(), organization, None).await?;
    let hold = holds::hold(tx.conn(), organization, id).await?.filter(|hold| hold.kind == "call");
    let hold = hold.ok_or(AppError::NotFound)?;
    let nothing = Settled {
        event_id: hold.request_id.clone(),
        amount: Nano::ZERO,
        overrun: Nano::ZERO,
        priced: true,
        duplicate: hold.state != "held",
    };
    match (hold.state.as_str(), hold.known_nano) {
        ("held", None) => {
            budgets::hold_of(tx.conn(), organization, id).await?;
            holds::end(tx.conn(), organization, &End { hold: &hold, state: "released", spent: 0 }).await?;
            tx.commit().await?;
            Ok(nothing)
        }
        ("held", Some(known)) => {
            let booking = Booking {
                event_id: hold.request_id.clone(),
                source: "settled",
                occurred_at: place.now(platform),
                rated: Rated::default(),
                cost: Nano::new(known),
                priced: true,
            };
            let settled = close(&mut tx, platform, &place, &hold, &booking).await?;
            tx.commit().await?;
            Ok(settled)
        }
        ("released" | "expired", None) => Ok(nothing),
        _ => Err(conflict("hold_id", FieldIssue::AlreadyDone)),
    }
}
