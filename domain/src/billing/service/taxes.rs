//! Which taxes invoices have, from which day on.

use std::time::Duration;

use super::{
    super::{TaxRate, WithTaxId, country, store::taxes as store, taxes::CustomerTax},
    agreed_now, given, line,
};
use crate::{
    AppError, FieldIssue, FieldProblem, Timestamp,
    access::{Grant, Site, SiteAction},
    admin::service::hold_acting,
    audit::{self, BillingSiteDeed},
};

/// A hundred percent, in thousandths of one.
const MOST: i32 = 100_000;
/// The longest name of a tax, in characters.
const LONGEST: u32 = 40;
/// How long it takes at least until a tax is in force: an invoice that is being issued in this moment has those of its moment,
/// also when it is computed anew later.
const AHEAD: Duration = Duration::from_mins(1);

/// A tax from some day on; as typed.
#[derive(Clone, Debug, Default)]
pub struct NewTaxRate {
    /// Two letters of ISO 3166.
    pub country: String,
    /// Such as `VAT`.
    pub name: String,
    /// In percent, with at most three places.
    pub percent: String,
    /// `charged`, or `reverse-charge`.
    pub with_tax_id: Option<String>,
    /// From when on; from the next minute where nobody says.
    pub valid_from: Option<String>,
}

/// Every rate there is, was, or will be, by country.
pub async fn tax_rates(grant: &Grant<Site>) -> Result<Vec<TaxRate>, AppError> {
    grant.demand(SiteAction::ReadBilling)?;
    let mut tx = grant.begin().await?;
    let rates = store::list(tx.conn(), grant.platform().now()).await?;
    tx.commit().await?;
    Ok(rates)
}

/// Sets a tax. What is issued already has the rates of its day; a rate of nothing ends a tax.
///
/// # Errors
/// [`AppError::InvalidInput`] naming each field; [`AppError::Conflict`] where something is said for that moment already.
pub async fn set_tax_rate(grant: &Grant<Site>, typed: &NewTaxRate) -> Result<(), AppError> {
    grant.demand(SiteAction::CorrectBilling)?;
    let platform = grant.platform();
    let mut tx = grant.begin().await?;
    hold_acting(&mut tx, grant).await?;
    let now = agreed_now(&mut tx, platform).await?;
    let country = country_of(&typed.country).and_then(|code| {
        if code.is_empty() { Err(FieldProblem::new("country", FieldIssue::Required)) } else { Ok(code) }
    });
    let name = line("name", &typed.name, LONGEST).and_then(|name| {
        if name.is_empty() { Err(FieldProblem::new("name", FieldIssue::Required)) } else { Ok(name) }
    });
    let percent = percent(&typed.percent).map_err(|issue| FieldProblem::new("percent", issue));
    let with_tax_id = match given(typed.with_tax_id.as_deref()) {
        None => Ok(WithTaxId::Charged),
        Some(name) => WithTaxId::parse(name).ok_or(FieldProblem::new("with_tax_id", FieldIssue::NotAnOption)),
    };
    let from = match given(typed.valid_from.as_deref()) {
        None => Ok(now + AHEAD),
        // What was issued meanwhile would have had another tax.
        Some(text) => match Timestamp::typed(text) {
            None => Err(FieldProblem::new("valid_from", FieldIssue::Unreadable)),
            Some(at) if at < now => Err(FieldProblem::new("valid_from", FieldIssue::NotInFuture)),
            Some(at) => Ok(at.max(now + AHEAD)),
        },
    };
    let (country, rate, from) = match (country, name, percent, with_tax_id, from) {
        (Ok(country), Ok(name), Ok(rate), Ok(with_tax_id), Ok(from)) => {
            (country, CustomerTax { name, rate, with_tax_id }, from)
        }
        (country, name, percent, with_tax_id, from) => {
            let problems = [country.err(), name.err(), percent.err(), with_tax_id.err(), from.err()];
            return Err(AppError::InvalidInput { errors: problems.into_iter().flatten().collect() });
        }
    };
    let id = platform.new_id();
    store::insert(tx.conn(), id, &country, &rate, from, now).await?;
    let CustomerTax { name, rate, .. } = rate;
    audit::note(&mut tx, BillingSiteDeed::TaxRateSet { tax: id, country, name, rate, from }).await?;
    tx.commit().await
}

/// Two letters of ISO 3166, in capitals; none where nothing is typed.
pub(super) fn country_of(typed: &str) -> Result<String, FieldProblem> {
    match given(Some(typed)) {
        None => Ok(String::new()),
        Some(text) => {
            let code = country::country(text).ok_or(FieldProblem::new("country", FieldIssue::NotAnOption))?;
            Ok(code.to_owned())
        }
    }
}

/// `19` → 19000, `9.975` → 9975.
fn percent(typed: &str) -> Result<i32, FieldIssue> {
    let typed = typed.trim().trim_end_matches('%').trim_end();
    if typed.is_empty() {
        return Err(FieldIssue::Required);
    }
    let (whole, part) = typed.split_once('.').unwrap_or((typed, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !is_number(whole) || !is_number(part) || part.len() > 3 {
        return Err(FieldIssue::Unreadable);
    }
    let rate: i32 = format!("{whole}{part:0<3}").parse().map_err(|_| FieldIssue::Unreadable)?;
    if rate > MOST { Err(FieldIssue::OutOfRange { min: 0, max: 100 }) } else { Ok(rate) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_as_it_is_written_and_nothing_else_is() {
        for (typed, rate) in
            [("19", 19_000), ("19 %", 19_000), ("9.975", 9_975), ("0", 0), ("100", 100_000), ("7.7%", 7_700)]
        {
            assert_eq!(percent(typed), Ok(rate), "{typed}");
        }
        for typed in ["-1", "1,5", "NaN", "1e2", "1.2345", ".5", "5.", "99999999999"] {
            assert_eq!(percent(typed), Err(FieldIssue::Unreadable), "{typed}");
        }
        assert_eq!(percent("100.001"), Err(FieldIssue::OutOfRange { min: 0, max: 100 }));
        assert_eq!(percent(" %"), Err(FieldIssue::Required));
    }

    #[test]
    fn a_country_may_be_missing_and_is_one_of_the_standard_otherwise() {
        assert_eq!(country_of(" de "), Ok("DE".into()));
        assert_eq!(country_of(" "), Ok(String::new()));
        assert_eq!(country_of("ZZ"), Err(FieldProblem::new("country", FieldIssue::NotAnOption)));
    }
}
