//! The command line: serve, migrate, doctor, admin, config.

mod admin;
mod audit;
mod billing;
mod breach_filter;
mod doctor;
mod migrate;
mod print;
mod serve;

use std::{path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use domain::tokens::service::OldKeys;

use crate::{
    config::{Config, ConfigProblems, Effective},
    shutdown::RUNTIME,
};

/// Used when it is there and nobody names another.
const DEFAULT_FILE: &str = "gatehouse.toml";
/// Leptos waits in tasks; with a single worker one blocking call would stall every page.
const LEAST_WORKERS: usize = 2;

/// Gatehouse: signs people and scripts in, and says what they may do.
#[derive(Debug, Parser)]
#[command(name = "gatehouse", version)]
struct Arguments {
    /// The configuration file; `gatehouse.toml` in this folder when it is there.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serves the site until SIGTERM or SIGINT.
    Serve,
    /// Applies the migrations that are missing.
    Migrate,
    /// Looks at every dependency and says what is wrong and what to do.
    Doctor,
    /// Tasks of the one who runs the machine.
    #[command(subcommand)]
    Admin(Admin),
    /// Reads the whole audit trail and checks that nobody tampered with it; exit code 1 if somebody did.
    VerifyAudit,
    /// Computes every invoice anew from what was recorded and looks for what was not charged; exit code 1 if something is wrong.
    CheckInvoices,
    /// The configuration.
    #[command(subcommand)]
    Config(Show),
}

#[derive(Debug, Subcommand)]
enum Admin {
    /// Prints the one-time link by which the first administrator signs up.
    Invite {
        /// Prints nothing, and succeeds, when there is an administrator already.
        #[arg(long)]
        if_none: bool,
    },
    /// Takes the second factor of an account away, for somebody without phone and recovery codes.
    ResetSecondFactor {
        /// The address of the account.
        #[arg(long)]
        email: String,
    },
    /// Seals with the active key of the vault what an older one has sealed, so that the older one can go.
    Reseal,
    /// Makes the filter of breached passwords that `security.breach_filter` names.
    BreachFilter(breach_filter::Options),
    /// Makes the next key that signs access tokens. The old one stays published until what it signed has expired.
    RotateSigningKey {
        /// Withdraws the old keys at once, because somebody has a copy: every access token stops working.
        #[arg(long)]
        withdraw_old: bool,
    },
}

#[derive(Debug, Subcommand)]
enum Show {
    /// Prints the effective configuration, where each value came from, and `***` for secrets.
    Print,
}

/// Runs the command of this process.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let config = match configuration(arguments.config) {
        Ok(config) => config,
        Err(problems) => {
            print::problem(&problems);
            return ExitCode::from(2);
        }
    };
    if let Command::Config(Show::Print) = arguments.command {
        print::text(&Effective(&config));
        return ExitCode::SUCCESS;
    }
    crate::log::start(&config.log);
    let workers = std::thread::available_parallelism().map_or(LEAST_WORKERS, std::num::NonZero::get);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(workers.max(LEAST_WORKERS))
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => {
            let code = runtime.block_on(run(arguments.command, config));
            runtime.shutdown_timeout(RUNTIME);
            code
        }
        Err(error) => failed(&error),
    }
}

async fn run(command: Command, config: Config) -> ExitCode {
    match command {
        Command::Serve => done(serve::run(config).await),
        Command::Migrate => done(migrate::run(&config).await),
        Command::Doctor => doctor::run(&config).await,
        Command::Admin(Admin::Invite { if_none }) => done(admin::invite(&config, if_none).await),
        Command::Admin(Admin::ResetSecondFactor { email }) => {
            done(admin::reset_second_factor(&config, &email).await)
        }
        Command::Admin(Admin::Reseal) => done(admin::reseal(&config).await),
        Command::Admin(Admin::BreachFilter(options)) => done(breach_filter::run(&config, &options)),
        Command::Admin(Admin::RotateSigningKey { withdraw_old }) => {
            let old = if withdraw_old { OldKeys::Withdrawn } else { OldKeys::RunOut };
            done(admin::rotate_signing_key(&config, old).await)
        }
        Command::VerifyAudit => audit::verify(&config).await,
        Command::CheckInvoices => billing::check(&config).await,
        Command::Config(Show::Print) => ExitCode::SUCCESS,
    }
}

fn configuration(file: Option<PathBuf>) -> Result<Config, ConfigProblems> {
    let default = PathBuf::from(DEFAULT_FILE);
    let file = file.or_else(|| default.is_file().then_some(default));
    // Names and values that are not Unicode cannot be ours.
    let environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
    Config::load(file.as_deref(), environment)
}

fn done<E: std::error::Error + 'static>(outcome: Result<(), E>) -> ExitCode {
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

fn failed(error: &(dyn std::error::Error + 'static)) -> ExitCode {
    print::problem(&domain::platform::log::chain(error));
    ExitCode::FAILURE
}
