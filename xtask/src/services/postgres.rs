//! A Postgres cluster of our own.
//!
//! It listens on 127.0.0.1 alone and has no Unix socket, whose path would be too long in a deep
//! checkout. Every connection proves the password (SCRAM).

use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::{Pid, User};

use super::{Daemon, Keep, State, home, pick_port, tied};
use crate::files;
use crate::process;
use crate::say;
use crate::setup::postgres_programs;
use crate::signals;
use crate::trouble::{Because, Outcome, Trouble};

const START_LIMIT: Duration = Duration::from_mins(1);

/// A running cluster with the application's role and database.
#[derive(Debug)]
pub(crate) struct Postgres {
    pub(crate) daemon: Daemon,
    pub(super) programs: PathBuf,
    pub(super) port: u16,
    pub(super) master_password: String,
    pub(super) password: String,
}

impl Postgres {
    /// Makes the cluster when there is none, starts it, and makes role and database.
    pub(crate) fn start(state: &State) -> Outcome<Self> {
        let programs = postgres_programs()?;
        let owner = home::owner()?;
        let data = home::cluster(state, owner.as_ref())?;
        let master_password = files::secret(&state.secrets.join("postgres-master"))?;
        let password = files::secret(&state.secrets.join("postgres"))?;
        if !data.join("PG_VERSION").exists() {
            initialize(&programs, &data, owner.as_ref(), &master_password)?;
        }
        end_leftover(&data)?;
        let port = pick_port(state, "postgres-port")?;
        let mut command = tied(&programs.join("postgres"), "INT", owner.as_ref());
        command.arg("-D").arg(&data).args(settings(state.keep, port));
        let log = state.logs.join("postgres.log");
        // SIGINT is the fast shutdown: open transactions are rolled back, nothing is lost.
        let daemon = Daemon::start("Postgres", &mut command, &log, Signal::SIGINT)?;
        let mut postgres = Self { daemon, programs, port, master_password, password };
        postgres.wait()?;
        postgres.make_role()?;
        postgres.make_database("gatehouse")?;
        Ok(postgres)
    }

    /// The address of a database as the application's role, with the password in it.
    pub(crate) fn url(&self, database: &str) -> String {
        let Self { password, port, .. } = self;
        format!("postgres://gatehouse:{password}@127.0.0.1:{port}/{database}")
    }

    fn wait(&mut self) -> Outcome {
        let deadline = Instant::now() + START_LIMIT;
        while self.as_master("postgres", "SELECT 1").is_err() {
            signals::go_on()?;
            self.daemon.check()?;
            if Instant::now() > deadline {
                return Err(self.daemon.trouble("did not answer in time".to_owned()));
            }
            sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

fn initialize(programs: &Path, data: &Path, owner: Option<&User>, password: &str) -> Outcome {
    say::note(format_args!("Making a Postgres cluster in {}.", data.display()));
    // Handed over by a file, and read by the cluster's owner: it has to be in a place both see.
    let handover = data.with_file_name("postgres-password");
    files::private(&handover, password)?;
    if let Some(user) = owner {
        std::os::unix::fs::chown(&handover, Some(user.uid.as_raw()), None)
            .because(handover.display(), "Check the rights of that folder")?;
    }
    let mut command = tied(&programs.join("initdb"), "TERM", owner);
    command.arg("-D").arg(data).arg("--pwfile").arg(&handover);
    command.args(["--username=postgres", "--auth=scram-sha-256", "--no-sync"]);
    command.args(["--encoding=UTF8", "--locale=C.UTF-8"]);
    command.current_dir("/");
    let result = process::output(&mut command, "Read the message above and try --fresh");
    std::fs::remove_file(&handover).because(handover.display(), "Delete that file")?;
    result.map(drop)
}

/// Ends the cluster of a command that was killed together with its guard: it is ours, because the
/// data folder is, and nobody else may use it.
fn end_leftover(data: &Path) -> Outcome {
    let Some(content) = files::read(&data.join("postmaster.pid")) else {
        return Ok(());
    };
    let Some(pid) = content.lines().next().and_then(|line| line.parse::<i32>().ok()) else {
        return Ok(());
    };
    // The number may belong to a stranger by now: only a process that names our folder is ours.
    let folder = data.to_string_lossy().into_owned();
    let is_ours = || {
        std::fs::read(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(&folder))
    };
    if !is_ours() {
        return Ok(());
    }
    say::note("Ending the Postgres of a command that was killed.");
    let _ = kill(Pid::from_raw(pid), Signal::SIGINT);
    let deadline = Instant::now() + START_LIMIT;
    while is_ours() {
        if Instant::now() > deadline {
            let object = format!("The old Postgres (process {pid})");
            return Err(Trouble::new(object, "does not end", "End it by hand"));
        }
        sleep(Duration::from_millis(50));
    }
    Ok(())
}

fn settings(keep: Keep, port: u16) -> Vec<String> {
    let port = format!("port={port}");
    let mut settings = vec![
        port.as_str(),
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "shared_buffers=128MB",
        "max_connections=200",
        "logging_collector=off",
        "log_line_prefix=%m [%p] %d ",
    ];
    if keep == Keep::Briefly {
        // A test's data need not survive a power cut.
        settings.extend(["fsync=off", "synchronous_commit=off", "full_page_writes=off"]);
    }
    settings.iter().flat_map(|setting| ["-c".to_owned(), (*setting).to_owned()]).collect()
}

impl Postgres {
    /// A `psql` that stops at the first error and reads nobody's settings.
    pub(super) fn psql(&self, user: &str, database: &str) -> Command {
        let password = match user {
            "postgres" => &self.master_password,
            _ => &self.password,
        };
        let mut command = Command::new(self.programs.join("psql"));
        command.args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"]);
        command.args(["-p", &self.port.to_string(), "-U", user, "-d", database]);
        command.env("PGPASSWORD", password).env("PGCONNECT_TIMEOUT", "5");
        command.env("PGOPTIONS", "-c client_min_messages=warning");
        command
    }
}
