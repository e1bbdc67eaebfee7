//! Cards, by their test numbers and by the names that Stripe gives them.

use serde_json::{Value, json};

use crate::{
    params::{needed, only, text},
    refusal::{Refusal, Reply},
    world::{World, page, wall_clock},
};

/// A card that may be kept and cannot be charged.
const FAILS_LATER: &str = "0341";
/// A card that is declined at once.
const DECLINED: &str = "0002";

pub(crate) fn create(w: &mut World, p: &Value) -> Reply {
    only(p, &["type", "card", "billing_details", "metadata"])?;
    if needed(p, "type")? != "card" {
        return Err(Refusal::invalid("type", "This stand-in knows cards alone."));
    }
    let card = p.get("card").unwrap_or(&Value::Null);
    let number = match text(card, "token") {
        Some("tok_visa") => "4242424242424242",
        Some("tok_chargeCustomerFail") => "4000000000000341",
        Some("tok_visa_chargeDeclined") => "4000000000000002",
        _ => needed(card, "number")?,
    };
    of_number(w, number)
}

/// A card by its number.
pub(crate) fn of_number(w: &mut World, number: &str) -> Reply {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    if digits.len() < 12 {
        return Err(
            Refusal::invalid("card[number]", "Your card number is incorrect.").code("incorrect_number")
        );
    }
    let method = json!({
        "id": w.id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": { "address": null, "email": null, "name": null, "phone": null },
        "card": {
            "brand": if digits.starts_with('5') { "mastercard" } else { "visa" },
            "country": "US",
            "exp_month": 12,
            "exp_year": 2034,
            "fingerprint": format!("peer{digits}"),
            "funding": "credit",
            "last4": digits.get(digits.len() - 4..).unwrap_or_default(),
        },
        "created": wall_clock(),
        "customer": null,
        "livemode": false,
        "metadata": {},
        "type": "card",
    });
    Ok(w.put(method))
}

pub(crate) fn attach(w: &mut World, id: &str, p: &Value) -> Reply {
    only(p, &["customer"])?;
    let customer = w.customer(needed(p, "customer")?)?;
    let mut method = match id {
        "pm_card_visa" => of_number(w, "4242424242424242")?,
        "pm_card_mastercard" => of_number(w, "5555555555554444")?,
        "pm_card_chargeCustomerFail" => of_number(w, "4000000000000341")?,
        _ => w.get("payment_method", id)?,
    };
    if method["card"]["last4"] == DECLINED {
        return Err(Refusal::declined());
    }
    if !method["customer"].is_null() && method["customer"] != customer["id"] {
        let message = "The payment method you provided has already been attached to a customer.";
        return Err(Refusal::invalid("payment_method", message));
    }
    method["customer"] = customer["id"].clone();
    w.put(method.clone());
    w.happened("payment_method.attached", &method);
    Ok(method)
}

pub(crate) fn detach(w: &mut World, id: &str) -> Reply {
    let mut method = w.get("payment_method", id)?;
    let Some(owner) = method["customer"].as_str().map(str::to_owned) else {
        let message =
            "The payment method you provided is not attached to a customer so detachment is impossible.";
        return Err(Refusal::invalid("payment_method", message));
    };
    method["customer"] = Value::Null;
    w.put(method.clone());
    w.happened("payment_method.detached", &method);
    let mut customer = w.customer(&owner)?;
    if customer["invoice_settings"]["default_payment_method"] == id {
        customer["invoice_settings"]["default_payment_method"] = Value::Null;
        w.put(customer.clone());
        w.happened("customer.updated", &customer);
    }
    Ok(method)
}

pub(crate) fn of_customer(w: &World, customer: &str, p: &Value) -> Reply {
    w.customer(customer)?;
    let own = w.all("payment_method").rev().filter(|method| method["customer"] == customer);
    page(own, p, &format!("/v1/customers/{customer}/payment_methods"))
}

/// The way a subscription is paid; nothing where there is none.
pub(crate) fn of_subscription(w: &World, subscription: &Value) -> Option<Value> {
    let own = subscription["default_payment_method"].as_str();
    let customer = w.any(subscription["customer"].as_str()?)?;
    let id = own.or_else(|| customer["invoice_settings"]["default_payment_method"].as_str())?;
    w.get("payment_method", id).ok()
}

/// Whether money comes from it.
pub(crate) fn pays(method: &Value) -> bool {
    method["card"]["last4"] != FAILS_LATER
}
