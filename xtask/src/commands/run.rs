//! `run`: from a fresh checkout to a page in the browser.

use std::thread::sleep;
use std::time::Duration;

use crate::environment::{self, Ports};
use crate::leptos::{self, Profile};
use crate::lock::Lock;
use crate::place::Place;
use crate::ports;
use crate::process;
use crate::say;
use crate::server::Server;
use crate::services::{self, Daemon, Keep, Services};
use crate::setup::{self, Need};
use crate::signals;
use crate::trouble::{Outcome, Trouble};

/// What was asked for on the command line.
#[derive(Debug)]
pub(crate) struct Options {
    port: u16,
    watch: bool,
    fresh: bool,
    profile: Profile,
}

impl Options {
    /// Reads `[--port N] [--watch] [--fresh] [--debug]`.
    pub(crate) fn parse(words: &[String]) -> Outcome<Self> {
        let mut options =
            Self { port: Ports::default().public, watch: false, fresh: false, profile: Profile::Release };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_str() {
                "--port" => options.port = parse_port(words.next())?,
                "--watch" => options.watch = true,
                "--fresh" => options.fresh = true,
                "--debug" => options.profile = Profile::Debug,
                other => {
                    let next = "Use --port, --watch, --fresh or --debug";
                    return Err(Trouble::new(other, "not an option of `run`", next));
                }
            }
        }
        Ok(options)
    }
}

fn parse_port(word: Option<&String>) -> Outcome<u16> {
    word.and_then(|word| word.parse().ok())
        .filter(|port| *port > 0)
        .ok_or_else(|| Trouble::new("--port", "needs a number", "Say for example --port 3000"))
}

/// Builds, starts, tells the address, and waits for Ctrl-C.
pub(crate) fn run(place: &Place, options: &Options) -> Outcome {
    let _lock = Lock::take(place)?;
    ports::demand(options.port)?;
    if options.fresh {
        services::forget(place)?;
    }
    setup::ensure(place, Need::Build)?;
    let mut services = Services::start(place, Keep::Always)?;
    let profile = if options.watch { Profile::Debug } else { options.profile };
    say::note("Building; the first time takes some minutes.");
    leptos::build(place, profile)?;
    // Building takes long enough for somebody else to take the port.
    ports::demand(options.port)?;
    let ports = Ports { public: options.port, metrics: ports::free(Some(metrics_port(options.port)))? };
    let server = Server::new(place, &services, ports, profile.program(place));
    server.migrate()?;
    let link = server.invite_administrator()?;
    if options.watch {
        tell(place, &server, link.as_deref());
        return watch(place, &services, ports);
    }
    let mut daemon = server.serve()?;
    tell(place, &server, link.as_deref());
    wait(&mut daemon, &mut services)
}

/// The same distance as in the defaults, so that two checkouts can run beside each other.
fn metrics_port(public: u16) -> u16 {
    let Ports { public: usual, metrics } = Ports::default();
    public.checked_add(metrics - usual).unwrap_or(metrics)
}

fn tell(place: &Place, server: &Server, link: Option<&str>) {
    let address = server.address();
    let mail = place.state.join("mail");
    say::result(format_args!("\nGatehouse is at   {address}"));
    say::result(format_args!("Letters go to     {} and {address}/dev/mail", mail.display()));
    if let Some(link) = link {
        let file = server.admin_file().display();
        say::result(format_args!("First sign-in     {link}  (also in {file})"));
    }
    say::result(format_args!("Log               {}", server.log().display()));
    say::result("Ctrl-C stops everything.\n");
}

fn wait(daemon: &mut Daemon, services: &mut Services) -> Outcome {
    while !signals::stopped() {
        daemon.check()?;
        services.check()?;
        sleep(Duration::from_millis(100));
    }
    say::note("Stopping.");
    // The server first, while what its last requests need is still there.
    daemon.end();
    Ok(())
}

/// Rebuilds and restarts on every change; queries are checked against the live database.
fn watch(place: &Place, services: &Services, ports: Ports) -> Outcome {
    services.postgres.remake_check_database(&place.root.join("migrations"))?;
    let mut variables = environment::developer(services);
    variables.extend(environment::server(place, services, ports));
    // cargo-leptos sets it for the server, and must not take it for its own.
    variables.retain(|(name, _)| *name != "LEPTOS_SITE_ROOT");
    let mut command = leptos::command(place, "watch", Profile::Debug)?;
    environment::give(&mut command, &variables);
    command.env("SQLX_OFFLINE", "false").args(["--", "serve"]);
    match process::must(&mut command, "Read the message above") {
        Err(Trouble::Stopped) => Ok(()),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(words: &[&str]) -> Outcome<Options> {
        Options::parse(&words.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn a_port_is_a_number_between_1_and_65535() {
        assert!(parse(&["--port", "3100"]).is_ok_and(|options| options.port == 3100));
        for wrong in [&["--port"] as &[&str], &["--port", "0"], &["--port", "70000"]] {
            assert!(parse(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn an_unknown_option_is_refused() {
        assert!(parse(&["--prot"]).is_err());
    }
}
