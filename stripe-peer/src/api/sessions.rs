//! Pages on which somebody pays or looks after what they have.

use serde_json::{Value, json};

use super::{payment_methods, subscriptions};
use crate::{
    params::{list, metadata, needed, only, text},
    refusal::{Refusal, Reply},
    world::{World, wall_clock},
};

pub(crate) fn create_checkout(w: &mut World, p: &Value) -> Reply {
    only(
        p,
        &[
            "customer",
            "mode",
            "line_items",
            "client_reference_id",
            "success_url",
            "cancel_url",
            "subscription_data",
            "currency",
            "metadata",
        ],
    )?;
    let customer = w.customer(needed(p, "customer")?)?;
    let mode = needed(p, "mode")?;
    match mode {
        "subscription" if list(p, "line_items").is_empty() => {
            return Err(Refusal::invalid("line_items", "You must provide line_items in this mode."));
        }
        "subscription" => {
            for item in list(p, "line_items") {
                w.get("price", needed(item, "price")?)?;
            }
        }
        "setup" => {
            needed(p, "currency")?;
        }
        _ => return Err(Refusal::invalid("mode", "This stand-in knows `subscription` and `setup`.")),
    }
    let id = w.id("cs_test");
    let session = json!({
        "id": id,
        "object": "checkout.session",
        "amount_total": null,
        "cancel_url": text(p, "cancel_url"),
        "client_reference_id": text(p, "client_reference_id"),
        "created": wall_clock(),
        "currency": text(p, "currency"),
        "customer": customer["id"],
        "expires_at": wall_clock() + 86_400,
        "invoice": null,
        "livemode": false,
        "metadata": metadata(&Value::Null, p),
        "mode": mode,
        "payment_method_types": ["card"],
        "payment_status": if mode == "setup" { "no_payment_required" } else { "unpaid" },
        "setup_intent": null,
        "status": "open",
        "subscription": null,
        "success_url": needed(p, "success_url")?,
        "url": format!("{}/checkout/{id}", w.address),
    });
    w.checkouts.insert(id, p.clone());
    Ok(w.put(session))
}

/// Nobody can pay on it any more.
pub(crate) fn expire_checkout(w: &mut World, id: &str) -> Reply {
    let mut session = w.get("checkout.session", id)?;
    if session["status"] != "open" {
        let message = "Only Checkout Sessions with a status in [\"open\"] can be expired.";
        return Err(Refusal::invalid("session", message));
    }
    session["status"] = "expired".into();
    session["url"] = Value::Null;
    w.put(session.clone());
    w.happened("checkout.session.expired", &session);
    Ok(session)
}

/// Somebody typed the number of a card. Answers where they go on.
pub(crate) fn complete_checkout(w: &mut World, id: &str, number: &str) -> Result<String, Refusal> {
    let before = w.clone();
    let done = try_checkout(w, id, number);
    if done.is_err() {
        *w = before;
    }
    done
}

fn try_checkout(w: &mut World, id: &str, number: &str) -> Result<String, Refusal> {
    let mut session = w.get("checkout.session", id)?;
    if session["status"] != "open" {
        return Err(Refusal::invalid("id", "This page has been used already."));
    }
    let asked = w.checkouts.get(id).cloned().unwrap_or_default();
    let customer = session["customer"].as_str().unwrap_or_default().to_owned();
    let method = payment_methods::of_number(w, number)?["id"].as_str().unwrap_or_default().to_owned();
    payment_methods::attach(w, &method, &json!({ "customer": customer }))?;
    if session["mode"] == "subscription" {
        let data = asked.get("subscription_data").and_then(|data| data.get("metadata"));
        let wanted = json!({
            "items": list(&asked, "line_items"),
            "default_payment_method": method,
            "payment_behavior": "error_if_incomplete",
            "metadata": data,
        });
        let subscription = subscriptions::begin(w, &w.customer(&customer)?, &wanted)?;
        session["subscription"] = subscription["id"].clone();
        session["invoice"] = subscription["latest_invoice"].clone();
        session["currency"] = subscription["currency"].clone();
        session["payment_status"] = "paid".into();
    } else {
        session["setup_intent"] = w.id("seti").into();
    }
    session["status"] = "complete".into();
    session["url"] = Value::Null;
    w.put(session.clone());
    w.happened("checkout.session.completed", &session);
    let onward = session["success_url"].as_str().unwrap_or("/");
    Ok(onward.replace("{CHECKOUT_SESSION_ID}", id))
}

pub(crate) fn create_portal(w: &mut World, p: &Value) -> Reply {
    only(p, &["customer", "return_url"])?;
    let customer = w.customer(needed(p, "customer")?)?;
    let id = w.id("bps");
    let session = json!({
        "id": id,
        "object": "billing_portal.session",
        "configuration": "bpc_peer",
        "created": wall_clock(),
        "customer": customer["id"],
        "flow": null,
        "livemode": false,
        "locale": null,
        "on_behalf_of": null,
        "return_url": text(p, "return_url"),
        "url": format!("{}/portal/{id}", w.address),
    });
    Ok(w.put(session))
}

/// Somebody pressed a button of the portal.
pub(crate) fn use_portal(w: &mut World, id: &str, form: &Value) -> Result<(), Refusal> {
    let session = w.get("billing_portal.session", id)?;
    let customer = session["customer"].as_str().unwrap_or_default().to_owned();
    let subscription = || needed(form, "subscription");
    match needed(form, "act")? {
        "cancel" => super::answer(
            w,
            "POST",
            &["subscriptions", subscription()?],
            &json!({ "cancel_at_period_end": "true" }),
        ),
        "resume" => super::answer(
            w,
            "POST",
            &["subscriptions", subscription()?],
            &json!({ "cancel_at_period_end": "false" }),
        ),
        "card" => {
            let method = payment_methods::of_number(w, needed(form, "card")?)?;
            let method = method["id"].as_str().unwrap_or_default();
            super::answer(
                w,
                "POST",
                &["payment_methods", method, "attach"],
                &json!({ "customer": customer }),
            )?;
            let default = json!({ "invoice_settings": { "default_payment_method": method } });
            super::answer(w, "POST", &["customers", &customer], &default)
        }
        _ => Err(Refusal::invalid("act", "There is no such button.")),
    }
    .map(drop)
}
