//! Everything Stripe knows: objects by their id, and what happened to them.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::refusal::{Refusal, Reply};

/// The version of the interface that is spoken.
pub(crate) const API_VERSION: &str = "2025-09-30.clover";

/// Everything. Cheap enough to copy, so that what is refused leaves nothing behind.
#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    objects: BTreeMap<String, Value>,
    /// Ids in the order of their making.
    order: Vec<String>,
    /// What happened, oldest first.
    pub(crate) events: Vec<Value>,
    /// What was reported to meters.
    pub(crate) usage: Vec<Value>,
    /// Lines for the next invoice of a subscription.
    pub(crate) pending: BTreeMap<String, Vec<Value>>,
    /// What checkouts are for, as it was asked.
    pub(crate) checkouts: BTreeMap<String, Value>,
    /// Where people find the pages.
    pub(crate) address: String,
    made: u64,
}

/// What the clock on the wall says.
#[expect(clippy::disallowed_methods, reason = "this is a program of its own, and here is where time enters")]
pub(crate) fn wall_clock() -> i64 {
    OffsetDateTime::now_utc().unix_timestamp()
}

impl World {
    /// An id nobody has had, also not before the last start.
    pub(crate) fn id(&mut self, prefix: &str) -> String {
        self.made += 1;
        if self.made == 1 {
            self.made = u64::try_from(wall_clock()).unwrap_or_default() << 24;
        }
        format!("{prefix}_{:014x}", self.made)
    }

    /// Keeps a new object, whose `id` is there already.
    pub(crate) fn put(&mut self, object: Value) -> Value {
        let id = object["id"].as_str().unwrap_or_default().to_owned();
        if self.objects.insert(id.clone(), object.clone()).is_none() {
            self.order.push(id);
        }
        object
    }

    /// An object of a kind.
    pub(crate) fn get(&self, kind: &str, id: &str) -> Reply {
        let found = self.objects.get(id).filter(|object| object["object"] == kind);
        found.cloned().ok_or_else(|| Refusal::missing(kind, id))
    }

    /// Any object.
    pub(crate) fn any(&self, id: &str) -> Option<&Value> {
        self.objects.get(id)
    }

    /// An object as it stood when so many things had happened; nothing where nothing had happened to it.
    pub(crate) fn at(&self, moment: usize, id: &str) -> Option<Value> {
        let told = self.events.iter().take(moment).rev().find(|event| event["data"]["object"]["id"] == id)?;
        // What happened last to an object that is gone tells how it was before.
        let is_end = told["type"].as_str().is_some_and(|kind| kind.ends_with(".deleted"));
        let gone = self.any(id).filter(|object| is_end && object["deleted"] == true);
        Some(gone.unwrap_or(&told["data"]["object"]).clone())
    }

    /// A customer that is not gone.
    pub(crate) fn customer(&self, id: &str) -> Reply {
        let found = self.get("customer", id)?;
        if found["deleted"] == true { Err(Refusal::missing("customer", id)) } else { Ok(found) }
    }

    /// Those of a kind, oldest first.
    pub(crate) fn all(&self, kind: &str) -> impl DoubleEndedIterator<Item = &Value> {
        self.order
            .iter()
            .filter_map(move |id| self.objects.get(id))
            .filter(move |object| object["object"] == kind)
    }

    /// The time of an object: its test clock's, or the wall's.
    pub(crate) fn now_of(&self, object: &Value) -> i64 {
        let clock = object["test_clock"].as_str().and_then(|id| self.objects.get(id));
        clock.and_then(|clock| clock["frozen_time"].as_i64()).unwrap_or_else(wall_clock)
    }

    /// Notes that something happened to an object.
    pub(crate) fn happened(&mut self, kind: &str, object: &Value) {
        let id = self.id("evt");
        self.events.push(json!({
            "id": id,
            "object": "event",
            "api_version": API_VERSION,
            "created": wall_clock(),
            "data": { "object": object },
            "livemode": false,
            "pending_webhooks": 1,
            "request": { "id": null, "idempotency_key": null },
            "type": kind,
        }));
    }
}

/// A page of a list, newest first (`limit`, `starting_after`, `ending_before`).
pub(crate) fn page<'a>(all: impl Iterator<Item = &'a Value>, params: &Value, url: &str) -> Reply {
    let limit = crate::params::int(params, "limit")?.unwrap_or(10);
    if !(1..=100).contains(&limit) {
        return Err(Refusal::invalid("limit", "This value must be between 1 and 100."));
    }
    let limit = usize::try_from(limit).unwrap_or_default();
    let all: Vec<&Value> = all.collect();
    let place = |id: &str| {
        all.iter().position(|object| object["id"] == id).ok_or_else(|| Refusal::missing("object", id))
    };
    let (from, until, has_more) = if let Some(id) = crate::params::text(params, "ending_before") {
        let until = place(id)?;
        (until.saturating_sub(limit), until, until > limit)
    } else {
        let from = match crate::params::text(params, "starting_after") {
            Some(id) => place(id)? + 1,
            None => 0,
        };
        let until = all.len().min(from + limit);
        (from, until, until < all.len())
    };
    let data: Vec<&Value> = all.get(from..until).unwrap_or_default().to_vec();
    Ok(json!({ "object": "list", "url": url, "has_more": has_more, "data": data }))
}

/// A list inside of an object.
pub(crate) fn inner_list(data: &[Value], url: &str) -> Value {
    json!({ "object": "list", "url": url, "has_more": false, "data": data })
}

/// Puts whole objects where their ids are: `latest_invoice`, `data.customer`.
pub(crate) fn expand(world: &World, value: &mut Value, path: &str) {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    if let Value::Array(items) = value {
        for item in items {
            expand(world, item, path);
        }
        return;
    }
    let Some(below) = value.get_mut(name) else { return };
    if let Some(whole) = below.as_str().and_then(|id| world.any(id)) {
        *below = whole.clone();
    }
    if let Some(rest) = rest {
        expand(world, below, rest);
    }
}
