//! Invoices: made of lines, finalized, paid.

use serde_json::{Value, json};

use super::{payment_methods, subscriptions};
use crate::{
    params::{list, needed, only},
    refusal::{Refusal, Reply},
    world::{World, inner_list, page},
};

/// How many lines an answer has; the others are a list of their own.
const INLINE: usize = 10;

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
    let pending = w.pending.remove(subscription["id"].as_str().unwrap_or_default());
    let lines = [pending.unwrap_or_default(), lines].concat();
    let mut invoice = draft(w, subscription, lines, reason)?;
    w.happened("invoice.created", &invoice);
    let customer = invoice["customer"].as_str().unwrap_or_default().to_owned();
    let number = w.all("invoice").filter(|other| other["customer"] == *customer).count() + 1;
    let name = customer.get(customer.len().saturating_sub(6)..).unwrap_or_default().to_uppercase();
    let page = format!("{}/invoice/{}", w.address, invoice["id"].as_str().unwrap_or_default());
    invoice["status"] = "open".into();
    invoice["number"] = format!("PEER{name}-{number:04}").into();
    invoice["invoice_pdf"] = format!("{page}/pdf").into();
    invoice["hosted_invoice_url"] = page.into();
    invoice["status_transitions"]["finalized_at"] = invoice["created"].clone();
    w.happened("invoice.finalized", &invoice);
    let is_charged = is_charged || invoice["amount_due"] == 0;
    Ok(if is_charged { charge(w, invoice, subscription) } else { w.put(invoice) })
}

/// The balance of a customer before and after so much is asked for, and what is left of that: a credit of before is used
/// first, and what is less than nothing becomes one.
fn balance(w: &mut World, mut customer: Value, total: i64) -> (i64, i64, i64) {
    let before = customer["balance"].as_i64().unwrap_or_default();
    let (after, due) = ((total + before).min(0), (total + before).max(0));
    if after != before {
        customer["balance"] = after.into();
        w.put(customer.clone());
        w.happened("customer.updated", &customer);
    }
    (before, after, due)
}

fn draft(w: &mut World, subscription: &Value, mut lines: Vec<Value>, reason: &str) -> Reply {
    let (id, now) = (w.id("in"), w.now_of(subscription));
    for line in &mut lines {
        line["invoice"] = id.clone().into();
    }
    let subtotal: i64 = lines.iter().filter_map(|line| line["amount"].as_i64()).sum();
    let taxes = taxes(subscription, subtotal);
    let total = subtotal + taxes.iter().filter_map(|tax| tax["amount"].as_i64()).sum::<i64>();
    let customer = w.customer(subscription["customer"].as_str().unwrap_or_default())?;
    let (before, after, due) = balance(w, customer.clone(), total);
    Ok(json!({
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
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal,
        "test_clock": customer["test_clock"],
        "total": total,
        "total_excluding_tax": subtotal,
        "total_taxes": taxes,
    }))
}

/// Takes the money, if there is somewhere to take it from.
fn charge(w: &mut World, mut invoice: Value, subscription: &Value) -> Value {
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
    invoice
}

/// One, with the first ten of its lines.
pub(crate) fn read(w: &World, id: &str) -> Reply {
    let mut invoice = w.get("invoice", id)?;
    if let Some(lines) = invoice["lines"]["data"].as_array_mut().filter(|lines| lines.len() > INLINE) {
        lines.truncate(INLINE);
        invoice["lines"]["has_more"] = true.into();
    }
    Ok(invoice)
}

/// All of its lines.
pub(crate) fn lines(w: &World, id: &str, p: &Value) -> Reply {
    let invoice = w.get("invoice", id)?;
    let all = invoice["lines"]["data"].as_array().cloned().unwrap_or_default();
    page(all.iter(), p, &format!("/v1/invoices/{id}/lines"))
}

/// Whether somebody can still pay it.
fn is_owed(invoice: &Value) -> bool {
    ["open", "uncollectible"].iter().any(|status| invoice["status"] == *status)
}

/// It is `void`, or `uncollectible`.
pub(crate) fn end(w: &mut World, id: &str, status: &str) -> Reply {
    let mut invoice = w.get("invoice", id)?;
    if !is_owed(&invoice) || invoice["status"] == status {
        return Err(Refusal::invalid("id", "You can only do this to an invoice that is owed."));
    }
    let (at, kind) = match status {
        "void" => ("voided_at", "invoice.voided"),
        _ => ("marked_uncollectible_at", "invoice.marked_uncollectible"),
    };
    invoice["status"] = status.into();
    invoice["status_transitions"][at] = w.now_of(&invoice).into();
    w.put(invoice.clone());
    w.happened(kind, &invoice);
    Ok(invoice)
}

/// The taxes on an amount, beside it: whole percents, rounded half up.
fn taxes(subscription: &Value, subtotal: i64) -> Vec<Value> {
    let rates = subscription["default_tax_rates"].as_array().into_iter().flatten();
    let tax = |rate: &Value| {
        let percent: i64 = rate["metadata"]["percent"].as_str().and_then(|text| text.parse().ok())?;
        Some(json!({
            "amount": (subtotal * percent + 50).div_euclid(100),
            "tax_behavior": "exclusive",
            "tax_rate_details": { "tax_rate": rate["id"] },
            "taxability_reason": "standard_rated",
            "taxable_amount": subtotal,
            "type": "tax_rate_details",
        }))
    };
    rates.filter_map(tax).collect()
}

pub(crate) fn pay(w: &mut World, id: &str) -> Reply {
    let invoice = w.get("invoice", id)?;
    if !is_owed(&invoice) {
        return Err(Refusal::invalid("id", "Invoice is already paid").code("invoice_already_paid"));
    }
    let named =
        invoice["parent"]["subscription_details"]["subscription"].as_str().unwrap_or_default().to_owned();
    let mut subscription = w.get("subscription", &named)?;
    let invoice = charge(w, invoice, &subscription);
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
