//! What an organization has, and what a change of it costs: the same for a preview, an invoice and a check.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{
    super::{
        Currency, Entitlement, Minor, Party,
        lines::{self, ChangeKind, NewLine, Terms, too_much},
        store::{
            details, plans,
            subscriptions::{Logged, Row},
            taxes as rates,
        },
        taxes::{NewTax, taxes},
    },
    usage::{UsageAsked, UsageSource},
};
use crate::{AppError, FieldIssue, Timestamp, platform::Platform, spend::Nano};

/// What an organization has at present.
pub(super) async fn present(conn: &mut PgConnection, row: &Row) -> Result<Terms, AppError> {
    let plan = plans::version(conn, row.version, row.currency).await?;
    Ok(Terms { plan, extra_seats: row.extra_seats, period: row.span })
}

/// What it had from an entry of its log on.
pub(super) async fn logged(conn: &mut PgConnection, logged: &Logged) -> Result<Terms, AppError> {
    let plan = plans::version(conn, logged.version, logged.currency).await?;
    Ok(Terms { plan, extra_seats: logged.extra_seats, period: logged.span })
}

/// A change that is made, thought about, or looked at again.
pub(super) struct Step<'a> {
    pub(super) organization: Uuid,
    pub(super) kind: ChangeKind,
    pub(super) before: &'a Terms,
    pub(super) after: &'a Terms,
    pub(super) at: Timestamp,
}

impl Step<'_> {
    /// In which currency it is charged.
    pub(super) fn currency(&self) -> Currency {
        self.after.plan.price.currency
    }

    /// The lines of its invoice.
    pub(super) async fn lines(
        &self,
        conn: &mut PgConnection,
        usage: &dyn UsageSource,
    ) -> Result<Vec<NewLine>, AppError> {
        let used = match lines::usage_span(self.kind, self.before, self.after) {
            None => Vec::new(),
            Some(span) => {
                let asked = UsageAsked {
                    organization: self.organization,
                    span,
                    currency: self.currency(),
                    included: self.before.plan.gives(Entitlement::IncludedUsage).amount.map(Nano::new),
                };
                usage.lines(conn, &asked).await?
            }
        };
        lines::lines(self.kind, self.before, self.after, self.at, &used)
    }
}

/// What a change costs at once.
#[derive(Debug, Default)]
pub(super) struct Cost {
    pub(super) lines: Vec<NewLine>,
    pub(super) net: Minor,
    pub(super) tax: Minor,
    pub(super) total: Minor,
}

impl Cost {
    /// What lines come to without taxes.
    pub(super) fn untaxed(lines: Vec<NewLine>) -> Result<Self, AppError> {
        let net = net(&lines)?;
        Ok(Self { lines, net, tax: Minor::ZERO, total: net })
    }
}

/// What lines cost the customer that a subscription is of, by the taxes of a moment.
pub(super) async fn cost(
    conn: &mut PgConnection,
    (supplier, row): (&Party, &Row),
    lines: Vec<NewLine>,
    at: Timestamp,
) -> Result<Cost, AppError> {
    let net = net(&lines)?;
    let customer = customer(conn, row).await?;
    let tax = sum(&taxes_of(conn, (supplier, &customer), net, at).await?)?;
    Ok(Cost { lines, net, tax, total: net.plus(tax).ok_or_else(too_much)? })
}

/// What lines come to.
pub(super) fn net(lines: &[NewLine]) -> Result<Minor, AppError> {
    Minor::sum(lines.iter().map(|line| line.amount)).ok_or_else(too_much)
}

/// The taxes on an amount, as they were known at a moment. A customer who has not said where they are is taken to be where the
/// supplier is: to say nothing saves nobody a tax.
pub(super) async fn taxes_of(
    conn: &mut PgConnection,
    (supplier, customer): (&Party, &Party),
    net: Minor,
    at: Timestamp,
) -> Result<Vec<NewTax>, AppError> {
    let country = if customer.country.is_empty() { &supplier.country } else { &customer.country };
    let rates = rates::in_force(conn, country, at).await?;
    Ok(taxes(net, &rates, &customer.country, &customer.tax_id))
}

/// Refuses to take something that costs without a country where any customers are taxed.
pub(super) async fn demand_country(conn: &mut PgConnection, row: &Row) -> Result<(), AppError> {
    if details::read(conn, row.organization).await?.country.is_empty() && rates::are_there(conn).await? {
        return Err(AppError::invalid("country", FieldIssue::Required));
    }
    Ok(())
}

/// What taxes come to.
pub(super) fn sum(taxes: &[NewTax]) -> Result<Minor, AppError> {
    Minor::sum(taxes.iter().map(|tax| tax.amount)).ok_or_else(too_much)
}

/// Who writes invoices, as the operator has said.
pub(super) fn supplier(platform: &Platform) -> Party {
    let said = platform.rules().supplier.clone();
    Party {
        name: said.name,
        address: said.address,
        country: said.country,
        tax_id: said.tax_id,
        email: said.email,
        note: said.how_to_pay,
    }
}

/// To whom invoices are written at present.
pub(super) async fn customer(conn: &mut PgConnection, row: &Row) -> Result<Party, AppError> {
    let said = details::read(conn, row.organization).await?;
    let name = if said.company.is_empty() { row.name.clone() } else { said.company };
    Ok(Party {
        name,
        address: said.address,
        country: said.country,
        tax_id: said.tax_id,
        email: said.email,
        note: said.reference,
    })
}
