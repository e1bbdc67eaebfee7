//! Pages and reads with 1, 32 and 1,000 people signed in, beside an answer of the same server that does nothing.

use std::{sync::Arc, time::Duration};

use crate::{
    Outcome, Target,
    load::{self, Ask},
    people,
    table::ms,
};

const EACH: Duration = Duration::from_secs(5);

/// # Errors
/// When the server or the database cannot be reached.
pub(crate) async fn measure(target: &Target) -> Outcome<bool> {
    people::seed(&target.database, 1000, 1).await?;
    println!("\nPages and reads; client, server and database share the machine\n");
    println!(
        "  {:<28} {:>7} {:>10} {:>9} {:>9} {:>9} {:>7} {:>7}",
        "", "people", "answers/s", "p50", "p95", "p99", "refused", "lost"
    );
    let mut clean = true;
    for path in ["/livez", "/login", "/account/security", "/api/v1/identity/me"] {
        for crowd in [1, 32, 1000] {
            // Each person is one cookie; at most 64 of them ask at the same moment, as a crowd of a thousand would.
            let asks: Vec<_> = (0..crowd).map(|n| Ask::get(path, Some(people::cookie(n)))).collect();
            let run = load::closed(&target.client, crowd.min(64), EACH, Arc::new(asks)).await;
            let (refused, lost) = (run.answers.len() - run.count_of(200), run.losses.len());
            clean &= refused + lost == 0;
            println!(
                "  {path:<28} {crowd:>7} {:>10.0} {:>9} {:>9} {:>9} {refused:>7} {lost:>7}",
                run.rate_of(200),
                ms(run.percentile(200, 50)),
                ms(run.percentile(200, 95)),
                ms(run.percentile(200, 99)),
            );
            if let Some(answer) = run.answers.iter().find(|answer| answer.status != 200) {
                println!("    the first was refused with {}", answer.status);
            }
            if let Some(reason) = run.losses.first() {
                println!("    the first was lost by: {reason}");
            }
        }
    }
    let page = load::open(&target.client, 200, EACH * 2, Arc::new(vec![Ask::get("/login", None)])).await;
    let read = Ask::get("/api/v1/identity/me", Some(people::cookie(0)));
    let read = load::open(&target.client, 200, EACH * 2, Arc::new(vec![read])).await;
    Ok(clean
        & crate::table::print(
            "At 200 requests a second",
            &[
                crate::table::bound(
                    "/login p95",
                    ms(page.percentile(200, 95)),
                    "< 50 ms",
                    page.percentile(200, 95) < Duration::from_millis(50),
                ),
                crate::table::bound(
                    "identity/me p99",
                    ms(read.percentile(200, 99)),
                    "< 10 ms",
                    read.percentile(200, 99) < Duration::from_millis(10),
                ),
            ],
        ))
}
