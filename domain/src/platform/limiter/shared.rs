//! The counts of all processes together, in Redis.

use std::{fmt::Write as _, sync::LazyLock};

use ::redis::Script;

use super::{Act, Outcome, Rate};
use crate::platform::redis::Redis;

/// The algorithm as one step of Redis, so that no two processes read the same count; by Redis's own clock, so
/// that theirs need not agree. Microseconds since 1970 are whole numbers in Lua's floats until the year 2255,
/// but have to be written with a format, or they lose digits. The key goes away by itself once the allowance
/// is whole again.
static GCRA: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
        local interval, whole = tonumber(ARGV[1]), tonumber(ARGV[2])
        local time = redis.call('TIME')
        local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
        local arrival = tonumber(redis.call('GET', KEYS[1]) or now)
        arrival = math.min(math.max(arrival, now), now + whole)
        local next = arrival + interval
        local wait = next - whole - now
        if wait > 0 then
            return {0, 0, arrival - now, wait}
        end
        local used = next - now
        if ARGV[3] == 'take' then
            redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX', math.ceil(used / 1000))
        end
        return {1, math.floor((whole - used) / interval), used, 0}
        ",
    )
});

/// `None` while Redis is away.
pub(super) async fn count(
    redis: &Redis,
    name: &str,
    key: &[u8; 16],
    rate: Rate,
    act: Act,
) -> Option<Outcome> {
    let act = match act {
        Act::Take => "take",
        Act::Look => "look",
    };
    let mut key_text = format!("gate:limit:{name}:");
    for byte in key {
        let _ = write!(key_text, "{byte:02x}");
    }
    let answer: (i64, i64, i64, i64) = redis
        .run("counting a try", |mut connection| async move {
            GCRA.key(key_text)
                .arg(rate.interval)
                .arg(rate.whole())
                .arg(act)
                .invoke_async(&mut connection)
                .await
        })
        .await?;
    let (allowed, remaining, reset, retry) = answer;
    Some(Outcome { allowed: allowed == 1, remaining, reset, retry })
}
