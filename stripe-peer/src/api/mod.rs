//! The endpoints, each a change of the world.

pub(crate) mod catalogue;
pub(crate) mod clocks;
pub(crate) mod customers;
pub(crate) mod invoices;
pub(crate) mod meters;
pub(crate) mod payment_methods;
pub(crate) mod schedules;
pub(crate) mod sessions;
pub(crate) mod subscriptions;

use serde_json::Value;

use crate::{
    params::{int, list, text},
    refusal::{Refusal, Reply},
    world::{World, expand, page},
};

/// Does what is asked; what is refused leaves nothing behind.
pub(crate) fn answer(world: &mut World, method: &str, path: &[&str], params: &Value) -> Reply {
    let before = world.clone();
    let mut reply = route(world, method, path, params);
    match &mut reply {
        Ok(value) => {
            for wish in list(params, "expand").iter().filter_map(Value::as_str) {
                expand(world, value, wish);
            }
        }
        Err(_) => *world = before,
    }
    reply
}

fn route(w: &mut World, method: &str, path: &[&str], p: &Value) -> Reply {
    match (method, path) {
        ("POST", ["customers"]) => customers::create(w, p),
        ("POST", ["customers", id]) => customers::update(w, id, p),
        ("DELETE", ["customers", id]) => customers::delete(w, id),
        ("GET", ["customers", id, "payment_methods"]) => payment_methods::of_customer(w, id, p),
        ("POST", ["products"]) => catalogue::create_product(w, p),
        ("POST", ["prices"]) => catalogue::create_price(w, p),
        ("POST", ["payment_methods"]) => payment_methods::create(w, p),
        ("POST", ["payment_methods", id, "attach"]) => payment_methods::attach(w, id, p),
        ("POST", ["payment_methods", id, "detach"]) => payment_methods::detach(w, id),
        ("POST", ["checkout", "sessions"]) => sessions::create_checkout(w, p),
        ("POST", ["checkout", "sessions", id, "expire"]) => sessions::expire_checkout(w, id),
        ("POST", ["billing_portal", "sessions"]) => sessions::create_portal(w, p),
        ("POST", ["subscriptions"]) => subscriptions::create(w, p),
        ("POST", ["subscriptions", id]) => subscriptions::update(w, id, p),
        ("DELETE", ["subscriptions", id]) => subscriptions::cancel(w, id),
        ("POST", ["subscription_schedules"]) => schedules::create(w, p),
        ("POST", ["subscription_schedules", id]) => schedules::update(w, id, p),
        ("POST", ["subscription_schedules", id, "release"]) => schedules::release(w, id),
        ("POST", ["billing", "meters"]) => meters::create(w, p),
        ("POST", ["billing", "meter_events"]) => meters::report(w, p),
        ("GET", ["billing", "meters", id, "event_summaries"]) => meters::summaries(w, id, p),
        ("POST", ["invoices", "create_preview"]) => invoices::preview(w, p),
        ("POST", ["invoices", id, "pay"]) => invoices::pay(w, id),
        ("POST", ["invoices", id, "void"]) => invoices::end(w, id, "void"),
        ("POST", ["invoices", id, "mark_uncollectible"]) => invoices::end(w, id, "uncollectible"),
        ("GET", ["invoices", id, "lines"]) => invoices::lines(w, id, p),
        ("GET", ["invoices", id]) => invoices::read(w, id),
        ("POST", ["tax_rates"]) => catalogue::create_tax_rate(w, p),
        ("POST", ["test_helpers", "test_clocks"]) => clocks::create(w, p),
        ("POST", ["test_helpers", "test_clocks", id, "advance"]) => clocks::advance(w, id, p),
        ("GET", ["events"]) => {
            let kinds = list(p, "types");
            let is_asked = |event: &&Value| kinds.is_empty() || kinds.contains(&event["type"]);
            page(w.events.iter().rev().filter(|event| since(event, p)).filter(is_asked), p, "/v1/events")
        }
        ("GET", ["events", id]) => {
            let found = w.events.iter().find(|event| event["id"] == **id);
            found.cloned().ok_or_else(|| Refusal::missing("event", id))
        }
        ("GET", path) => read(w, path, p),
        _ => Err(Refusal::unrecognized(method, &path.join("/"))),
    }
}

/// What is read is the same for all kinds: one, or a list by customer and the like.
fn read(w: &World, path: &[&str], p: &Value) -> Reply {
    let (collection, id) = match path {
        ["billing" | "checkout" | "test_helpers", _] | [_] => (path, None),
        ["billing" | "checkout" | "test_helpers", _, id] => (&path[..2], Some(*id)),
        [_, id] => (&path[..1], Some(*id)),
        _ => return Err(Refusal::unrecognized("GET", &path.join("/"))),
    };
    let kind = match collection {
        ["customers"] => "customer",
        ["products"] => "product",
        ["prices"] => "price",
        ["tax_rates"] => "tax_rate",
        ["payment_methods"] => "payment_method",
        ["checkout", "sessions"] => "checkout.session",
        ["subscriptions"] => "subscription",
        ["subscription_schedules"] => "subscription_schedule",
        ["invoices"] => "invoice",
        ["billing", "meters"] => "billing.meter",
        ["test_helpers", "test_clocks"] => "test_helpers.test_clock",
        _ => return Err(Refusal::unrecognized("GET", &path.join("/"))),
    };
    if let Some(id) = id {
        return w.get(kind, id);
    }
    let matches = |object: &&Value| {
        ["customer", "subscription", "product", "type"]
            .iter()
            .all(|name| text(p, name).is_none_or(|wanted| object[*name] == wanted))
            && match text(p, "status") {
                // Subscriptions that have ended are listed only where somebody asks for them.
                None => !(kind == "subscription" && object["status"] == "canceled"),
                Some("all") => true,
                Some(status) => object["status"] == status,
            }
            && (list(p, "lookup_keys").is_empty() || list(p, "lookup_keys").contains(&object["lookup_key"]))
            && object["deleted"] != true
            && since(object, p)
    };
    page(w.all(kind).rev().filter(matches), p, &format!("/v1/{}", collection.join("/")))
}

/// `created`: a moment, or bounds.
fn since(object: &Value, p: &Value) -> bool {
    let created = object["created"].as_i64().unwrap_or_default();
    let Some(bounds) = p.get("created").filter(|created| created.is_object()) else { return true };
    let holds = |name: &str, fits: fn(i64, i64) -> bool| {
        int(bounds, name).ok().flatten().is_none_or(|bound| fits(created, bound))
    };
    holds("gte", |a, b| a >= b)
        && holds("gt", |a, b| a > b)
        && holds("lte", |a, b| a <= b)
        && holds("lt", |a, b| a < b)
}
