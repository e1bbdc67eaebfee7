//! Meters, and what is reported to them.

use serde_json::{Value, json};

use crate::{
    params::{int, needed, only, text},
    refusal::{Refusal, Reply},
    world::{World, page, wall_clock},
};

/// Of what is reported: so long ago at most, and so far ahead.
const OLDEST_S: i64 = 35 * 86_400;
const AHEAD_S: i64 = 5 * 60;

pub(crate) fn create(w: &mut World, p: &Value) -> Reply {
    only(p, &["display_name", "event_name", "default_aggregation", "customer_mapping", "value_settings"])?;
    let name = needed(p, "event_name")?;
    if w.all("billing.meter").any(|meter| meter["event_name"] == name) {
        return Err(Refusal::invalid("event_name", "A meter with this event name exists already."));
    }
    let formula = p.get("default_aggregation").map(|it| needed(it, "formula")).transpose()?;
    let meter = json!({
        "id": w.id("mtr"),
        "object": "billing.meter",
        "created": wall_clock(),
        "customer_mapping": { "event_payload_key": "stripe_customer_id", "type": "by_id" },
        "default_aggregation": { "formula": formula.unwrap_or("sum") },
        "display_name": needed(p, "display_name")?,
        "event_name": name,
        "event_time_window": null,
        "livemode": false,
        "status": "active",
        "status_transitions": { "deactivated_at": null },
        "updated": wall_clock(),
        "value_settings": { "event_payload_key": "value" },
    });
    w.happened("billing.meter.created", &meter);
    Ok(w.put(meter))
}

pub(crate) fn report(w: &mut World, p: &Value) -> Reply {
    only(p, &["event_name", "identifier", "payload", "timestamp"])?;
    let name = needed(p, "event_name")?;
    if !w.all("billing.meter").any(|meter| meter["event_name"] == name) {
        return Err(Refusal::invalid("event_name", format!("No active meter found for event name {name}.")));
    }
    let payload = p.get("payload").unwrap_or(&Value::Null);
    let customer = w.customer(needed(payload, "stripe_customer_id")?)?;
    let value = needed(payload, "value")?;
    let number: i64 =
        value.parse().map_err(|_| Refusal::invalid("payload[value]", "This is no whole number."))?;
    let now = w.now_of(&customer);
    let at = int(p, "timestamp")?.unwrap_or(now);
    if at < now - OLDEST_S || at > now + AHEAD_S {
        let message = "The timestamp must be within the past 35 days or up to 5 minutes in the future.";
        return Err(Refusal::invalid("timestamp", message));
    }
    let identifier = text(p, "identifier").map_or_else(|| w.id("mev"), str::to_owned);
    if w.usage.iter().any(|usage| usage["identifier"] == *identifier) {
        let message = format!("An event already exists with identifier {identifier}.");
        return Err(Refusal::invalid("identifier", message));
    }
    let event = json!({
        "object": "billing.meter_event",
        "created": now,
        "event_name": name,
        "identifier": identifier,
        "livemode": false,
        "payload": { "stripe_customer_id": customer["id"], "value": value },
        "timestamp": at,
    });
    let mut kept = event.clone();
    kept["number"] = number.into();
    w.usage.push(kept);
    Ok(event)
}

/// How much a customer used under a name, from a moment until before another.
pub(crate) fn sum(w: &World, meter: &Value, customer: &Value, from: i64, until: i64) -> i64 {
    let fits = |usage: &&Value| {
        let at = usage["timestamp"].as_i64().unwrap_or_default();
        usage["event_name"] == meter["event_name"]
            && usage["payload"]["stripe_customer_id"] == *customer
            && (from..until).contains(&at)
    };
    w.usage.iter().filter(fits).filter_map(|usage| usage["number"].as_i64()).sum()
}

pub(crate) fn summaries(w: &World, id: &str, p: &Value) -> Reply {
    let meter = w.get("billing.meter", id)?;
    let customer = w.customer(needed(p, "customer")?)?;
    let bound = |name: &str| {
        int(p, name)?.ok_or_else(|| Refusal::invalid(name, format!("Missing required param: {name}.")))
    };
    let (from, until) = (bound("start_time")?, bound("end_time")?);
    if from % 60 != 0 || until % 60 != 0 {
        return Err(Refusal::invalid("start_time", "Both times must be whole minutes."));
    }
    let summary = json!({
        "id": format!("mtrusg_{from}"),
        "object": "billing.meter_event_summary",
        "aggregated_value": sum(w, &meter, &customer["id"], from, until),
        "end_time": until,
        "livemode": false,
        "meter": id,
        "start_time": from,
    });
    page(std::iter::once(&summary), p, &format!("/v1/billing/meters/{id}/event_summaries"))
}
