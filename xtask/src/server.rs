//! The built server: migrating, the first administrator's link, serving.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::environment::{self, Environment, Ports};
use crate::files;
use crate::place::Place;
use crate::process;
use crate::services::{Daemon, Services, tied};
use crate::signals;
use crate::trouble::Outcome;

const START_LIMIT: Duration = Duration::from_secs(30);

/// A built server with the environment it runs in.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    program: PathBuf,
    root: PathBuf,
    environment: Environment,
    ports: Ports,
    log: PathBuf,
    admin_file: PathBuf,
}

impl Server {
    pub(crate) fn new(place: &Place, services: &Services, ports: Ports, program: PathBuf) -> Self {
        Self {
            program,
            root: place.root.clone(),
            environment: environment::server(place, services, ports),
            ports,
            log: services.state.logs.join("server.log"),
            admin_file: services.state.folder.join("first-admin.txt"),
        }
    }

    /// With its words in this file: those of another server may still be read.
    pub(crate) fn logging_to(mut self, log: PathBuf) -> Self {
        self.log = log;
        self
    }

    /// With the first administrator's link in this file: that of another server may still be used.
    pub(crate) fn inviting_to(mut self, file: PathBuf) -> Self {
        self.admin_file = file;
        self
    }

    /// Sets one more variable for the next start.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        self.environment.push((name, value.to_owned()));
    }

    /// The same on other ports: one more process on the same database, as behind a balancer.
    pub(crate) fn another(&self) -> Outcome<Self> {
        let ports = Ports::free()?;
        let mut other = self.clone().logging_to(self.log.with_file_name("server-2.log"));
        other.ports = ports;
        other.set("GATEHOUSE_HTTP_LISTEN", &format!("127.0.0.1:{}", ports.public));
        other.set("GATEHOUSE_HTTP_METRICS_LISTEN", &format!("127.0.0.1:{}", ports.metrics));
        Ok(other)
    }

    /// Where people find it.
    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}", self.ports.public)
    }

    /// Its own words.
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// The file with the first administrator's link.
    pub(crate) fn admin_file(&self) -> &Path {
        &self.admin_file
    }

    /// Brings the tables up to date.
    pub(crate) fn migrate(&self) -> Outcome {
        let mut command = Command::new(&self.program);
        command.arg("migrate");
        process::must(self.equip(&mut command), "Read the server's message above")
    }

    /// Writes the link of the first administrator, for the owner's eyes; returns it. There is
    /// none when an administrator exists already.
    pub(crate) fn invite_administrator(&self) -> Outcome<Option<String>> {
        let mut command = Command::new(&self.program);
        command.args(["admin", "invite", "--if-none"]);
        let link = process::output(self.equip(&mut command), "Read the server's message above")?;
        if link.is_empty() {
            std::fs::remove_file(&self.admin_file).ok();
            return Ok(None);
        }
        files::private(&self.admin_file, &format!("{link}\n"))?;
        Ok(Some(link))
    }

    /// Starts serving, and returns when it answers.
    pub(crate) fn serve(&self) -> Outcome<Daemon> {
        let mut command = tied(&self.program, "TERM", None);
        command.arg("serve");
        let command = self.equip(&mut command);
        let mut daemon = Daemon::start("The server", command, &self.log, Signal::SIGTERM)?;
        let deadline = Instant::now() + START_LIMIT;
        while !answers(self.ports.public) {
            signals::go_on()?;
            daemon.check()?;
            if Instant::now() > deadline {
                return Err(daemon.trouble("did not answer in time".to_owned()));
            }
            sleep(Duration::from_millis(20));
        }
        Ok(daemon)
    }

    fn equip<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        environment::give(command, &self.environment);
        command.current_dir(&self.root)
    }
}

/// Any HTTP answer will do: what it says is the business of the tests.
fn answers(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
        return false;
    };
    let request = format!("HEAD / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    let mut start = [0_u8; 7];
    stream.set_read_timeout(Some(Duration::from_secs(5))).is_ok()
        && stream.write_all(request.as_bytes()).is_ok()
        && stream.read_exact(&mut start).is_ok()
        && start == *b"HTTP/1."
}
