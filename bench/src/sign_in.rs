//! Sign-ins under a storm: how close to the bare hash, how much memory, what everybody else feels, and what happens
//! at five times the load.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use argon2::{Algorithm, Argon2, Block, Params, Version};

use crate::{
    Outcome, Target,
    load::{self, Ask, Run},
    memory::{self, Peak},
    people,
    table::{bound, ms, note, print},
};

const WORKERS: u64 = 2;
const STORM: Duration = Duration::from_secs(20);
const PEOPLE: usize = 64;

/// # Errors
/// When the server or the database cannot be reached.
pub(crate) async fn measure(target: &Target) -> Outcome<bool> {
    people::seed(&target.database, PEOPLE, 1).await?;
    let idle = memory::resident(target.server)?;
    let raw_before = raw_rate()?;
    let calm = others(target, Duration::from_secs(10)).await;

    let peak = Peak::watch(target.server);
    // First alone, then with somebody beside it: what they ask for takes its share of the machine as well.
    let alone = load::closed(&target.client, 8, STORM, asks()).await;
    let (storm, meanwhile) = tokio::join!(load::closed(&target.client, 8, STORM, asks()), async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        others(target, STORM.saturating_sub(Duration::from_secs(4))).await
    });
    let peak = peak.stop();
    let raw_after = raw_rate()?;
    let raw = f64::midpoint(raw_before, raw_after);

    // Five times what the machine can hash, for long enough that the queue is full most of the time.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive rate")]
    let flood = load::open(&target.client, (raw * 5.0).ceil() as u32, STORM, asks()).await;
    Ok(report(&Seen { idle, peak, raw, calm, alone, storm, meanwhile, flood }))
}

/// What was seen.
struct Seen {
    /// MiB.
    idle: u64,
    /// MiB.
    peak: u64,
    /// Bare hashes in a second.
    raw: f64,
    /// Reads before the storm.
    calm: Run,
    /// Sign-ins with nobody beside them.
    alone: Run,
    /// Sign-ins with reads beside them.
    storm: Run,
    /// Those reads.
    meanwhile: Run,
    /// Five times the load.
    flood: Run,
}

fn report(seen: &Seen) -> bool {
    let Seen { idle, peak, raw, calm, alone, storm, meanwhile, flood } = seen;
    let rate = alone.rate_of(200);
    let ceiling = idle + WORKERS * 64 + 20;
    let (before, during) = (calm.percentile(200, 95), meanwhile.percentile(200, 95));
    let slower = during.as_secs_f64() / before.as_secs_f64().max(f64::EPSILON);
    let refused = flood.percentile(503, 99);
    let told = flood.answers.iter().filter(|a| a.status == 503).all(|a| a.retry_after);
    let strays = flood.answers.len() - flood.count_of(200) - flood.count_of(503);
    print(
        "Sign-ins",
        &[
            note("bare Argon2id on all cores (t=3, m=64 MiB, p=2)", format!("{raw:.2}/s")),
            note("sign-ins over HTTP", format!("{rate:.2}/s")),
            bound("sign-ins of the bare rate", format!("{:.3}", rate / raw), ">= 0.95", rate / raw >= 0.95),
            note("resident memory, idle", format!("{idle} MiB")),
            bound(
                "resident memory, most in the storm",
                format!("{peak} MiB"),
                &format!("<= {ceiling} MiB"),
                *peak <= ceiling,
            ),
            note("sign-ins with 50 reads a second beside them", format!("{:.2}/s", storm.rate_of(200))),
            note("identity/me p95 before the storm", ms(before)),
            note("identity/me p95 in the storm", ms(during)),
            bound(
                "identity/me p95, storm against before",
                format!("{slower:.2}"),
                "<= 2",
                slower <= 2.0 && [calm, meanwhile].iter().all(|run| run.count_of(200) == run.answers.len()),
            ),
            note(
                "answers in the storm other than 200",
                format!(
                    "{}",
                    [alone, storm].iter().map(|run| run.answers.len() - run.count_of(200)).sum::<usize>()
                ),
            ),
            note("five times the load: signed in", format!("{:.2}/s", flood.rate_of(200))),
            note("five times the load: 503", format!("{:.2}/s", flood.rate_of(503))),
            bound(
                "503 p99",
                ms(refused),
                "< 100 ms",
                flood.count_of(503) > 0 && refused < Duration::from_millis(100),
            ),
            bound("503 with Retry-After", format!("{told}"), "always", told),
            bound(
                "no answer, or another one",
                format!("{}", flood.losses.len() + strays),
                "0",
                flood.losses.len() + strays == 0,
            ),
        ],
    )
}

/// Somebody who is signed in already, 50 times a second.
async fn others(target: &Target, lasts: Duration) -> Run {
    let me = Ask::get("/api/v1/identity/me", Some(people::cookie(0)));
    load::open(&target.client, 50, lasts, Arc::new(vec![me])).await
}

fn asks() -> Arc<Vec<Ask>> {
    Arc::new((0..PEOPLE).map(|n| Ask::sign_in(&people::address(n), people::PASSWORD)).collect())
}

/// What the machine hashes with nothing else to do, as the server would: a thread a core, memory kept.
fn raw_rate() -> Outcome<f64> {
    let begun = Instant::now();
    let counts: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..WORKERS).map(|_| scope.spawn(move || raw_thread(begun))).collect();
        threads.into_iter().map(|thread| thread.join().unwrap_or(Ok(0))).collect()
    });
    let total: u32 = counts.into_iter().sum::<Result<u32, argon2::Error>>().map_err(|e| e.to_string())?;
    Ok(f64::from(total) / begun.elapsed().as_secs_f64())
}

fn raw_thread(begun: Instant) -> Result<u32, argon2::Error> {
    let params = Params::new(64 * 1024, 3, 2, Some(32))?;
    let mut memory = vec![Block::default(); params.block_count()];
    let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let mut tag = [0; 32];
    let mut done = 0;
    while begun.elapsed() < Duration::from_secs(10) {
        argon.hash_password_into_with_memory(people::PASSWORD.as_bytes(), &[7; 16], &mut tag, &mut memory)?;
        done += 1;
    }
    Ok(done)
}
