//! Running other programs to their end, without ever leaving one behind.
//!
//! Each gets a process group of its own, so that Ctrl-C reaches only this process and the end
//! comes in the right order: first the program that is running, then the services it uses.

use std::os::unix::process::CommandExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use crate::signals;
use crate::trouble::{Because, Outcome, Trouble};

const POLL: Duration = Duration::from_millis(20);
const GRACE: Duration = Duration::from_secs(10);
const FOREVER: Duration = Duration::from_hours(24);

/// Runs the program with our output and returns how it ended.
pub(crate) fn finish(command: &mut Command) -> Outcome<ExitStatus> {
    finish_within(command, FOREVER)
}

/// Runs the program; anything but success is trouble.
pub(crate) fn must(command: &mut Command, next: &str) -> Outcome {
    let status = finish(command)?;
    if status.success() {
        return Ok(());
    }
    Err(Trouble::new(shown(command), status, next))
}

/// Runs the program, and ends it when it takes longer than `limit`.
pub(crate) fn finish_within(command: &mut Command, limit: Duration) -> Outcome<ExitStatus> {
    signals::go_on()?;
    let name = shown(command);
    let mut child = command
        .stdin(Stdio::null())
        .process_group(0)
        .spawn()
        .because(&name, "Check that the program is installed and on PATH")?;
    let deadline = Instant::now() + limit;
    loop {
        if let Some(status) = child.try_wait().because(&name, "Start the command again")? {
            return Ok(status);
        }
        if signals::stopped() {
            end_group(&mut child, Signal::SIGTERM, GRACE);
            return Err(Trouble::Stopped);
        }
        if Instant::now() > deadline {
            end_group(&mut child, Signal::SIGTERM, GRACE);
            let reason = format!("took longer than {} s", limit.as_secs());
            return Err(Trouble::new(name, reason, "Try again on a quieter machine"));
        }
        sleep(POLL);
    }
}

/// Runs a short program and returns what it wrote to standard output, trimmed.
pub(crate) fn output(command: &mut Command, next: &str) -> Outcome<String> {
    let name = shown(command);
    let result = command
        .stdin(Stdio::null())
        .output()
        .because(&name, "Check that the program is installed and on PATH")?;
    if !result.status.success() {
        let errors = String::from_utf8_lossy(&result.stderr);
        let reason = format!("{}: {}", result.status, errors.trim());
        return Err(Trouble::new(name, reason, next));
    }
    Ok(String::from_utf8_lossy(&result.stdout).trim().to_owned())
}

/// Signals the group of a child, waits, and uses force after `grace`.
pub(crate) fn end_group(child: &mut Child, signal: Signal, grace: Duration) {
    let Ok(group) = i32::try_from(child.id()).map(Pid::from_raw) else {
        return;
    };
    let _ = killpg(group, signal);
    let deadline = Instant::now() + grace;
    while Instant::now() < deadline {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        sleep(POLL);
    }
    let _ = killpg(group, Signal::SIGKILL);
    let _ = child.wait();
}

/// The program and its first words: enough to recognize it, too little to leak a password.
fn shown(command: &Command) -> String {
    let words = command.get_args().take(3).map(|word| word.to_string_lossy());
    let mut text = command.get_program().to_string_lossy().into_owned();
    for word in words {
        text.push(' ');
        text.push_str(&word);
    }
    format!("`{text}`")
}
