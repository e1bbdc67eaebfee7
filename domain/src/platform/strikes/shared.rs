//! The counts of all processes together, in Redis.

use std::{fmt::Write as _, sync::LazyLock};

use ::redis::Script;

use super::{Act, Tally, Terms};
use crate::platform::redis::Redis;

/// The same steps as in `local.rs`, as one step of Redis and by Redis's own clock. A key is `strikes:since:until`; whole
/// microseconds fit into Lua's floats until the year 2255, but have to be written with a format.
static STEP: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        r"
        local act = ARGV[1]
        local most, window, lock = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
        if act == 'forgive' then
            redis.call('DEL', KEYS[1])
            return {0, 0}
        end
        local time = redis.call('TIME')
        local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
        local strikes, since, till = 0, now, 0
        local stored = redis.call('GET', KEYS[1])
        if stored then
            local a, b, c = string.match(stored, '^(%d+):(%d+):(%d+)$')
            strikes, since, till = tonumber(a), tonumber(b), tonumber(c)
        end
        till = math.min(till, now + lock)
        since = math.min(since, now)
        if (till > 0 and till <= now) or (till == 0 and since + window <= now) then
            strikes, since, till = 0, now, 0
        end
        if act == 'look' then
            return {strikes, math.max(till - now, 0)}
        end
        if act == 'take' then
            if till > now then
                return {strikes, till - now}
            end
            strikes = strikes + 1
            if most > 0 and strikes >= most then
                till = now + lock
            end
        end
        if act == 'give-back' then
            strikes = math.max(strikes - 1, 0)
            till = 0
            if strikes == 0 then
                redis.call('DEL', KEYS[1])
                return {0, 0}
            end
        end
        local ends = till > 0 and till or since + window
        redis.call('SET', KEYS[1], string.format('%.0f:%.0f:%.0f', strikes, since, till),
                   'PX', math.max(math.ceil((ends - now) / 1000), 1))
        return {strikes, 0}
        ",
    )
});

/// `None` while Redis is away.
pub(super) async fn act(redis: &Redis, name: &str, key: &[u8; 16], act: Act, terms: Terms) -> Option<Tally> {
    let mut key_text = format!("gate:strikes:{name}:");
    for byte in key {
        let _ = write!(key_text, "{byte:02x}");
    }
    let (strikes, locked_for): (i64, i64) = redis
        .run("counting a failure", |mut connection| async move {
            STEP.key(key_text)
                .arg(act.name())
                .arg(terms.most)
                .arg(terms.window)
                .arg(terms.lock)
                .invoke_async(&mut connection)
                .await
        })
        .await?;
    Some(Tally { strikes, locked_for })
}
