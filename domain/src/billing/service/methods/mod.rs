//! Ways to pay at Stripe: which there are, where another one is typed, and which one is charged.
//!
//! Cards are typed on pages of Stripe's; here are only the kind, the last four digits and the last month. What is wanted of one
//! is written down, asked of Stripe, and then read from Stripe like everything else.
//! Promise: what was wanted is done once, whatever process dies; a plan that costs something is never left without a way to pay by
//! what is done here, not even by two at once.

mod acts;
mod pages;

use serde_json::Value;

pub use acts::{remove_payment_method, resume, run_methods, set_default_payment_method};
pub use pages::{add_payment_method, open_portal};

use super::{
    super::{
        PaymentMethod,
        stripe::{
            Stripe,
            customers::{self, CustomerRow},
            inbox::{self, Kind, Object},
        },
    },
    conflict,
};
use crate::{
    AppError, FieldIssue, Page,
    access::{Grant, Organization, Permission, Tx},
};

/// The ways to pay of an organization, the oldest first.
///
/// # Errors
/// [`AppError::Conflict`] where nothing is paid through Stripe.
pub async fn payment_methods(
    grant: &Grant<Organization>,
    stripe: Option<&Stripe>,
) -> Result<Page<PaymentMethod>, AppError> {
    grant.demand(Permission::ReadBilling)?;
    demand(stripe)?;
    let mut tx = grant.begin().await?;
    let items = match customers::of(tx.conn(), grant.organization()).await? {
        Some(customer) => kept(&mut tx, &customer).await?,
        None => Vec::new(),
    };
    tx.commit().await?;
    Ok(Page { items, next_cursor: None })
}

/// Stripe, where the operator chose it.
fn demand(stripe: Option<&Stripe>) -> Result<&Stripe, AppError> {
    stripe.ok_or_else(|| conflict("organization_id", FieldIssue::NoStripe))
}

/// The ways to pay of a customer, as Stripe told of them last.
async fn kept(tx: &mut Tx, customer: &CustomerRow) -> Result<Vec<PaymentMethod>, AppError> {
    let all = inbox::objects_of(tx, customer.customer_id.as_str(), Kind::PaymentMethod).await?;
    let charged = charged(tx, customer).await?;
    Ok(all.iter().map(|object| shown(object, charged.as_deref())).collect())
}

/// Which one is charged: that of the subscription, or else that of the customer.
async fn charged(tx: &mut Tx, customer: &CustomerRow) -> Result<Option<String>, AppError> {
    let named = |object: Option<Object>, place: &str| {
        object.and_then(|object| object.state.pointer(place)?.as_str().map(str::to_owned))
    };
    if let Some(id) = &customer.subscription_id {
        let subscription = inbox::known(tx, Kind::Subscription, id).await?;
        if let Some(method) = named(subscription, "/default_payment_method") {
            return Ok(Some(method));
        }
    }
    let customer = inbox::known(tx, Kind::Customer, customer.customer_id.as_str()).await?;
    Ok(named(customer, "/invoice_settings/default_payment_method"))
}

fn shown(object: &Object, charged: Option<&str>) -> PaymentMethod {
    let kind = object.state["type"].as_str().unwrap_or_default();
    let of_it = &object.state[kind];
    let text = |name: &str| of_it[name].as_str().map(str::to_owned);
    let month = of_it["exp_year"].as_i64().zip(of_it["exp_month"].as_i64());
    PaymentMethod {
        id: object.id.clone(),
        kind: kind.to_owned(),
        brand: text("brand"),
        last_four: text("last4"),
        expires: month.map(|(year, month)| format!("{year:04}-{month:02}")),
        is_default: charged == Some(object.id.as_str()),
    }
}

/// Whether an object of Stripe's belongs to a customer.
fn is_of(state: &Value, customer: &CustomerRow) -> bool {
    state["customer"].as_str() == Some(customer.customer_id.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_a_card_its_last_digits_are_told_and_of_other_ways_what_there_is() {
        let object = |state| Object { kind: Kind::PaymentMethod, id: "pm_1".into(), state };
        let card = json!({ "type": "card", "card": { "brand": "visa", "last4": "4242", "exp_month": 3, "exp_year": 2034 } });
        let told = shown(&object(card), Some("pm_1"));
        assert_eq!((told.brand.as_deref(), told.last_four.as_deref()), (Some("visa"), Some("4242")));
        assert_eq!((told.expires.as_deref(), told.is_default), (Some("2034-03"), true));
        let debit =
            shown(&object(json!({ "type": "sepa_debit", "sepa_debit": { "last4": "3000" } })), Some("pm_2"));
        assert_eq!((debit.kind.as_str(), debit.brand, debit.expires), ("sepa_debit", None, None));
        assert_eq!((debit.last_four.as_deref(), debit.is_default), (Some("3000"), false));
        let nothing = shown(&object(json!({})), None);
        assert_eq!((nothing.kind.as_str(), nothing.is_default), ("", false));
    }
}
