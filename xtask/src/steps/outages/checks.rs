//! The checks, each on the stage that the one before it left.

use std::thread::{scope, sleep};
use std::time::{Duration, Instant};

use crate::services::{Postgres, Redis};
use crate::trouble::{Outcome, Trouble};

use super::http::Client;
use super::stage::{ADDRESS, PASSWORD, Stage};

const NEXT: &str = "Read the server's log";
/// How often the server is killed while people register.
const KILLS: usize = 6;
/// How many register at the same time.
const LANES: usize = 4;

pub(super) fn redis_ends(stage: &mut Stage<'_>) -> Outcome {
    stage.services.redis.daemon.kill();
    stage.is_signed_in()?;
    stage.signs_in()?;
    stage.readiness(200, r#""degraded":true"#)?;
    // Ten tries a minute: the limit is kept in the process now.
    let stranger = "nobody-here@example.com";
    let tries = (0..14).map(|_| stage.person.try_sign_in(stranger, PASSWORD)).collect::<Outcome<Vec<_>>>()?;
    let refused = tries.iter().filter(|answer| answer.status == 429).count();
    // After the third wrong password a captcha is asked; a try without it is counted as well.
    let counted = tries.iter().filter(|answer| [401, 428].contains(&answer.status)).count();
    if refused == 0 || refused + counted < tries.len() {
        let reason = format!("of {} tries {counted} were counted and {refused} limited", tries.len());
        return Err(Trouble::new("The limit without Redis", reason, NEXT));
    }
    Ok(())
}

pub(super) fn redis_returns(stage: &mut Stage<'_>) -> Outcome {
    stage.services.redis = Redis::start(&stage.services.state)?;
    stage.until("Redis in use", |stage| stage.readiness(200, r#""degraded":false"#))?;
    stage.is_signed_in()
}

pub(super) fn no_redis_at_all(stage: &mut Stage<'_>) -> Outcome {
    stage.services.redis.daemon.kill();
    stage.serving = None;
    stage.serving = Some(stage.server.serve()?);
    stage.readiness(200, r#""degraded":true"#)?;
    stage.is_signed_in()?;
    stage.signs_in()?;
    stage.services.redis = Redis::start(&stage.services.state)?;
    stage.until("Redis in use", |stage| stage.readiness(200, r#""degraded":false"#))
}

pub(super) fn postgres_ends(stage: &mut Stage<'_>) -> Outcome {
    stage.services.postgres.daemon.end();
    let person = &stage.person;
    person.get("/livez")?.must_be(200)?;
    person.get("/readyz")?.must_be(503)?;
    person.get("/api/v1/identity/me")?.must_say_come_back()?;
    person.get("/account/security")?.must_say_come_back()?;
    person.try_sign_in(ADDRESS, PASSWORD)?.must_say_come_back()?;
    let body = format!(r#"{{"email":"{ADDRESS}"}}"#);
    person.post("/api/v1/identity/forgot-password", &body)?.must_say_come_back()
}

pub(super) fn postgres_returns(stage: &mut Stage<'_>) -> Outcome {
    stage.services.postgres = Postgres::start(&stage.services.state)?;
    stage.until("the session from before", Stage::is_signed_in)?;
    stage.until("a sign-in", Stage::signs_in)?;
    stage.readiness(200, r#""ready":true"#)?;
    let body = format!(r#"{{"email":"{ADDRESS}"}}"#);
    stage.person.post("/api/v1/identity/forgot-password", &body)?.must_be(200)?;
    // Asked for after the outage; others tell of the browsers that signed in.
    stage.until("the letter", |stage| {
        let letters = stage.letters()?.remove(ADDRESS).unwrap_or_default();
        match letters.iter().filter(|letter| letter.contains("X-Gatehouse-Kind: reset-password")).count() {
            1 => Ok(()),
            count => Err(Trouble::new("Letters", format!("{count} instead of 1"), NEXT)),
        }
    })
}

pub(super) fn two_processes(stage: &mut Stage<'_>) -> Outcome {
    const READ: &str = "/api/v1/identity/me";
    let second = stage.server.another()?;
    let _serving = second.serve()?;
    let mut here = stage.person.clone();
    here.sign_in(ADDRESS, PASSWORD)?;
    let there = here.at(second.address());
    // Each has seen the session, and could have kept what it knows.
    here.get(READ)?.must_be(200)?;
    there.get(READ)?.must_be(200)?;
    here.post("/api/v1/identity/sign-out", "{}")?.must_be(200)?;
    there.get(READ)?.must_be(401)
}

pub(super) fn server_is_killed(stage: &mut Stage<'_>) -> Outcome {
    stage.server.set("GATEHOUSE_SECURITY_RATE_FACTOR", "1000");
    let mut acts = Vec::new();
    for round in 0..KILLS {
        stage.serving = None;
        let mut serving = stage.server.serve()?;
        let client = Client::new(stage.server.address());
        let until = Instant::now() + Duration::from_secs(5);
        acts.extend(scope(|scope| {
            let lanes = (0..LANES).map(|lane| {
                let client = &client;
                scope.spawn(move || register_until_refused(client, &format!("{round}-{lane}"), until))
            });
            let lanes = lanes.collect::<Vec<_>>();
            // Uneven on purpose, so that the blow falls on other work each time.
            sleep(Duration::from_millis(900 + 170 * u64::try_from(round).unwrap_or_default()));
            serving.kill();
            lanes.into_iter().flat_map(|lane| lane.join().unwrap_or_default()).collect::<Vec<_>>()
        }));
    }
    stage.serving = Some(stage.server.serve()?);
    // What the killed ones had taken stays theirs for minutes; nobody has to wait for that here.
    let sql = "UPDATE letters SET lease_until = now() WHERE lease_until IS NOT NULL";
    stage.services.postgres.as_master("gatehouse", sql)?;
    stage.until("every letter has left", |stage| {
        let sql = "SELECT count(*) FROM letters WHERE state <> 'sent'";
        match stage.services.postgres.as_master("gatehouse", sql)?.as_str() {
            "0" => Ok(()),
            count => Err(Trouble::new("The outbox", format!("{count} letters in it"), NEXT)),
        }
    })?;
    judge(stage, &acts)
}

/// An address, and whether the server said that its letter is on the way.
type Act = (String, bool);

fn register_until_refused(client: &Client, lane: &str, until: Instant) -> Vec<Act> {
    let mut acts = Vec::new();
    while Instant::now() < until {
        let email = format!("killed-{lane}-{}@example.com", acts.len());
        let body = format!(r#"{{"email":"{email}","password":"{PASSWORD}"}}"#);
        let answer = client.post("/api/v1/identity/register", &body);
        let promised = answer.as_ref().is_ok_and(|answer| answer.status == 200);
        acts.push((email, promised));
        if answer.is_err() {
            break;
        }
    }
    acts
}

/// What was promised came once. What was cut off came once or not at all.
fn judge(stage: &Stage<'_>, acts: &[Act]) -> Outcome {
    let letters = stage.letters()?;
    let came = |email: &str| letters.get(email).map_or(0, Vec::len);
    let promised = acts.iter().filter(|(_, promised)| *promised).count();
    let cut_off = acts.len() - promised;
    let lost = acts.iter().filter(|(email, promised)| *promised && came(email) == 0).count();
    let doubled = acts.iter().filter(|(email, _)| came(email) > 1).count();
    if lost > 0 || doubled > 0 {
        let reason = format!("{lost} lost and {doubled} doubled of {promised}");
        return Err(Trouble::new("Letters", reason, NEXT));
    }
    if promised == 0 || cut_off == 0 {
        let reason = format!("{promised} promised and {cut_off} cut off: the blow hit nothing");
        return Err(Trouble::new("The kill", reason, "Run it again on a quieter machine"));
    }
    Ok(())
}
