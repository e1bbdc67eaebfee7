//! Recognizing who asks: with 1, 1,000 and 100,000 live sessions, and how soon one process sees what another has ended.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use crate::{
    Outcome, Target,
    load::{self, Ask, Client, Run},
    people,
    table::{bound, ms, note, print},
};

const EACH: Duration = Duration::from_secs(6);
const LANES: usize = 32;
/// How many of each size are measured, in turn, so that a slow minute of the machine falls on all of them.
const ROUNDS: usize = 3;
const CROWDS: [usize; 3] = [1, 1000, 100_000];
/// Nobody has more, so a hundred thousand sessions are of ten thousand people.
const SESSIONS_EACH: usize = 10;
const READ: &str = "/api/v1/identity/me";
const ENDINGS: usize = 50;

/// # Errors
/// When a server or the database cannot be reached.
pub(crate) async fn measure(target: &Target) -> Outcome<bool> {
    println!("\nRecognizing a session; client, server and database share the machine\n");
    println!("  {:<10} {:>10} {:>12} {:>9} {:>9} {:>9}", "live", "round", "answers/s", "p50", "p99", "other");
    let mut runs = [const { Vec::new() }; CROWDS.len()];
    for round in 1..=ROUNDS {
        for (crowd, runs) in CROWDS.into_iter().zip(&mut runs) {
            people::seed(&target.database, crowd.div_ceil(SESSIONS_EACH), crowd.min(SESSIONS_EACH)).await?;
            let asks = (0..crowd).map(|n| Ask::get(READ, Some(people::cookie(n)))).collect();
            let run = load::closed(&target.client, LANES, EACH, Arc::new(asks)).await;
            println!(
                "  {crowd:<10} {round:>10} {:>12.0} {:>9} {:>9} {:>9}",
                run.rate_of(200),
                ms(run.percentile(200, 50)),
                ms(run.percentile(200, 99)),
                run.answers.len() - run.count_of(200) + run.losses.len(),
            );
            runs.push(run);
        }
    }
    let bare = load::closed(&target.client, LANES, EACH, Arc::new(vec![Ask::get("/livez", None)])).await;
    let [_, thousand, hundred_thousand] = &runs;
    let (rate, tail) = (rate(thousand) / rate(hundred_thousand), tail(hundred_thousand) / tail(thousand));
    let clean =
        runs.iter().flatten().all(|run| run.losses.is_empty() && run.count_of(200) == run.answers.len());
    let ended = endings(target).await?;
    let latest = ended.iter().max().copied().unwrap_or_default();
    Ok(print(
        "From 1,000 live sessions to 100,000",
        &[
            note("an answer of the same server that does nothing, /s", format!("{:.0}", bare.rate_of(200))),
            bound("time for each answer, mean of the rounds", format!("{rate:.2}×"), "≤ 1.3×", rate <= 1.3),
            note("p99, mean of the rounds", format!("{tail:.2}×")),
            bound("every request recognized", if clean { "yes" } else { "no" }.into(), "yes", clean),
            bound(
                &format!("ended in one process, refused by the other, latest of {ENDINGS}"),
                ms(latest),
                "≤ 100 ms",
                latest <= Duration::from_millis(100),
            ),
        ],
    ))
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn mean(of: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = of.len() as f64;
    of.sum::<f64>() / count
}

fn rate(runs: &[Run]) -> f64 {
    mean(runs.iter().map(|run| run.rate_of(200)))
}

fn tail(runs: &[Run]) -> f64 {
    mean(runs.iter().map(|run| run.percentile(200, 99).as_secs_f64()))
}

/// How long after the answer to a sign-out in one process another one still knew the session.
async fn endings(target: &Target) -> Outcome<Vec<Duration>> {
    people::seed(&target.database, ENDINGS, 1).await?;
    let other = Client::new(&crate::variable("GATEHOUSE_SECOND_URL")?);
    let mut found = Vec::new();
    for n in 0..ENDINGS {
        let read = Ask::get(READ, Some(people::cookie(n)));
        // The other process has it at hand, if it keeps anything at all.
        expect(other.ask(&read).await?.status, 200)?;
        expect(target.client.ask(&Ask::sign_out(people::cookie(n))).await?.status, 200)?;
        let begun = Instant::now();
        while other.ask(&read).await?.status == 200 {}
        found.push(begun.elapsed());
    }
    Ok(found)
}

fn expect(status: u16, expected: u16) -> Outcome {
    if status == expected { Ok(()) } else { Err(format!("{status} instead of {expected}").into()) }
}
