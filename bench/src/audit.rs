//! A long audit trail: exported with the server's memory watched, and its chain verified, beside what Postgres alone needs
//! to copy it out and a processor alone to hash as many bytes.
//!
//! The entries are built here, by an implementation of the chain of its own: that the server finds it whole says that both
//! mean the same.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use domain::{Timestamp, access::Grant, audit::service::verify_chain_of_the_site, platform::testing};
use futures::TryStreamExt as _;
use sha2::{Digest as _, Sha256};
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, Row as _};
use uuid::Uuid;

use crate::{
    Outcome, Target,
    load::Ask,
    memory::{Peak, resident},
    people,
    table::{bound, note, print},
};

/// How many entries when nobody says.
const ENTRIES: u64 = 10_000_000;
/// How many entries go to the database in one piece.
const PIECE: u64 = 10_000;
/// How much more memory than idle an export may take, in MiB.
const MORE_MIB: u64 = 30;
/// How many entries a second are verified at least.
const VERIFIED: f64 = 200_000.0;

const ACTION: &str = "identity.signed-in";
const ADDRESS: &str = "192.0.2.77";

/// # Errors
/// When the server or the database cannot be reached.
pub(crate) async fn measure(target: &Target, entries: Option<&str>) -> Outcome<bool> {
    let entries = entries.map_or(Ok(ENTRIES), str::parse)?;
    people::seed(&target.database, 1, 1).await?;
    sqlx::raw_sql("UPDATE users SET roles = '{ADMIN,USER}' WHERE email = 'measured-0@example.com'")
        .execute(&target.database)
        .await?;
    let mut database = target.database.acquire().await?.detach();
    let seeded = Instant::now();
    let bytes = seed(&mut database, entries).await?;
    let seeded = seeded.elapsed();
    let mut rows = vec![note("entries seeded", format!("{entries} in {:.0} s", seeded.as_secs_f64()))];
    let mut kept = Vec::new();
    for path in ["/exports/audit.csv", "/exports/audit.jsonl"] {
        kept.extend(export(target, path, entries).await?);
    }
    rows.extend(kept);
    let copied = copy_out(&mut database).await?;
    rows.push(note("bare COPY TO STDOUT", rate(entries, copied)));
    let begun = Instant::now();
    let platform = testing::platform(target.database.clone());
    let report = verify_chain_of_the_site(&Grant::system(&platform, "bench")).await?;
    let took = begun.elapsed();
    let verified = count(report.entries.unsigned_abs()) / took.as_secs_f64();
    rows.push(bound("the chain is whole", format!("{}", report.ok), "true", report.ok));
    rows.push(bound(
        "verified",
        rate(report.entries.unsigned_abs(), took),
        "≥ 200000/s",
        verified >= VERIFIED,
    ));
    rows.push(note(
        "bare SHA-256 of as many bytes",
        rate(entries, hash_only(entries, bytes / entries.max(1))),
    ));
    database.close().await?;
    Ok(print("A long audit trail", &rows))
}

/// Appends entries behind the head that is there; answers how many bytes were hashed.
async fn seed(database: &mut PgConnection, entries: u64) -> Outcome<u64> {
    // COPY knows no row-level security, and the owner of the table may say so.
    sqlx::raw_sql("ALTER TABLE audit_entries DISABLE ROW LEVEL SECURITY").execute(&mut *database).await?;
    let head = sqlx::raw_sql("SELECT seq, hash FROM audit_heads").fetch_one(&mut *database).await?;
    let hash: Vec<u8> = head.try_get(1)?;
    let mut chain = Chain {
        seq: head.try_get(0)?,
        hash: hash.as_slice().try_into()?,
        at: Timestamp::parse("2026-01-01T00:00:00.123456Z").ok_or("a moment")?,
        bytes: 0,
    };
    let columns = "chain, seq, at, actor, action, target, detail, address, request_id, hash";
    let statement = format!("COPY audit_entries ({columns}) FROM STDIN");
    let mut copy = database.copy_in_raw(&statement).await?;
    let mut text = String::new();
    for n in 0..entries {
        chain.line(&mut text, n)?;
        if n % PIECE == PIECE - 1 || n == entries - 1 {
            copy.send(text.as_bytes()).await?;
            text.clear();
        }
    }
    copy.finish().await?;
    // Both parts are ours: a number, and hex digits.
    let head = format!("UPDATE audit_heads SET seq = {}, hash = '\\x{}'", chain.seq, hex(&chain.hash)?);
    sqlx::raw_sql(AssertSqlSafe(head)).execute(&mut *database).await?;
    sqlx::raw_sql("ALTER TABLE audit_entries ENABLE ROW LEVEL SECURITY; ANALYZE audit_entries")
        .execute(&mut *database)
        .await?;
    Ok(chain.bytes)
}

/// The end of the chain.
struct Chain {
    seq: i64,
    hash: [u8; 32],
    at: Timestamp,
    bytes: u64,
}

impl Chain {
    /// Appends the line of the next entry, as COPY reads it.
    fn line(&mut self, text: &mut String, n: u64) -> Outcome {
        self.seq += 1;
        self.at = self.at + Duration::from_millis(1);
        let actor = Uuid::from_u128(0x0194_d3a0_0000_7000_8000_0000_0000_0000 + u128::from(n % 1_000));
        let request = Uuid::from_u128(0x0194_d3a0_0000_7000_9000_0000_0000_0000 + u128::from(n));
        let target = format!("user:{actor}");
        let detail = format!(r#"{{"second_factor":true,"session":"{request}"}}"#);
        self.link(&actor, &target, &detail, &request);
        let (seq, at) = (self.seq, self.at.rfc3339());
        write!(
            text,
            "{}\t{seq}\t{at}\t{actor}\t{ACTION}\t{target}\t{detail}\t{ADDRESS}\t{request}\t\\\\x",
            Uuid::nil()
        )?;
        text.push_str(&hex(&self.hash)?);
        text.push('\n');
        Ok(())
    }

    /// SHA-256 over the predecessor's hash and each field, with its length and a mark for null.
    fn link(&mut self, actor: &Uuid, target: &str, detail: &str, request: &Uuid) {
        let site = Uuid::nil();
        let micros = i64::try_from(self.at.get().unix_timestamp_nanos() / 1_000).unwrap_or_default();
        let fields: [Option<&[u8]>; 10] = [
            Some(site.as_bytes()),
            Some(&self.seq.to_be_bytes()),
            None,
            Some(&micros.to_be_bytes()),
            Some(actor.as_bytes()),
            Some(ACTION.as_bytes()),
            Some(target.as_bytes()),
            Some(detail.as_bytes()),
            Some(ADDRESS.as_bytes()),
            Some(request.as_bytes()),
        ];
        let mut message = self.hash.to_vec();
        for field in fields {
            let Some(field) = field else {
                message.push(0);
                continue;
            };
            message.push(1);
            message.extend((field.len() as u64).to_be_bytes());
            message.extend(field);
        }
        self.bytes += message.len() as u64;
        self.hash = Sha256::digest(&message).into();
    }
}

fn hex(hash: &[u8; 32]) -> Outcome<String> {
    let mut text = String::with_capacity(64);
    for byte in hash {
        write!(text, "{byte:02x}")?;
    }
    Ok(text)
}

/// One export through the server, read as it comes.
async fn export(target: &Target, path: &'static str, entries: u64) -> Outcome<Vec<crate::table::Row>> {
    // The first request of its kind fills caches that are no part of an export.
    let warm = Ask::get("/api/v1/audit/entries", Some(people::cookie(0)));
    target.client.ask(&warm).await?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let idle = resident(target.server)?;
    let peak = Peak::watch(target.server);
    let begun = Instant::now();
    let drained = target.client.drain(&Ask::get(path, Some(people::cookie(0)))).await?;
    let took = begun.elapsed();
    let most = peak.stop();
    let more = most.saturating_sub(idle);
    Ok(vec![
        bound(
            &format!("{path}: every entry came"),
            format!("{}", drained.lines),
            "≥ entries",
            drained.status == 200 && drained.lines >= entries,
        ),
        note(&format!("{path}: {} MiB", drained.bytes / 1024 / 1024), rate(entries, took)),
        bound(
            &format!("{path}: memory, {idle} MiB idle, {most} MiB at most"),
            format!("+{more} MiB"),
            "≤ 30 MiB",
            more <= MORE_MIB,
        ),
    ])
}

/// What Postgres and the socket alone need.
async fn copy_out(database: &mut PgConnection) -> Outcome<Duration> {
    sqlx::raw_sql("SELECT set_config('app.site', 'on', false)").execute(&mut *database).await?;
    let begun = Instant::now();
    let mut rows =
        database.copy_out_raw("COPY (SELECT * FROM audit_entries ORDER BY chain, seq) TO STDOUT").await?;
    while rows.try_next().await?.is_some() {}
    Ok(begun.elapsed())
}

/// What a processor alone needs.
fn hash_only(entries: u64, bytes: u64) -> Duration {
    let mut message = vec![0_u8; usize::try_from(bytes).unwrap_or(400)];
    let begun = Instant::now();
    for _ in 0..entries {
        let hash: [u8; 32] = Sha256::digest(&message).into();
        for (to, from) in message.iter_mut().zip(hash) {
            *to = from;
        }
    }
    begun.elapsed()
}

fn rate(entries: u64, took: Duration) -> String {
    format!("{:.0}/s", count(entries) / took.as_secs_f64())
}

/// Precise up to 2^53 entries.
#[expect(clippy::cast_precision_loss, reason = "a rate is rounded anyway")]
fn count(entries: u64) -> f64 {
    entries as f64
}
