//! Measurements against a running server, each beside something bare in the same run.
//!
//! Absolute times say more about the machine than about the program: what counts are the ratios. `cargo xtask bench
//! NAME` starts the services and the server, and calls this with their addresses in the environment.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "the table on the screen is what a measurement is for"
)]

mod audit;
mod load;
mod memory;
mod organizations;
mod pages;
mod people;
mod sessions;
mod sign_in;
mod spend;
mod table;

use std::process::ExitCode;

use load::Client;

/// What goes wrong in a measurement ends it.
type Outcome<T = ()> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// The server under measurement.
#[derive(Clone)]
struct Target {
    client: Client,
    database: sqlx::PgPool,
    server: u32,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("The measurement ended early: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether every bound was kept.
async fn run() -> Outcome<bool> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    if words.first().is_some_and(|word| word == "spend-worker") {
        return spend::work(words.get(1..).unwrap_or_default()).await;
    }
    let target = Target {
        client: Client::new(&variable("GATEHOUSE_URL")?),
        database: sqlx::PgPool::connect(&variable("GATEHOUSE_DATABASE_URL")?).await?,
        server: variable("GATEHOUSE_SERVER_PID")?.parse()?,
    };
    match std::env::args().nth(1).as_deref() {
        Some("sign-in") => sign_in::measure(&target).await,
        Some("pages") => pages::measure(&target).await,
        Some("sessions") => sessions::measure(&target).await,
        Some("organizations") => organizations::measure(&target).await,
        Some("audit") => audit::measure(&target, std::env::args().nth(2).as_deref()).await,
        Some("spend") => spend::measure(&target, std::env::args().nth(2).as_deref()).await,
        _ => Err("say `cargo xtask bench` with sign-in, pages, sessions, organizations, audit [ENTRIES] \
                  or spend [RESERVATIONS]"
            .into()),
    }
}

fn variable(name: &str) -> Outcome<String> {
    std::env::var(name).map_err(|_| format!("{name} is not set; start this with `cargo xtask bench`").into())
}
