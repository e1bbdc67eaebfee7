//! The environment the server is started in.

use std::path::Path;
use std::process::Command;

use crate::place::Place;
use crate::ports;
use crate::services::Services;
use crate::services::schema::CHECK;
use crate::trouble::Outcome;

/// Names and values, in the order they are printed.
pub(crate) type Environment = Vec<(&'static str, String)>;

/// What `gatehouse` needs to run against these services on this port.
pub(crate) fn server(place: &Place, services: &Services, ports: Ports) -> Environment {
    let site = text(&place.site());
    let listen = format!("127.0.0.1:{}", ports.public);
    vec![
        ("GATEHOUSE_PROFILE", "development".to_owned()),
        ("GATEHOUSE_HTTP_LISTEN", listen.clone()),
        ("GATEHOUSE_HTTP_PUBLIC_URL", format!("http://{listen}")),
        ("GATEHOUSE_HTTP_METRICS_LISTEN", format!("127.0.0.1:{}", ports.metrics)),
        ("GATEHOUSE_HTTP_SITE_ROOT", site.clone()),
        ("GATEHOUSE_DATABASE_URL", services.postgres.url("gatehouse")),
        ("GATEHOUSE_REDIS_URL", services.redis.url()),
        ("GATEHOUSE_MAIL_FOLDER", text(&services.state.mail)),
        ("GATEHOUSE_SECRETS_FOLDER", text(&services.state.secrets)),
        ("LEPTOS_OUTPUT_NAME", "gatehouse".to_owned()),
        ("LEPTOS_SITE_ROOT", site),
        ("LEPTOS_SITE_ADDR", listen),
        ("LEPTOS_HASH_FILES", "true".to_owned()),
    ]
}

/// What compile-time checked queries and tests need; `database` is on the same cluster.
pub(crate) fn developer(services: &Services) -> Environment {
    vec![("DATABASE_URL", services.postgres.url(CHECK)), ("GATEHOUSE_TEST_REDIS_URL", services.redis.url())]
}

/// The two addresses the server listens on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ports {
    pub(crate) public: u16,
    pub(crate) metrics: u16,
}

impl Ports {
    /// Two that nobody holds.
    pub(crate) fn free() -> Outcome<Self> {
        Ok(Self { public: ports::free(None)?, metrics: ports::free(None)? })
    }
}

impl Default for Ports {
    fn default() -> Self {
        Self { public: 3000, metrics: 3900 }
    }
}

/// Gives the variables to a command.
pub(crate) fn give(command: &mut Command, environment: &Environment) {
    command.envs(environment.iter().map(|(name, value)| (name, value)));
}

/// Lines a shell can read. The values hold no quote: paths of ours, hexadecimal secrets.
pub(crate) fn exports(environment: &Environment) -> String {
    environment.iter().fold(String::new(), |text, (name, value)| format!("{text}export {name}='{value}'\n"))
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
