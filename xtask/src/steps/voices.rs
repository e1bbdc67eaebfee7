//! Outside voices: independent programs that check the release build, against an empty database.
//!
//! aiosmtpd is the mail server that our letters go to; schemathesis compares the answers of every endpoint with
//! `openapi.json`; joserfc and jose verify access tokens and forge them; standardwebhooks does the same with what receivers of
//! webhooks get; two readers of other people open files for spreadsheets; Stripe's own clients drive the stand-in of our tests, with
//! which localstripe is compared; a thousand tries at one account come from many networks. The programs that tell them what to do
//! are in `end2end/voices`.

use std::net::{Ipv4Addr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::{Counts, junit};
use crate::environment::{Environment, Ports};
use crate::files;
use crate::leptos::Profile;
use crate::place::Place;
use crate::ports;
use crate::process;
use crate::say;
use crate::server::Server;
use crate::services::{Daemon, Services, tied};
use crate::setup;
use crate::signals;
use crate::trouble::{Because, Outcome, Trouble};

/// Who calls the endpoints, in the words of `description.py`: those who have come in, one after the other, and who has not.
const KNOWN: [&str; 2] = ["person", "administrator"];
const STRANGER: &str = "nobody";
/// The journeys leave people behind in theirs.
const DATABASE: &str = "gatehouse_voices";
/// Strangers call at the same time as those who have come in.
const DATABASE_OF_STRANGERS: &str = "gatehouse_voices_strangers";
const SENDER: &str = "Gatehouse <gate@example.com>";
const START_LIMIT: Duration = Duration::from_secs(20);
/// Of one program, which takes half a minute on a quiet machine.
const LIMIT: Duration = Duration::from_mins(10);

/// Starts the mail server and the server, and lets each voice speak.
pub(crate) fn run(place: &Place, services: &Services) -> Outcome<Counts> {
    let program = Profile::Release.program(place);
    if !program.exists() {
        let next = "Build with `cargo xtask test --only build`";
        return Err(Trouble::new(program.display(), "not built", next));
    }
    services.postgres.make_database(DATABASE)?;
    let mail = MailServer::start(place, services)?;
    let ports = Ports::free()?;
    let log = services.state.logs.join("voices-server.log");
    let mut server = Server::new(place, services, ports, program).logging_to(log);
    for (name, value) in settings(services, &mail) {
        server.set(name, &value);
    }
    server.migrate()?;
    server.invite_administrator()?;
    let _serving = server.serve()?;
    let voices = Voices { place, services, server: &server, mail: &mail };
    let mut counts = voices.one_check("letters.py")?;
    counts += voices.one_check("tokens.py")?;
    counts += voices.first_administrator("webhooks")?;
    counts += voices.first_administrator("files")?;
    counts += voices.stripe()?;
    counts += voices.for_minutes()?;
    if counts.failed > 0 {
        say::note(format_args!("The server's log is {}.", server.log().display()));
        say::note("These checks alone: `cargo xtask test --only voices`, after a build.");
    }
    Ok(counts)
}

/// What the server is told besides the usual.
fn settings(services: &Services, mail: &MailServer) -> Environment {
    vec![
        ("GATEHOUSE_DATABASE_URL", services.postgres.url(DATABASE)),
        // All calls come from one address, many in a second.
        ("GATEHOUSE_SECURITY_RATE_FACTOR", "10000".to_owned()),
        // Each voice says another name than the one that signed in for it.
        ("GATEHOUSE_SESSIONS_BINDING", "nothing".to_owned()),
        // An empty value is none; with a folder nothing would be sent.
        ("GATEHOUSE_MAIL_FOLDER", String::new()),
        ("GATEHOUSE_MAIL_FROM", SENDER.to_owned()),
        ("GATEHOUSE_MAIL_SMTP_HOST", "127.0.0.1".to_owned()),
        ("GATEHOUSE_MAIL_SMTP_PORT", mail.port.to_string()),
        ("GATEHOUSE_MAIL_SMTP_TLS", "none".to_owned()),
    ]
}

/// What every voice is told.
struct Voices<'a> {
    place: &'a Place,
    services: &'a Services,
    server: &'a Server,
    mail: &'a MailServer,
}

impl Voices<'_> {
    /// One check: a letter arrives and its link works; tokens are what other libraries take for tokens.
    fn one_check(&self, name: &str) -> Outcome<Counts> {
        let status = process::finish_within(&mut self.program(name)?, LIMIT)?;
        Ok(Counts::reported(u64::from(status.success()), 0, status.success()))
    }

    /// One check by somebody who becomes the first administrator: what a receiver of webhooks gets is what another library takes
    /// for ours; files are what other programs read in them. The link works once in a database, so each has one of its own.
    fn first_administrator(&self, voice: &str) -> Outcome<Counts> {
        let (services, database) = (self.services, format!("{DATABASE}_{voice}"));
        services.postgres.make_database(&database)?;
        let file = services.state.folder.join(format!("{voice}-admin.txt"));
        let mut server = self.server.another()?.inviting_to(file);
        server.set("GATEHOUSE_DATABASE_URL", &services.postgres.url(&database));
        let address = server.address();
        server.set("GATEHOUSE_HTTP_PUBLIC_URL", &address);
        server.migrate()?;
        server.invite_administrator()?;
        let _serving = server.serve()?;
        Voices { server: &server, ..*self }.one_check(&format!("{voice}.py"))
    }

    /// One check: Stripe's own clients take the stand-in for Stripe, and our server takes what they sign.
    fn stripe(&self) -> Outcome<Counts> {
        let (peer_port, other_port) = (ports::free(None)?, ports::free(None)?);
        let address = format!("127.0.0.1:{peer_port}");
        let _peer = stripe_peer(self.place, self.services, peer_port, None)?;
        let mut other = tied(&setup::voices_python(self.place)?, "TERM", None);
        other.args(["-m", "localstripe", "--from-scratch", "--port"]).arg(other_port.to_string());
        other.env("PYTHONDONTWRITEBYTECODE", "1");
        let _other = self.beside("localstripe", &mut other, other_port, "voices-localstripe.log")?;
        let mut command = self.program("stripe_clients.py")?;
        command
            .env("STRIPE_PEER_URL", format!("http://{address}"))
            .env("LOCALSTRIPE_URL", format!("http://127.0.0.1:{other_port}"));
        let status = process::finish_within(&mut command, LIMIT)?;
        Ok(Counts::reported(u64::from(status.success()), 0, status.success()))
    }

    /// Starts a program beside the server, and waits until it takes connections.
    fn beside(&self, name: &'static str, command: &mut Command, port: u16, log: &str) -> Outcome<Daemon> {
        let daemon = Daemon::start(name, command, &self.services.state.logs.join(log), Signal::SIGTERM)?;
        answering(daemon, port)
    }

    /// What takes minutes, in two rows beside each other. What a call finds depends on the calls before it, so each row has a
    /// database of its own.
    fn for_minutes(&self) -> Outcome<Counts> {
        thread::scope(|scope| {
            let strangers = scope.spawn(|| self.strangers());
            let known = self.known();
            let strangers = strangers.join().unwrap_or(Ok(Counts::FAILED));
            let mut counts = known?;
            counts += strangers?;
            Ok(counts)
        })
    }

    /// Those who have come in, one after the other.
    fn known(&self) -> Outcome<Counts> {
        let mut counts = Counts::NONE;
        for caller in KNOWN {
            counts += self.description(caller)?;
        }
        Ok(counts)
    }

    /// Those who have not: whoever guesses at a password, and whoever calls everything.
    fn strangers(&self) -> Outcome<Counts> {
        let postgres = &self.services.postgres;
        postgres.make_database(DATABASE_OF_STRANGERS)?;
        let log = self.services.state.logs.join("voices-strangers.log");
        let mut server = self.server.another()?.logging_to(log);
        server.set("GATEHOUSE_DATABASE_URL", &postgres.url(DATABASE_OF_STRANGERS));
        let address = server.address();
        server.set("GATEHOUSE_HTTP_PUBLIC_URL", &address);
        server.migrate()?;
        let voices = Voices { server: &server, ..*self };
        let mut counts = voices.brute_force()?;
        let _serving = server.serve()?;
        counts += voices.description(STRANGER)?;
        Ok(counts)
    }

    /// One check: a thousand tries at an account, against a server with the limits of production.
    fn brute_force(&self) -> Outcome<Counts> {
        let mut server = self.server.another()?;
        server.set("GATEHOUSE_SECURITY_RATE_FACTOR", "1");
        server.set("GATEHOUSE_HTTP_TRUSTED_PROXIES", "127.0.0.1");
        let address = server.address();
        server.set("GATEHOUSE_HTTP_PUBLIC_URL", &address);
        let _serving = server.serve()?;
        Voices { server: &server, ..*self }.one_check("brute_force.py")
    }

    /// One check for each endpoint, as this caller.
    fn description(&self, caller: &str) -> Outcome<Counts> {
        let reports = self.services.state.folder.join("voices").join(caller);
        files::folder(&reports, 0o700)?;
        let mut command = self.program("description.py")?;
        command.arg(caller).env("GATEHOUSE_REPORTS", &reports);
        let status = process::finish_within(&mut command, LIMIT)?;
        let (passed, failed) = totals(&reports)?;
        Ok(Counts::reported(passed, failed, status.success()))
    }

    fn program(&self, name: &str) -> Outcome<Command> {
        let mut command = Command::new(setup::voices_python(self.place)?);
        command
            .arg(self.place.root.join("end2end/voices").join(name))
            // The checkout stays as it is.
            .env("PYTHONDONTWRITEBYTECODE", "1")
            // Where Node.js is.
            .env("PATH", setup::path(self.place)?)
            .env("GATEHOUSE_URL", self.server.address())
            .env("GATEHOUSE_FIRST_ADMIN_FILE", self.server.admin_file())
            .env("GATEHOUSE_MAIL_FROM", SENDER)
            .env("GATEHOUSE_MAILDIR", &self.mail.folder);
        Ok(command)
    }
}

/// Passed and failed in all reports of a folder.
fn totals(folder: &Path) -> Outcome<(u64, u64)> {
    let entries = std::fs::read_dir(folder).because(folder.display(), "Start the command again")?;
    let reports = entries.flatten().filter_map(|entry| junit::totals(&files::read(&entry.path())?));
    Ok(reports.fold((0, 0), |(passed, failed), (more, worse)| (passed + more, failed + worse)))
}

/// aiosmtpd, which keeps what it receives in a Maildir.
struct MailServer {
    folder: PathBuf,
    port: u16,
    _daemon: Daemon,
}

impl MailServer {
    /// Starts it and waits until it takes connections.
    fn start(place: &Place, services: &Services) -> Outcome<Self> {
        let folder = services.state.folder.join("maildir");
        let port = ports::free(None)?;
        let mut command = tied(&setup::voices_python(place)?, "TERM", None);
        command
            .args(["-m", "aiosmtpd", "--nosetuid", "--listen"])
            .arg(format!("127.0.0.1:{port}"))
            .args(["--class", "aiosmtpd.handlers.Mailbox"])
            .arg(&folder);
        let log = services.state.logs.join("voices-mail-server.log");
        let daemon = Daemon::start("The mail server", &mut command, &log, Signal::SIGTERM)?;
        Ok(Self { folder, port, _daemon: answering(daemon, port)? })
    }
}

/// Starts the stand-in for Stripe, which tells an endpoint what happens.
pub(super) fn stripe_peer(
    place: &Place,
    services: &Services,
    port: u16,
    endpoint: Option<&str>,
) -> Outcome<Daemon> {
    let mut cargo = setup::cargo(place)?;
    // With the features that the Rust tests have built the dependencies with: a test among what is built makes the difference.
    cargo.args(["build", "--quiet", "--workspace", "--exclude", "frontend", "--bin", "stripe-peer"]);
    process::must(cargo.args(["--test", "program"]), "Read the compiler's message above")?;
    let mut peer = tied(&place.target.join("debug/stripe-peer"), "TERM", None);
    peer.arg(format!("127.0.0.1:{port}")).args(endpoint);
    let log = services.state.logs.join("stripe-peer.log");
    answering(Daemon::start("The stand-in for Stripe", &mut peer, &log, Signal::SIGTERM)?, port)
}

/// Waits until a program takes connections.
fn answering(mut daemon: Daemon, port: u16) -> Outcome<Daemon> {
    let deadline = Instant::now() + START_LIMIT;
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        signals::go_on()?;
        daemon.check()?;
        if Instant::now() > deadline {
            return Err(daemon.trouble("did not answer in time".to_owned()));
        }
        sleep(Duration::from_millis(20));
    }
    Ok(daemon)
}
