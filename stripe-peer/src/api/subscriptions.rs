//! Subscriptions: begun, changed with proration, renewed, ended.

use serde_json::{Value, json};

use super::{invoices, payment_methods};
use crate::{
    calendar::{Interval, rest_of},
    params::{flag, int, list, metadata, needed, only, text},
    refusal::{Refusal, Reply},
    world::{World, inner_list},
};

/// What becomes of a payment that fails.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Behavior {
    /// The subscription waits for it.
    Allow,
    /// Nothing is tried yet.
    Later,
    /// Nothing is done at all.
    Refuse,
}

fn behavior(p: &Value) -> Result<Behavior, Refusal> {
    match text(p, "payment_behavior") {
        None | Some("allow_incomplete") => Ok(Behavior::Allow),
        Some("default_incomplete") => Ok(Behavior::Later),
        Some("error_if_incomplete") => Ok(Behavior::Refuse),
        Some(_) => Err(Refusal::invalid("payment_behavior", "Invalid payment_behavior")),
    }
}

pub(crate) fn create(w: &mut World, p: &Value) -> Reply {
    only(
        p,
        &[
            "customer",
            "items",
            "default_payment_method",
            "default_tax_rates",
            "metadata",
            "payment_behavior",
            "off_session",
        ],
    )?;
    let customer = w.customer(needed(p, "customer")?)?;
    if list(p, "items").is_empty() {
        return Err(Refusal::invalid("items", "Missing required param: items.").code("parameter_missing"));
    }
    begin(w, &customer, p)
}

/// Begins one for these items.
pub(crate) fn begin(w: &mut World, customer: &Value, p: &Value) -> Reply {
    let now = w.now_of(customer);
    let id = w.id("sub");
    let mut items = Vec::new();
    for wanted in list(p, "items") {
        items.push(item(w, &id, wanted, now)?);
    }
    let rates = list(p, "default_tax_rates").iter().filter_map(Value::as_str);
    let rates = rates.map(|rate| w.get("tax_rate", rate)).collect::<Result<Vec<_>, _>>()?;
    let mut subscription = json!({
        "id": id,
        "object": "subscription",
        "billing_cycle_anchor": now,
        "billing_mode": { "type": "flexible" },
        "cancel_at": null,
        "cancel_at_period_end": false,
        "canceled_at": null,
        "collection_method": "charge_automatically",
        "created": now,
        "currency": items.first().map(|item| item["price"]["currency"].clone()),
        "customer": customer["id"],
        "days_until_due": null,
        "default_payment_method": text(p, "default_payment_method"),
        "default_tax_rates": rates,
        "description": null,
        "ended_at": null,
        "items": inner_list(&items, &format!("/v1/subscription_items?subscription={id}")),
        "latest_invoice": null,
        "livemode": false,
        "metadata": metadata(&Value::Null, p),
        "pause_collection": null,
        "schedule": null,
        "start_date": now,
        "status": "incomplete",
        "test_clock": customer["test_clock"],
        "trial_end": null,
        "trial_start": null,
    });
    let behavior = behavior(p)?;
    if behavior != Behavior::Later && payment_methods::of_subscription(w, &subscription).is_none() {
        let message = "This customer has no attached payment source or default payment method.";
        return Err(Refusal::invalid("customer", message).code("resource_missing"));
    }
    w.put(subscription.clone());
    let lines = charges(w, &subscription);
    settle(w, &mut subscription, lines, "subscription_create", behavior)?;
    w.happened("customer.subscription.created", &subscription);
    Ok(subscription)
}

fn item(w: &mut World, subscription: &str, wanted: &Value, now: i64) -> Reply {
    let price = w.get("price", needed(wanted, "price")?)?;
    if price["recurring"].is_null() {
        return Err(Refusal::invalid("items[0][price]", "The price is not recurring."));
    }
    let quantity =
        (price["recurring"]["usage_type"] != "metered").then_some(int(wanted, "quantity")?.unwrap_or(1));
    Ok(json!({
        "id": w.id("si"),
        "object": "subscription_item",
        "created": now,
        "current_period_start": now,
        "current_period_end": Interval::of(&price).end_after(now, now),
        "metadata": {},
        "price": price,
        "quantity": quantity,
        "subscription": subscription,
    }))
}

/// Of one item for a whole period; usage is paid afterwards.
fn amount(item: &Value) -> i64 {
    item["quantity"].as_i64().unwrap_or_default() * item["price"]["unit_amount"].as_i64().unwrap_or_default()
}

fn period(item: &Value) -> (i64, i64) {
    let at = |name: &str| item[name].as_i64().unwrap_or_default();
    (at("current_period_start"), at("current_period_end"))
}

fn items(subscription: &Value) -> Vec<Value> {
    subscription["items"]["data"].as_array().cloned().unwrap_or_default()
}

/// What the present period costs in advance.
fn charges(w: &mut World, subscription: &Value) -> Vec<Value> {
    let licensed: Vec<Value> =
        items(subscription).into_iter().filter(|item| item["quantity"].is_i64()).collect();
    licensed.iter().map(|item| invoices::line(w, item, amount(item), period(item), false)).collect()
}

/// Makes an invoice of these lines and what waits; notes on the subscription what came of it.
fn settle(
    w: &mut World,
    subscription: &mut Value,
    lines: Vec<Value>,
    reason: &str,
    behavior: Behavior,
) -> Result<(), Refusal> {
    let invoice = invoices::issue(w, subscription, lines, reason, behavior != Behavior::Later)?;
    let is_paid = invoice["status"] == "paid";
    if !is_paid && behavior == Behavior::Refuse {
        return Err(Refusal::declined());
    }
    subscription["latest_invoice"] = invoice["id"].clone();
    let is_first = reason == "subscription_create";
    subscription["status"] = if is_paid {
        "active".into()
    } else if is_first {
        "incomplete".into()
    } else {
        "past_due".into()
    };
    w.put(subscription.clone());
    Ok(())
}

pub(crate) fn update(w: &mut World, id: &str, p: &Value) -> Reply {
    only(
        p,
        &[
            "items",
            "proration_behavior",
            "payment_behavior",
            "cancel_at_period_end",
            "default_payment_method",
            "metadata",
            "off_session",
        ],
    )?;
    let before = w.get("subscription", id)?;
    if before["status"] == "canceled" {
        return Err(Refusal::invalid("id", "A canceled subscription can only update its metadata."));
    }
    let mut subscription = before.clone();
    let now = w.now_of(&subscription);
    subscription["metadata"] = metadata(&subscription["metadata"], p);
    if let Some(method) = text(p, "default_payment_method") {
        subscription["default_payment_method"] = w.get("payment_method", method)?["id"].clone();
    }
    if let Some(ends) = flag(p, "cancel_at_period_end")? {
        if !subscription["schedule"].is_null() {
            let message = "The subscription is managed by a subscription schedule, and updating any cancelation behavior \
                           directly is not allowed. Please update the schedule instead.";
            return Err(Refusal::invalid("cancel_at_period_end", message));
        }
        let end = items(&subscription).first().map(period).unwrap_or_default().1;
        subscription["cancel_at_period_end"] = ends.into();
        subscription["cancel_at"] = if ends { end.into() } else { Value::Null };
        subscription["canceled_at"] = if ends { now.into() } else { Value::Null };
    }
    let (lines, is_reset) = change_items(w, &mut subscription, list(p, "items"), now)?;
    w.put(subscription.clone());
    match text(p, "proration_behavior") {
        _ if lines.is_empty() => {}
        _ if is_reset => settle(w, &mut subscription, lines, "subscription_update", behavior(p)?)?,
        Some("none") => {}
        Some("always_invoice") => settle(w, &mut subscription, lines, "subscription_update", behavior(p)?)?,
        None | Some("create_prorations") => w.pending.entry(id.to_owned()).or_default().extend(lines),
        Some(_) => return Err(Refusal::invalid("proration_behavior", "Invalid proration_behavior")),
    }
    if subscription != before {
        w.happened("customer.subscription.updated", &subscription);
    }
    Ok(subscription)
}

/// Puts other prices and quantities in. Answers what is given back and asked for, and whether a new period begins.
fn change_items(
    w: &mut World,
    subscription: &mut Value,
    wanted: &[Value],
    now: i64,
) -> Result<(Vec<Value>, bool), Refusal> {
    let (mut all, mut lines, mut is_reset) = (items(subscription), Vec::new(), false);
    let id = subscription["id"].as_str().unwrap_or_default().to_owned();
    for wish in wanted {
        let Some(named) = text(wish, "id") else {
            let mut new = item(w, &id, wish, now)?;
            // It joins the period of the others, and is paid for the rest of it.
            if let Some((start, end)) = all.first().map(period) {
                new["current_period_start"] = start.into();
                new["current_period_end"] = end.into();
                if amount(&new) != 0 {
                    lines.push(invoices::line(
                        w,
                        &new,
                        rest_of(amount(&new), start, end, now),
                        (now, end),
                        true,
                    ));
                }
            }
            all.push(new);
            continue;
        };
        let place = all.iter_mut().find(|item| item["id"] == named);
        let old = place.ok_or_else(|| Refusal::missing("subscription_item", named))?;
        let mut new = old.clone();
        if let Some(price) = text(wish, "price") {
            new["price"] = w.get("price", price)?;
        }
        if let Some(quantity) = int(wish, "quantity")? {
            new["quantity"] = quantity.into();
        }
        let (start, end) = period(old);
        let back = -rest_of(amount(old), start, end, now);
        let interval = Interval::of(&new["price"]);
        let for_new = if interval == Interval::of(&old["price"]) {
            rest_of(amount(&new), start, end, now)
        } else {
            is_reset = true;
            subscription["billing_cycle_anchor"] = now.into();
            new["current_period_start"] = now.into();
            new["current_period_end"] = interval.end_after(now, now).into();
            amount(&new)
        };
        if amount(old) != amount(&new) || is_reset {
            lines.push(invoices::line(w, old, back, (now, end), true));
            lines.push(invoices::line(w, &new, for_new, (now, period(&new).1), true));
        }
        *old = new;
    }
    subscription["items"]["data"] = all.into();
    Ok((lines, is_reset))
}

pub(crate) fn cancel(w: &mut World, id: &str) -> Reply {
    let mut subscription = w.get("subscription", id)?;
    if subscription["status"] == "canceled" {
        return Err(Refusal::missing("subscription", id));
    }
    let now = w.now_of(&subscription);
    subscription["status"] = "canceled".into();
    subscription["canceled_at"] = now.into();
    subscription["ended_at"] = now.into();
    if let Some(schedule) = subscription["schedule"].as_str().map(str::to_owned) {
        super::schedules::end(w, &schedule, "canceled")?;
    }
    w.pending.remove(id);
    w.put(subscription.clone());
    w.happened("customer.subscription.deleted", &subscription);
    Ok(subscription)
}

/// When the present period ends; nothing for what is not alive.
pub(crate) fn due(subscription: &Value) -> Option<i64> {
    let is_alive = ["active", "past_due"].iter().any(|status| subscription["status"] == *status);
    items(subscription).iter().map(|item| period(item).1).min().filter(|_| is_alive)
}

/// Goes on into the next period, or ends.
pub(crate) fn renew(w: &mut World, id: &str) -> Reply {
    let mut subscription = w.get("subscription", id)?;
    if subscription["cancel_at_period_end"] == true {
        return cancel(w, id);
    }
    let anchor = subscription["billing_cycle_anchor"].as_i64().unwrap_or_default();
    let (mut all, mut lines) = (items(&subscription), Vec::new());
    for item in &mut all {
        let (start, end) = period(item);
        if item["quantity"].is_null() {
            let meter = item["price"]["recurring"]["meter"].as_str().unwrap_or_default().to_owned();
            let meter = w.get("billing.meter", &meter)?;
            let used = super::meters::sum(w, &meter, &subscription["customer"], start, end);
            let cost = used * item["price"]["unit_amount"].as_i64().unwrap_or_default();
            lines.push(invoices::line(w, item, cost, (start, end), false));
        }
        item["current_period_start"] = end.into();
        item["current_period_end"] = Interval::of(&item["price"]).end_after(anchor, end).into();
    }
    subscription["items"]["data"] = all.into();
    lines.extend(charges(w, &subscription));
    settle(w, &mut subscription, lines, "subscription_cycle", Behavior::Allow)?;
    w.happened("customer.subscription.updated", &subscription);
    Ok(subscription)
}

/// Takes the prices of a phase, at the boundary of a period.
pub(crate) fn take_prices(w: &mut World, id: &str, phase: &Value) -> Reply {
    let mut subscription = w.get("subscription", id)?;
    let (mut all, before) = (Vec::new(), items(&subscription));
    for (place, wanted) in phase["items"].as_array().into_iter().flatten().enumerate() {
        // What there was no item for stands in the period of the others.
        let mut item = match before.get(place).or(before.first()) {
            Some(old) => old.clone(),
            None => return Err(Refusal::missing("subscription_item", id)),
        };
        if place >= before.len() {
            item["id"] = w.id("si").into();
        }
        item["price"] = w.get("price", wanted["price"].as_str().unwrap_or_default())?;
        item["quantity"] = wanted["quantity"].clone();
        all.push(item);
    }
    subscription["items"]["data"] = all.into();
    w.put(subscription.clone());
    Ok(subscription)
}
