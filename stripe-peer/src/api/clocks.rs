//! Test clocks: time goes on when somebody says so, and everything that falls due on the way happens in its order.

use serde_json::{Value, json};

use super::{schedules, subscriptions};
use crate::{
    params::{int, only, text},
    refusal::{Refusal, Reply},
    world::{World, wall_clock},
};

/// So many things may fall due in one leap.
const MOST: usize = 1000;

pub(crate) fn create(w: &mut World, p: &Value) -> Reply {
    only(p, &["frozen_time", "name"])?;
    let now = wall_clock();
    let clock = json!({
        "id": w.id("clock"),
        "object": "test_helpers.test_clock",
        "created": now,
        "deletes_after": now + 30 * 86_400,
        "frozen_time": moment(p)?,
        "livemode": false,
        "name": text(p, "name"),
        "status": "ready",
        "status_details": {},
    });
    Ok(w.put(clock))
}

fn moment(p: &Value) -> Result<i64, Refusal> {
    int(p, "frozen_time")?
        .ok_or_else(|| Refusal::invalid("frozen_time", "Missing required param: frozen_time."))
}

pub(crate) fn advance(w: &mut World, id: &str, p: &Value) -> Reply {
    only(p, &["frozen_time"])?;
    let mut clock = w.get("test_helpers.test_clock", id)?;
    let until = moment(p)?;
    if clock["frozen_time"].as_i64().is_some_and(|now| until <= now) {
        return Err(Refusal::invalid("frozen_time", "A test clock only goes forward."));
    }
    for _ in 0..MOST {
        let Some(due) = next(w, id).filter(|due| due.at <= until) else { break };
        clock["frozen_time"] = due.at.into();
        w.put(clock.clone());
        if due.is_schedule {
            schedules::turn(w, &due.id)?
        } else {
            subscriptions::renew(w, &due.id)?
        };
    }
    clock["frozen_time"] = until.into();
    Ok(w.put(clock))
}

/// What falls due next.
struct Due {
    at: i64,
    is_schedule: bool,
    id: String,
}

/// Of things at the same moment a plan comes first: the period that begins has its prices.
fn next(w: &World, clock: &str) -> Option<Due> {
    let of_clock = |kind: &'static str| w.all(kind).filter(move |object| object["test_clock"] == clock);
    let id = |object: &Value| object["id"].as_str().unwrap_or_default().to_owned();
    let plans = of_clock("subscription_schedule")
        .filter_map(|it| Some(Due { at: schedules::due(it)?, is_schedule: true, id: id(it) }));
    let renewals = of_clock("subscription")
        .filter_map(|it| Some(Due { at: subscriptions::due(it)?, is_schedule: false, id: id(it) }));
    plans.chain(renewals).min_by_key(|due| (due.at, !due.is_schedule))
}
