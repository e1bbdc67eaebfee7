//! A program that runs beside us until we end it.

use std::fs::File;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;
use nix::unistd::User;

use crate::process;
use crate::trouble::{Because, Outcome, Trouble};

/// Postgres gets the time of a checkpoint, the server that of its longest request.
const GRACE: Duration = Duration::from_secs(30);

/// A running program; dropping it ends it.
#[derive(Debug)]
pub(crate) struct Daemon {
    name: &'static str,
    log: PathBuf,
    child: Child,
    farewell: Signal,
}

impl Daemon {
    /// Starts the program in a process group of its own, with its output in `log`.
    ///
    /// `farewell` is the signal that asks this program for an orderly end.
    pub(crate) fn start(
        name: &'static str,
        command: &mut Command,
        log: &Path,
        farewell: Signal,
    ) -> Outcome<Self> {
        let output = File::create(log).because(log.display(), "Check that you may write there")?;
        let errors = output.try_clone().because(log.display(), "Start the command again")?;
        let child = command
            .stdin(Stdio::null())
            .stdout(output)
            .stderr(errors)
            .process_group(0)
            .spawn()
            .because(name, "Check that the program is installed")?;
        let log = log.to_path_buf();
        Ok(Self { name, log, child, farewell })
    }

    /// Its process, for whoever measures it.
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    /// Fails when the program has ended by itself.
    pub(crate) fn check(&mut self) -> Outcome {
        match self.child.try_wait() {
            Ok(None) => Ok(()),
            Ok(Some(status)) => Err(self.trouble(format!("ended by itself ({status})"))),
            Err(error) => Err(self.trouble(error.to_string())),
        }
    }

    /// Trouble with this program, with the place where its own words are.
    pub(crate) fn trouble(&self, reason: String) -> Trouble {
        let next = format!("Its log is {}", self.log.display());
        Trouble::new(self.name, reason, next)
    }

    /// Ends it as a power cut would: at once, and without a word to it.
    pub(crate) fn kill(&mut self) {
        process::end_group(&mut self.child, Signal::SIGKILL, GRACE);
    }

    /// Asks for an orderly end, and uses force when that takes too long.
    pub(crate) fn end(&mut self) {
        process::end_group(&mut self.child, self.farewell, GRACE);
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.end();
    }
}

/// A command that the kernel signals when this process is killed, as `user` where one is given.
///
/// `setpriv` sets both and then becomes the program, so the process id is the program's own. The
/// signal has to be set after the change of user, which clears it; so `runuser` would not do.
pub(crate) fn tied(program: &Path, death: &str, user: Option<&User>) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", death]);
    if let Some(user) = user {
        command.args(["--reuid", &user.uid.to_string()]);
        command.args(["--regid", &user.gid.to_string()]);
        command.arg("--init-groups");
    }
    command.arg("--").arg(program);
    command
}
