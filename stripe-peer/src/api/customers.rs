//! Customers.

use serde_json::{Value, json};

use crate::{
    params::{metadata, only, text},
    refusal::{Refusal, Reply},
    world::World,
};

const KNOWN: [&str; 6] = ["name", "email", "description", "metadata", "invoice_settings", "test_clock"];

pub(crate) fn create(w: &mut World, p: &Value) -> Reply {
    only(p, &[&KNOWN[..], &["payment_method"][..]].concat())?;
    let clock = text(p, "test_clock").map(|id| w.get("test_helpers.test_clock", id)).transpose()?;
    let mut customer = json!({
        "id": w.id("cus"),
        "object": "customer",
        "address": null,
        "balance": 0,
        "created": 0,
        "currency": null,
        "default_source": null,
        "delinquent": false,
        "description": null,
        "email": null,
        "invoice_prefix": null,
        "invoice_settings": {
            "custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null,
        },
        "livemode": false,
        "metadata": {},
        "name": null,
        "phone": null,
        "preferred_locales": [],
        "shipping": null,
        "tax_exempt": "none",
        "test_clock": clock.map(|clock| clock["id"].clone()),
    });
    customer["created"] = w.now_of(&customer).into();
    change(w, &mut customer, p)?;
    let customer = w.put(customer);
    w.happened("customer.created", &customer);
    if let (Some(method), Some(id)) = (text(p, "payment_method"), customer["id"].as_str()) {
        super::payment_methods::attach(w, method, &json!({ "customer": id }))?;
    }
    Ok(customer)
}

pub(crate) fn update(w: &mut World, id: &str, p: &Value) -> Reply {
    only(p, &KNOWN)?;
    let before = w.customer(id)?;
    let mut customer = before.clone();
    change(w, &mut customer, p)?;
    if customer != before {
        w.put(customer.clone());
        w.happened("customer.updated", &customer);
    }
    Ok(customer)
}

fn change(w: &World, customer: &mut Value, p: &Value) -> Result<(), Refusal> {
    for name in ["name", "email", "description"] {
        if let Some(value) = text(p, name) {
            customer[name] = if value.is_empty() { Value::Null } else { value.into() };
        }
    }
    customer["metadata"] = metadata(&customer["metadata"], p);
    if let Some(method) = p.get("invoice_settings").and_then(|it| text(it, "default_payment_method")) {
        let found = w.get("payment_method", method)?;
        if found["customer"] != customer["id"] {
            let message = "The customer does not have a payment method with this ID.";
            return Err(Refusal::invalid("invoice_settings[default_payment_method]", message));
        }
        customer["invoice_settings"]["default_payment_method"] = method.into();
    }
    Ok(())
}

/// It is gone, and its subscriptions with it.
pub(crate) fn delete(w: &mut World, id: &str) -> Reply {
    let customer = w.customer(id)?;
    let live = w.all("subscription").filter(|it| it["customer"] == id && it["status"] != "canceled");
    let live: Vec<String> = live.filter_map(|it| it["id"].as_str().map(str::to_owned)).collect();
    for subscription in live {
        super::subscriptions::cancel(w, &subscription)?;
    }
    let gone = json!({ "id": id, "object": "customer", "deleted": true });
    w.put(gone.clone());
    w.happened("customer.deleted", &customer);
    Ok(gone)
}
