//! A Redis of our own. It may vanish at any moment, so it writes nothing to disk.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::{Daemon, State, pick_port, tied};
use crate::files;
use crate::signals;
use crate::trouble::Outcome;

const START_LIMIT: Duration = Duration::from_secs(20);

/// A running Redis.
#[derive(Debug)]
pub(crate) struct Redis {
    pub(crate) daemon: Daemon,
    port: u16,
    password: String,
}

impl Redis {
    /// Starts it and waits until it answers.
    pub(crate) fn start(state: &State) -> Outcome<Self> {
        let folder = state.folder.join("redis");
        files::folder(&folder, 0o700)?;
        let password = files::secret(&state.secrets.join("redis"))?;
        let port = pick_port(state, "redis-port")?;
        // A file keeps the password out of the list of processes.
        let config = folder.join("redis.conf");
        files::private(&config, &settings(&folder, port, &password))?;
        let mut command = tied(Path::new("redis-server"), "TERM", None);
        command.arg(&config);
        let log = state.logs.join("redis.log");
        let daemon = Daemon::start("Redis", &mut command, &log, Signal::SIGTERM)?;
        let mut redis = Self { daemon, port, password };
        redis.wait()?;
        Ok(redis)
    }

    /// The address with the password in it.
    pub(crate) fn url(&self) -> String {
        format!("redis://default:{}@127.0.0.1:{}/0", self.password, self.port)
    }

    fn wait(&mut self) -> Outcome {
        let deadline = Instant::now() + START_LIMIT;
        while !self.answers() {
            signals::go_on()?;
            self.daemon.check()?;
            if Instant::now() > deadline {
                return Err(self.daemon.trouble("did not answer in time".to_owned()));
            }
            sleep(Duration::from_millis(20));
        }
        Ok(())
    }

    fn answers(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)) else {
            return false;
        };
        let limit = Some(Duration::from_secs(1));
        let question = format!("AUTH {}\r\n", self.password);
        let mut answer = [0_u8; 3];
        stream.set_read_timeout(limit).is_ok()
            && stream.write_all(question.as_bytes()).is_ok()
            && stream.read_exact(&mut answer).is_ok()
            && answer == *b"+OK"
    }
}

fn settings(folder: &Path, port: u16, password: &str) -> String {
    format!(
        "bind 127.0.0.1\nport {port}\nprotected-mode yes\nrequirepass {password}\n\
         dir \"{}\"\nappendonly no\nsave \"\"\ndaemonize no\nunixsocket \"\"\n\
         maxmemory 256mb\nmaxmemory-policy noeviction\n",
        folder.display()
    )
}
