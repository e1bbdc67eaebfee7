//! Invoices: made of lines, finalized, paid.

use serde_json::{Value, json};

use super::{payment_methods, subscriptions};
use crate::{
    params::{list, needed, only},
    refusal::{Refusal, Reply},
    world::{World, inner_list},
};

/// One line, for an item of a subscription.
pub(crate) fn line(
    w: &mut World,
    item: &Value,
    amount: i64,
    period: (i64, i64),
    is_proration: bool,
) -> Value {
    let price = &item["price"];
    json!({
        "id": w.id("il"),
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": format!("{} × {}", item["quantity"].as_i64().unwrap_or(1), price["nickname"].as_str().unwrap_or("Plan")),
        "discountable": !is_proration,
        "livemode": false,
        "metadata": {},
        "parent": {
            "type": "subscription_item_details",
            "invoice_item_details": null,
            "subscription_item_details": {
                "subscription": item["subscription"], "subscription_item": item["id"], "proration": is_proration,
            },
        },
        "period": { "start": period.0, "end": period.1 },
        "pricing": {
            "type": "price_details",
            "price_details": { "price": price["id"], "product": price["product"] },
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": item["quantity"],
    })
}

/// Makes an invoice for a subscription, of these lines and those that wait, and tries to have it paid.
pub(crate) fn issue(
    w: &mut World,
    subscription: &Value,
    lines: Vec<Value>,
    reason: &str,
    is_charged: bool,
) -> Reply {
    let id = w.id("in");
    let pending = w.pending.remove(subscription["id"].as_str().unwrap_or_default());
    let mut lines = [pending.unwrap_or_default(), lines].concat();
    lines.iter_mut().for_each(|line| line["invoice"] = id.clone().into());
    let total: i64 = lines.iter().filter_map(|line| line["amount"].as_i64()).sum();
    let now = w.now_of(subscription);
    let mut customer = w.customer(subscription["customer"].as_str().unwrap_or_default())?;
    // A credit of before is used first; what is less than nothing becomes one.
    let before = customer["balance"].as_i64().unwrap_or_default();
    let due = (total + before).max(0);
    let after = (total + before).min(0);
    if after != before {
        customer["balance"] = after.into();
        w.put(customer.clone());
        w.happened("customer.updated", &customer);
    }
    let number = w.all("invoice").filter(|other| other["customer"] == customer["id"]).count() + 1;
    let address = w.address.clone();
    let mut invoice = json!({
        "id": id,
        "object": "invoice",
        "amount_due": due,
        "amount_paid": 0,
        "amount_remaining": due,
        "attempt_count": 0,
        "attempted": false,
        "auto_advance": true,
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": now,
        "currency": subscription["currency"],
        "customer": customer["id"],
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "default_payment_method": null,
        "description": null,
        "due_date": null,
        "ending_balance": after,
        "hosted_invoice_url": null,
        "invoice_pdf": null,
        "lines": inner_list(&lines, &format!("/v1/invoices/{id}/lines")),
        "livemode": false,
        "metadata": {},
        "number": null,
        "parent": {
            "type": "subscription_details",
            "quote_details": null,
            "subscription_details": { "metadata": subscription["metadata"], "subscription": subscription["id"] },
        },
        "period_end": now,
        "period_start": now,
        "starting_balance": before,
        "status": "draft",
        "status_transitions": { "finalized_at": null, "marked_uncollectible_at": null, "paid_at": null, "voided_at": null },
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "test_clock": customer["test_clock"],
        "total": total,
        "total_excluding_tax": total,
    });
    w.happened("invoice.created", &invoice);
    invoice["status"] = "open".into();
    let name =
        customer["id"].as_str().and_then(|id| id.get(id.len().saturating_sub(6)..)).unwrap_or_default();
    invoice["number"] = format!("PEER{}-{number:04}", name.to_uppercase()).into();
    invoice["hosted_invoice_url"] = format!("{address}/invoice/{id}").into();
    invoice["invoice_pdf"] = format!("{address}/invoice/{id}/pdf").into();
    invoice["status_transitions"]["finalized_at"] = now.into();
    w.happened("invoice.finalized", &invoice);
    if is_charged || due == 0 { charge(w, invoice, subscription) } else { Ok(w.put(invoice)) }
}

/// Takes the money, if there is somewhere to take it from.
fn charge(w: &mut World, mut invoice: Value, subscription: &Value) -> Reply {
    let due = invoice["amount_remaining"].as_i64().unwrap_or_default();
    let attempts = invoice["attempt_count"].as_i64().unwrap_or_default() + i64::from(due > 0);
    invoice["attempt_count"] = attempts.into();
    invoice["attempted"] = true.into();
    let method = payment_methods::of_subscription(w, subscription);
    let is_paid = due == 0 || method.as_ref().is_some_and(payment_methods::pays);
    if is_paid {
        invoice["status"] = "paid".into();
        invoice["amount_paid"] = invoice["amount_due"].clone();
        invoice["amount_remaining"] = 0.into();
        invoice["status_transitions"]["paid_at"] = w.now_of(subscription).into();
    }
    let invoice = w.put(invoice);
    let paid = ["invoice.paid", "invoice.payment_succeeded"];
    for kind in if is_paid { &paid[..] } else { &["invoice.payment_failed"][..] } {
        w.happened(kind, &invoice);
    }
    Ok(invoice)
}

pub(crate) fn pay(w: &mut World, id: &str) -> Reply {
    let invoice = w.get("invoice", id)?;
    if invoice["status"] != "open" {
        return Err(Refusal::invalid("id", "Invoice is already paid").code("invoice_already_paid"));
    }
    let named =
        invoice["parent"]["subscription_details"]["subscription"].as_str().unwrap_or_default().to_owned();
    let mut subscription = w.get("subscription", &named)?;
    let invoice = charge(w, invoice, &subscription)?;
    if invoice["status"] != "paid" {
        return Err(Refusal::declined());
    }
    if ["past_due", "incomplete"].iter().any(|status| subscription["status"] == *status) {
        subscription["status"] = "active".into();
        w.put(subscription.clone());
        w.happened("customer.subscription.updated", &subscription);
    }
    Ok(invoice)
}

/// What would be asked for: the change, or the next renewal, is done in a copy of the world.
pub(crate) fn preview(w: &World, p: &Value) -> Reply {
    only(p, &["customer", "subscription", "subscription_details"])?;
    let id = needed(p, "subscription")?;
    let mut copy = w.clone();
    let details = p.get("subscription_details").unwrap_or(&Value::Null);
    let after = if list(details, "items").is_empty() {
        subscriptions::renew(&mut copy, id)?
    } else {
        subscriptions::update(&mut copy, id, details)?
    };
    let mut invoice = copy.get("invoice", after["latest_invoice"].as_str().unwrap_or_default())?;
    invoice["id"] = format!("upcoming_{}", invoice["id"].as_str().unwrap_or_default()).into();
    invoice["status"] = "draft".into();
    invoice["number"] = Value::Null;
    invoice["hosted_invoice_url"] = Value::Null;
    invoice["invoice_pdf"] = Value::Null;
    invoice["amount_paid"] = 0.into();
    invoice["amount_remaining"] = invoice["amount_due"].clone();
    Ok(invoice)
}
