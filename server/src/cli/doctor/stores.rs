//! What the doctor asks Postgres and Redis: whether they answer, which version they are, and what they let us do.

use std::time::{Duration, Instant};

use domain::{
    Timestamp,
    platform::{
        Platform,
        db::{self, DbFacts},
        log::chain,
        redis::RedisState,
    },
};

use super::{Finding, PATIENCE, shown};

/// Older ones are not tested: 15 is the oldest that PostgreSQL itself still mends for a while.
const LEAST_POSTGRES: i32 = 15;
/// The oldest Redis whose scripts and expiry behave as the limiter needs.
const LEAST_REDIS: u32 = 7;
/// How far the clocks may be apart: codes of authenticators and the ends of sessions are compared with both.
const TOLERATED: Duration = Duration::from_secs(5);

pub(super) async fn postgres(platform: &Platform) -> Vec<Finding> {
    let (begun, before) = (Instant::now(), platform.now());
    let facts = match tokio::time::timeout(PATIENCE, db::facts(platform.db())).await {
        Ok(Ok(facts)) => facts,
        Ok(Err(error)) => {
            return vec![Finding::Bad(format!("postgres: {}; check database.url", chain(&error)))];
        }
        Err(_) => return vec![Finding::Bad("postgres: no answer in 5 seconds; check database.url".into())],
    };
    let took = begun.elapsed();
    let schema = match db::schema_is_current(platform.db()).await {
        Ok(true) => Finding::Good("schema: current".into()),
        Ok(false) => Finding::Bad("schema: outdated; run `gatehouse migrate`".into()),
        Err(error) => Finding::Bad(format!("schema: {}", chain(&error))),
    };
    // Postgres looked at its clock somewhere between question and answer.
    vec![version(&facts, took), role(&facts), clocks(before + took / 2, facts.now), schema]
}

fn version(facts: &DbFacts, took: Duration) -> Finding {
    // `150008` is 15.8.
    let (major, minor) = (facts.version / 10_000, facts.version % 10_000);
    if major < LEAST_POSTGRES {
        return Finding::Bad(format!(
            "postgres: version {major}.{minor} is too old; upgrade it to {LEAST_POSTGRES} or newer"
        ));
    }
    Finding::Good(format!("postgres: version {major}.{minor}, answers in {}", shown(took)))
}

/// Row-level security repeats the rules of access; for such a role it is off, and nothing would tell.
fn role(facts: &DbFacts) -> Finding {
    let role = &facts.role;
    let attribute = match (facts.is_superuser, facts.bypasses_row_security) {
        (true, _) => ("is a superuser", "NOSUPERUSER NOBYPASSRLS"),
        (false, true) => ("bypasses row-level security", "NOBYPASSRLS"),
        (false, false) => return Finding::Good(format!("role: {role}, for whom row-level security holds")),
    };
    let (is, remedy) = attribute;
    Finding::Bad(format!(
        "role: {role} {is}, so that Postgres repeats no rule of access; connect as a plain role that owns the database, \
         or run `ALTER ROLE \"{role}\" {remedy}`"
    ))
}

fn clocks(ours: Timestamp, theirs: Timestamp) -> Finding {
    let apart = (ours - theirs).unsigned_abs();
    if apart > TOLERATED {
        return Finding::Bad(format!(
            "clocks: this machine and Postgres are {} seconds apart; set both by NTP",
            apart.as_secs()
        ));
    }
    Finding::Good("clocks: this machine and Postgres agree".into())
}

pub(super) async fn redis(platform: &Platform) -> Finding {
    let begun = Instant::now();
    match platform.redis().ping().await {
        RedisState::Up => {
            let took = begun.elapsed();
            redis_version(platform.redis().version().await.as_deref(), took)
        }
        RedisState::Away => {
            Finding::Bad("redis: does not answer; the server works without, but check redis.url".into())
        }
        RedisState::NotConfigured => Finding::Remark("redis: not configured".into()),
    }
}

fn redis_version(version: Option<&str>, took: Duration) -> Finding {
    let took = shown(took);
    let Some(version) = version else {
        return Finding::Remark(format!(
            "redis: answers in {took}, but keeps its version to itself; it must be {LEAST_REDIS} or newer"
        ));
    };
    let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
    if major.is_some_and(|major| major >= LEAST_REDIS) {
        return Finding::Good(format!("redis: version {version}, answers in {took}"));
    }
    Finding::Bad(format!("redis: version {version} is too old; upgrade it to {LEAST_REDIS} or newer"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts() -> DbFacts {
        DbFacts {
            version: 150_008,
            role: "gatehouse".into(),
            is_superuser: false,
            bypasses_row_security: false,
            now: domain::platform::clock::Clock::system().now(),
        }
    }

    fn shown_as(finding: &Finding) -> String {
        finding.to_string()
    }

    #[test]
    fn a_role_above_the_rules_is_bad_and_the_remedy_is_named() {
        let superuser = shown_as(&role(&DbFacts { is_superuser: true, ..facts() }));
        assert!(superuser.starts_with("BAD ") && superuser.contains("is a superuser"), "{superuser}");
        assert!(superuser.contains("ALTER ROLE \"gatehouse\" NOSUPERUSER NOBYPASSRLS"), "{superuser}");
        let bypass = shown_as(&role(&DbFacts { bypasses_row_security: true, ..facts() }));
        assert!(bypass.starts_with("BAD ") && bypass.contains("bypasses row-level security"), "{bypass}");
        assert!(shown_as(&role(&facts())).starts_with("good "));
    }

    #[test]
    fn stores_that_are_too_old_are_bad() {
        let took = Duration::from_millis(1);
        let old = shown_as(&version(&DbFacts { version: 140_012, ..facts() }, took));
        assert!(old.starts_with("BAD ") && old.contains("14.12"), "{old}");
        assert!(shown_as(&version(&facts(), took)).contains("version 15.8"));
        assert!(shown_as(&redis_version(Some("6.2.14"), took)).starts_with("BAD "));
        assert!(shown_as(&redis_version(Some("7.0.15"), took)).starts_with("good "));
        assert!(shown_as(&redis_version(Some("10.0.0"), took)).starts_with("good "));
        assert!(shown_as(&redis_version(None, took)).starts_with("remark "));
    }

    #[test]
    fn clocks_that_are_apart_are_bad_whichever_is_ahead() {
        let early = facts().now;
        let (soon, late) = (early + Duration::from_secs(4), early + Duration::from_secs(6));
        for (ours, theirs) in [(early, late), (late, early)] {
            let told = shown_as(&clocks(ours, theirs));
            assert!(told.starts_with("BAD ") && told.contains("6 seconds apart"), "{told}");
        }
        assert!(shown_as(&clocks(early, soon)).starts_with("good "));
    }
}
