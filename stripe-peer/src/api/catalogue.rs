//! Products and their prices.

use serde_json::{Value, json};

use crate::{
    params::{flag, int, metadata, needed, only, text},
    refusal::{Refusal, Reply},
    world::{World, wall_clock},
};

pub(crate) fn create_product(w: &mut World, p: &Value) -> Reply {
    only(p, &["name", "description", "metadata"])?;
    let product = json!({
        "id": w.id("prod"),
        "object": "product",
        "active": true,
        "created": wall_clock(),
        "description": text(p, "description"),
        "livemode": false,
        "metadata": metadata(&Value::Null, p),
        "name": needed(p, "name")?,
        "type": "service",
        "updated": wall_clock(),
    });
    w.happened("product.created", &product);
    Ok(w.put(product))
}

/// Whole percents alone.
pub(crate) fn create_tax_rate(w: &mut World, p: &Value) -> Reply {
    only(p, &["display_name", "percentage", "inclusive"])?;
    let percent = int(p, "percentage")?
        .ok_or_else(|| Refusal::invalid("percentage", "Missing required param: percentage."))?;
    if flag(p, "inclusive")? == Some(true) {
        return Err(Refusal::invalid("inclusive", "This stand-in knows taxes beside prices alone."));
    }
    let written = format!("{percent}.0");
    let rate = json!({
        "id": w.id("txr"),
        "object": "tax_rate",
        "active": true,
        "created": wall_clock(),
        "display_name": needed(p, "display_name")?,
        "inclusive": false,
        "livemode": false,
        "metadata": { "percent": percent.to_string() },
        "percentage": serde_json::from_str::<Value>(&written).unwrap_or_default(),
    });
    Ok(w.put(rate))
}

pub(crate) fn create_price(w: &mut World, p: &Value) -> Reply {
    only(
        p,
        &[
            "product",
            "product_data",
            "currency",
            "unit_amount",
            "recurring",
            "nickname",
            "lookup_key",
            "metadata",
        ],
    )?;
    if let Some(key) = text(p, "lookup_key")
        && w.all("price").any(|price| price["lookup_key"] == key)
    {
        let message = format!("A price already uses the lookup key `{key}`.");
        return Err(Refusal::invalid("lookup_key", message));
    }
    let product = match p.get("product_data") {
        Some(data) => create_product(w, data)?,
        None => w.get("product", needed(p, "product")?)?,
    };
    let amount = int(p, "unit_amount")?
        .ok_or_else(|| Refusal::invalid("unit_amount", "Missing required param: unit_amount."))?;
    let recurring = p.get("recurring").map(|recurring| recurs(w, recurring)).transpose()?;
    let price = json!({
        "id": w.id("price"),
        "object": "price",
        "active": true,
        "billing_scheme": "per_unit",
        "created": wall_clock(),
        "currency": needed(p, "currency")?,
        "livemode": false,
        "lookup_key": text(p, "lookup_key"),
        "metadata": metadata(&Value::Null, p),
        "nickname": text(p, "nickname"),
        "product": product["id"],
        "recurring": recurring,
        "tax_behavior": "unspecified",
        "type": if recurring.is_some() { "recurring" } else { "one_time" },
        "unit_amount": amount,
        "unit_amount_decimal": amount.to_string(),
    });
    w.happened("price.created", &price);
    Ok(w.put(price))
}

fn recurs(w: &World, p: &Value) -> Reply {
    let interval = needed(p, "interval")?;
    if !["day", "week", "month", "year"].contains(&interval) {
        return Err(Refusal::invalid("recurring[interval]", "Invalid interval"));
    }
    let usage = text(p, "usage_type").unwrap_or("licensed");
    let meter = text(p, "meter").map(|id| w.get("billing.meter", id)).transpose()?;
    if (usage == "metered") != meter.is_some() {
        return Err(Refusal::invalid(
            "recurring[meter]",
            "A metered price needs a meter, and no other has one.",
        ));
    }
    Ok(json!({
        "interval": interval,
        "interval_count": int(p, "interval_count")?.unwrap_or(1),
        "meter": meter.map(|meter| meter["id"].clone()),
        "trial_period_days": null,
        "usage_type": usage,
    }))
}
