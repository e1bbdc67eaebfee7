//! A million reservations over eight budgets from three processes, while Redis is flushed three times and one process is
//! killed in the middle: nobody is let in beyond a cap, which statements of their own ask the ledger afterwards. Beside it
//! what a bare `UPDATE … WHERE` and a script in Redis need for the same question.

mod bare;
mod check;
mod shop;
mod worker;

use std::{
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::{Child, Command},
};

use crate::{
    Outcome, Target,
    table::{Row, bound, note, print},
};

pub(crate) use worker::work;

/// How many reservations when nobody says.
const RESERVATIONS: u64 = 1_000_000;
/// How many processes.
const PROCESSES: u64 = 3;
/// How often Redis is emptied meanwhile.
const FLUSHES: u64 = 3;

/// A process that reserves, and how far it is.
struct Running {
    child: Child,
    done: Arc<AtomicU64>,
    summary: tokio::task::JoinHandle<Option<worker::Summary>>,
}

/// # Errors
/// When Postgres or Redis cannot be reached.
pub(crate) async fn measure(target: &Target, reservations: Option<&str>) -> Outcome<bool> {
    let reservations = reservations.map_or(Ok(RESERVATIONS), str::parse)?;
    let shop = shop::open(&target.database, reservations).await?;
    let bare_update = bare::update(&target.database).await?;
    let bare_script = bare::script().await?;
    let durable = worker::durable(&target.database, shop.organization, shop.person).await?;
    let begun = Instant::now();
    let watch = check::watch(target.database.clone(), shop.organization);
    let each = reservations / PROCESSES;
    let mut running = Vec::new();
    for _ in 0..PROCESSES {
        running.push(start(&shop, each)?);
    }
    let (flushed, killed) = disturb(&mut running, reservations).await?;
    let replaced = each.saturating_sub(killed);
    running.push(start(&shop, replaced)?);
    let mut summaries = Vec::new();
    for mut process in running {
        process.child.wait().await?;
        summaries.extend(process.summary.await?);
    }
    let took = begun.elapsed();
    let most = watch.stop().await;
    let asked = killed + summaries.iter().map(|it| it.asked).sum::<u64>();
    let admitted: u64 = summaries.iter().map(|it| it.admitted).sum();
    let p99 = summaries.iter().map(|it| it.p99_us).max().unwrap_or_default();
    let book = check::book(&target.database, shop.organization).await?;
    let mut rows = vec![
        note("reservations", format!("{asked} in {:.0} s", took.as_secs_f64())),
        note("let in by processes that lived", format!("{admitted}")),
        note("Redis flushed, processes killed", format!("{flushed}, 1 after {killed}")),
        bound("most above a cap at any moment seen", format!("{most}"), "0", most == 0),
    ];
    rows.extend(of_the_book(&book));
    rows.extend([
        note("leased lane: rate of all processes", rate(asked, took)),
        bound("leased lane: p99 of an admission", format!("{p99} µs"), "≤ 200 µs", p99 <= 200),
        note("durable lane: reserve and settle", rate(durable.asked, durable.took)),
        bound(
            "durable lane: p99 of a reservation",
            format!("{} µs", durable.p99_us),
            "≤ 5000 µs",
            durable.p99_us <= 5_000,
        ),
        note("bare UPDATE … WHERE, one row", rate(bare_update.asked, bare_update.took)),
        note("bare UPDATE … WHERE: p99", format!("{} µs", bare_update.p99_us)),
        note("bare script in Redis", rate(bare_script.asked, bare_script.took)),
        note("bare script in Redis: p99", format!("{} µs", bare_script.p99_us)),
    ]);
    Ok(print("Money that cannot be overspent", &rows))
}

/// What the ledger says afterwards.
fn of_the_book(book: &check::Book) -> [Row; 4] {
    [
        bound(
            "most above a cap in the ledger, entry by entry",
            format!("{}", book.over),
            "0",
            book.over == 0,
        ),
        bound("sum of all lines of the ledger", format!("{}", book.sum), "0", book.sum == 0),
        bound(
            "sums of days that differ from the ledger",
            format!("{}", book.differing),
            "0",
            book.differing == 0,
        ),
        note("withheld because of the killed process", format!("{} nano-dollars", book.withheld)),
    ]
}

/// Starts a process that reserves so often.
fn start(shop: &shop::Shop, count: u64) -> Outcome<Running> {
    let mut child = Command::new(std::env::current_exe()?)
        .args(["spend-worker", &shop.organization.to_string(), &shop.person.to_string(), &count.to_string()])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let lines = child.stdout.take().ok_or("no output")?;
    let done = Arc::new(AtomicU64::new(0));
    let counted = Arc::clone(&done);
    let summary = tokio::spawn(async move {
        let mut lines = BufReader::new(lines).lines();
        let mut last = None;
        while let Ok(Some(line)) = lines.next_line().await {
            match line.strip_prefix("done ") {
                Some(count) => counted.store(count.parse().unwrap_or_default(), Ordering::Relaxed),
                None => last = worker::Summary::read(&line),
            }
        }
        last
    });
    Ok(Running { child, done, summary })
}

/// Empties Redis three times and kills the first process in the middle. Answers how often the one happened, and how far the
/// other had come.
async fn disturb(running: &mut [Running], reservations: u64) -> Outcome<(u64, u64)> {
    let client = redis_client()?;
    let (mut flushed, mut killed) = (0, None);
    let deadline = Instant::now() + Duration::from_mins(30);
    while (flushed < FLUSHES || killed.is_none()) && Instant::now() < deadline {
        tokio::time::sleep(Duration::from_millis(50)).await;
        let done: u64 = running.iter().map(|process| process.done.load(Ordering::Relaxed)).sum();
        if flushed < FLUSHES && done >= reservations / (FLUSHES + 1) * (flushed + 1) {
            let mut connection = client.get_multiplexed_async_connection().await?;
            redis::cmd("FLUSHALL").query_async::<()>(&mut connection).await?;
            flushed += 1;
        }
        if killed.is_none() && done >= reservations / 3 {
            let first = running.first_mut().ok_or("no process")?;
            first.child.start_kill()?;
            killed = Some(first.done.load(Ordering::Relaxed));
        }
    }
    Ok((flushed, killed.unwrap_or_default()))
}

fn redis_client() -> Outcome<redis::Client> {
    Ok(redis::Client::open(crate::variable("GATEHOUSE_REDIS_URL")?)?)
}

/// So many in a second.
#[expect(clippy::cast_precision_loss, reason = "a rate is rounded anyway")]
fn rate(count: u64, took: Duration) -> String {
    format!("{:.0}/s", count as f64 / took.as_secs_f64().max(0.001))
}

/// The time below which 99 of 100 are, in microseconds.
fn p99(times: &mut [u32]) -> u32 {
    times.sort_unstable();
    let place = times.len() * 99 / 100;
    times.get(place.min(times.len().saturating_sub(1))).copied().unwrap_or_default()
}
