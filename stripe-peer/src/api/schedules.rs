//! What is planned for subscriptions.

use serde_json::{Value, json};

use super::subscriptions::take_prices;
use crate::{
    calendar::Interval,
    params::{int, list, metadata, needed, only, text},
    refusal::{Refusal, Reply},
    world::World,
};

pub(crate) fn create(w: &mut World, p: &Value) -> Reply {
    only(p, &["from_subscription", "metadata"])?;
    let mut subscription = w.get("subscription", needed(p, "from_subscription")?)?;
    if !subscription["schedule"].is_null() {
        let message = "You cannot migrate a subscription that is already attached to a schedule.";
        return Err(Refusal::invalid("from_subscription", message));
    }
    let data = subscription["items"]["data"].as_array().cloned().unwrap_or_default();
    let first = data.first().cloned().unwrap_or_default();
    let items: Vec<Value> = data
        .iter()
        .map(|item| json!({ "price": item["price"]["id"], "quantity": item["quantity"], "metadata": {} }))
        .collect();
    let phase = json!({
        "start_date": first["current_period_start"],
        "end_date": first["current_period_end"],
        "items": items,
        "metadata": {},
        "proration_behavior": "create_prorations",
    });
    let schedule = json!({
        "id": w.id("sub_sched"),
        "object": "subscription_schedule",
        "canceled_at": null,
        "completed_at": null,
        "created": w.now_of(&subscription),
        "current_phase": { "start_date": phase["start_date"], "end_date": phase["end_date"] },
        "customer": subscription["customer"],
        "end_behavior": "release",
        "livemode": false,
        "metadata": metadata(&Value::Null, p),
        "phases": [phase],
        "released_at": null,
        "released_subscription": null,
        "status": "active",
        "subscription": subscription["id"],
        "test_clock": subscription["test_clock"],
    });
    subscription["schedule"] = schedule["id"].clone();
    w.put(subscription.clone());
    w.put(schedule.clone());
    w.happened("subscription_schedule.created", &schedule);
    w.happened("customer.subscription.updated", &subscription);
    Ok(schedule)
}

pub(crate) fn update(w: &mut World, id: &str, p: &Value) -> Reply {
    only(p, &["phases", "end_behavior", "proration_behavior", "metadata"])?;
    let mut schedule = active(w, id)?;
    if text(p, "end_behavior").is_some_and(|end| end != "release") {
        return Err(Refusal::invalid("end_behavior", "This stand-in knows `release` alone."));
    }
    let mut phases: Vec<Value> = Vec::new();
    for wanted in list(p, "phases") {
        only(wanted, &["items", "start_date", "end_date", "proration_behavior", "metadata"])?;
        let before = phases.last().and_then(|phase| phase["end_date"].as_i64());
        let start = int(wanted, "start_date")?.or(before);
        let start =
            start.ok_or_else(|| Refusal::invalid("phases[0][start_date]", "Missing required param."))?;
        if before.is_some_and(|before| before != start) {
            return Err(Refusal::invalid("phases", "Each phase must begin where the one before ends."));
        }
        let mut items = Vec::new();
        let mut interval = None;
        for item in list(wanted, "items") {
            let price = w.get("price", needed(item, "price")?)?;
            interval = Some(Interval::of(&price));
            let is_metered = price["recurring"]["usage_type"] == "metered";
            let quantity = (!is_metered).then_some(int(item, "quantity")?.unwrap_or(1));
            items.push(json!({ "price": price["id"], "quantity": quantity, "metadata": {} }));
        }
        let end = int(wanted, "end_date")?.or_else(|| Some(interval?.end_after(start, start)));
        phases.push(json!({
            "start_date": start, "end_date": end, "items": items, "metadata": {}, "proration_behavior": "none",
        }));
    }
    if phases.first().map(|phase| &phase["start_date"]) != Some(&schedule["current_phase"]["start_date"]) {
        let message = "The first phase must begin where the present one does.";
        return Err(Refusal::invalid("phases", message));
    }
    schedule["phases"] = phases.into();
    schedule["metadata"] = metadata(&schedule["metadata"], p);
    w.put(schedule.clone());
    w.happened("subscription_schedule.updated", &schedule);
    Ok(schedule)
}

fn active(w: &World, id: &str) -> Reply {
    let schedule = w.get("subscription_schedule", id)?;
    if schedule["status"] == "active" {
        return Ok(schedule);
    }
    Err(Refusal::invalid("id", "You cannot change a subscription schedule that is not active."))
}

pub(crate) fn release(w: &mut World, id: &str) -> Reply {
    active(w, id)?;
    end(w, id, "released")
}

/// It lets go of its subscription, or is canceled with it.
pub(crate) fn end(w: &mut World, id: &str, status: &str) -> Reply {
    let mut schedule = w.get("subscription_schedule", id)?;
    let mut subscription = w.get("subscription", schedule["subscription"].as_str().unwrap_or_default())?;
    let now = w.now_of(&schedule);
    schedule["status"] = status.into();
    schedule[format!("{status}_at")] = now.into();
    schedule["current_phase"] = Value::Null;
    if status == "released" {
        schedule["released_subscription"] = schedule["subscription"].take();
        subscription["schedule"] = Value::Null;
        w.put(subscription.clone());
        w.happened("customer.subscription.updated", &subscription);
    }
    w.put(schedule.clone());
    w.happened(&format!("subscription_schedule.{status}"), &schedule);
    Ok(schedule)
}

/// When the present phase ends.
pub(crate) fn due(schedule: &Value) -> Option<i64> {
    schedule["current_phase"]["end_date"].as_i64().filter(|_| schedule["status"] == "active")
}

/// Goes on into the next phase, or lets go.
pub(crate) fn turn(w: &mut World, id: &str) -> Reply {
    let mut schedule = w.get("subscription_schedule", id)?;
    let end_of_phase = schedule["current_phase"]["end_date"].clone();
    let next = schedule["phases"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|it| it["start_date"] == end_of_phase)
        .cloned();
    let Some(phase) = next else { return end(w, id, "released") };
    take_prices(w, schedule["subscription"].as_str().unwrap_or_default(), &phase)?;
    schedule["current_phase"] = json!({ "start_date": phase["start_date"], "end_date": phase["end_date"] });
    w.put(schedule.clone());
    w.happened("subscription_schedule.updated", &schedule);
    Ok(schedule)
}
