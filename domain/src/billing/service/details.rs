//! To whom invoices are written, and in which currency.

use super::{
    super::{
        BillingDetails, Currency,
        store::{
            details as store, plans,
            subscriptions::{self, Row},
        },
    },
    conflict, given, line, subscribed,
    taxes::country_of,
};
use crate::{
    AppError, FieldIssue, FieldProblem,
    access::{Grant, Organization, Permission, Tx},
    audit::{self, BillingDeed},
    identity::Address,
};

/// What somebody wants to read on invoices; as typed. What is not there stays.
#[derive(Clone, Debug, Default)]
pub struct Details {
    /// The name of a company or a person.
    pub company: Option<String>,
    /// In lines.
    pub address: Option<String>,
    /// Two letters of ISO 3166.
    pub country: Option<String>,
    /// The number by which tax offices know it.
    pub tax_id: Option<String>,
    /// Where letters about invoices go.
    pub email: Option<String>,
    /// What the customer wants to read on invoices.
    pub reference: Option<String>,
    /// Of prices and invoices, as long as nothing that costs something is taken.
    pub currency: Option<String>,
}

/// To whom invoices of an organization are written.
pub async fn details(grant: &Grant<Organization>) -> Result<BillingDetails, AppError> {
    grant.demand(Permission::ReadBilling)?;
    let mut tx = grant.begin().await?;
    let row = subscribed(&mut tx).await?;
    let said = store::read(tx.conn(), grant.organization()).await?;
    let currencies = currencies(&mut tx, &row).await?;
    tx.commit().await?;
    Ok(BillingDetails { currency: Some(row.currency), currencies, ..said })
}

/// The currencies that the organization can have: as long as nothing is paid for, those in which its plan has a price.
async fn currencies(tx: &mut Tx, row: &Row) -> Result<Vec<Currency>, AppError> {
    let plan = plans::version(tx.conn(), row.version, row.currency).await?;
    if plan.price.minor.get() > 0 || row.extra_seats > 0 || row.next.is_some() {
        return Ok(vec![row.currency]);
    }
    plans::currencies(tx.conn(), row.version).await
}

/// Changes them. Invoices that are issued stay as they are.
///
/// # Errors
/// [`AppError::InvalidInput`] naming each field; [`AppError::Conflict`] for another currency while something is paid for.
pub async fn set_details(grant: &Grant<Organization>, typed: &Details) -> Result<(), AppError> {
    grant.demand(Permission::UpdateBilling)?;
    let mut tx = grant.begin().await?;
    grant.hold(&mut tx).await?;
    let row = subscribed(&mut tx).await?;
    let organization = row.organization;
    let before =
        BillingDetails { currency: Some(row.currency), ..store::read(tx.conn(), organization).await? };
    let after = read(typed, &before)?;
    let fields = differences(&before, &after);
    if fields.is_empty() {
        return Ok(());
    }
    if let Some(currency) = after.currency.filter(|it| *it != row.currency) {
        if !plans::currencies(tx.conn(), row.version).await?.contains(&currency) {
            return Err(AppError::invalid("currency", FieldIssue::NotAnOption));
        }
        if !currencies(&mut tx, &row).await?.contains(&currency) {
            return Err(conflict("currency", FieldIssue::PaidFor));
        }
        subscriptions::set_currency(tx.conn(), organization, currency).await?;
    }
    store::write(tx.conn(), organization, &after).await?;
    audit::note(&mut tx, BillingDeed::DetailsChanged { organization, fields }).await?;
    tx.commit().await
}

fn read(typed: &Details, before: &BillingDetails) -> Result<BillingDetails, AppError> {
    let mut problems = Vec::new();
    let mut field = |name: &str, typed: &Option<String>, before: &str, max: u32| match typed {
        None => before.to_owned(),
        Some(text) => line(name, text, max).unwrap_or_else(|problem| {
            problems.push(problem);
            String::new()
        }),
    };
    let company = field("company", &typed.company, &before.company, 200);
    let tax_id = field("tax_id", &typed.tax_id, &before.tax_id, 40);
    let reference = field("reference", &typed.reference, &before.reference, 100);
    let mut keep = |read: Result<String, FieldProblem>| {
        read.unwrap_or_else(|problem| {
            problems.push(problem);
            String::new()
        })
    };
    let address = typed.address.as_deref().map_or_else(|| before.address.clone(), |text| keep(lines(text)));
    let code = typed.country.as_deref().map_or_else(|| before.country.clone(), |text| keep(country_of(text)));
    let email = typed.email.as_deref().map_or_else(|| before.email.clone(), |text| keep(address_of(text)));
    let currency = match given(typed.currency.as_deref()) {
        None => before.currency,
        Some(code) => Currency::parse(code).or_else(|| {
            problems.push(FieldProblem::new("currency", FieldIssue::NotAnOption));
            None
        }),
    };
    if problems.is_empty() {
        let currencies = Vec::new();
        Ok(BillingDetails { company, address, country: code, tax_id, email, reference, currency, currencies })
    } else {
        Err(AppError::InvalidInput { errors: problems })
    }
}

/// Lines as a browser sends them, without those that are empty.
fn lines(typed: &str) -> Result<String, FieldProblem> {
    let lines: Result<Vec<_>, _> = typed.lines().map(|text| line("address", text, 500)).collect();
    let lines: Vec<_> = lines?.into_iter().filter(|text| !text.is_empty()).collect();
    let text = lines.join("\n");
    if text.chars().count() > 500 || lines.len() > 6 {
        return Err(FieldProblem::new("address", FieldIssue::TooLong { max: 500 }));
    }
    Ok(text)
}

fn address_of(typed: &str) -> Result<String, FieldProblem> {
    match given(Some(typed)) {
        None => Ok(String::new()),
        Some(text) => match Address::parse(text) {
            Ok(address) => Ok(address.as_str().to_owned()),
            Err(issue) => Err(FieldProblem::new("email", issue)),
        },
    }
}

fn differences(before: &BillingDetails, after: &BillingDetails) -> Vec<&'static str> {
    let all = [
        ("company", before.company != after.company),
        ("address", before.address != after.address),
        ("country", before.country != after.country),
        ("tax_id", before.tax_id != after.tax_id),
        ("email", before.email != after.email),
        ("reference", before.reference != after.reference),
        ("currency", before.currency != after.currency),
    ];
    all.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
}
