//! Ports on the loopback interface: a free one for us, and who holds one that is not free.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};

use crate::trouble::{Because, Outcome, Trouble};

/// The port asked for when it is free, else one the system picks.
pub(crate) fn free(wish: Option<u16>) -> Outcome<u16> {
    if let Some(port) = wish.filter(|port| is_free(*port)) {
        return Ok(port);
    }
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .and_then(|listener| listener.local_addr())
        .map(|address| address.port())
        .because("A free port on 127.0.0.1", "Check that the loopback interface is up")
}

/// Refuses with the holder's name when the port is taken.
pub(crate) fn demand(port: u16) -> Outcome {
    if is_free(port) {
        return Ok(());
    }
    let holder = holder(port).unwrap_or_else(|| "a process of another user".to_owned());
    Err(Trouble::new(
        format!("Port {port}"),
        format!("held by {holder}"),
        "Stop that process or choose another port with --port",
    ))
}

fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// The process that listens on the port, as `process 12 (command line)`.
fn holder(port: u16) -> Option<String> {
    let inode = listening_inode(port)?;
    let link = format!("socket:[{inode}]");
    let holds = |pid: &String| {
        let Ok(files) = fs::read_dir(format!("/proc/{pid}/fd")) else {
            return false;
        };
        files
            .flatten()
            .filter_map(|file| fs::read_link(file.path()).ok())
            .any(|target| target.to_string_lossy() == link)
    };
    let pid = processes().find(holds)?;
    Some(format!("process {pid} ({})", command_line(&pid)))
}

fn processes() -> impl Iterator<Item = String> {
    fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The command line of a process, shortened to what fits a sentence.
pub(crate) fn command_line(pid: &str) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).replace('\0', " ");
    text.trim().chars().take(120).collect()
}

fn listening_inode(port: u16) -> Option<String> {
    ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .find_map(|table| table.lines().find_map(|line| inode_of(line, port)))
}

/// A row is `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode …`, see
/// proc(5); state `0A` is LISTEN.
fn inode_of(row: &str, port: u16) -> Option<String> {
    let fields = row.split_whitespace().collect::<Vec<_>>();
    let (_, local) = fields.get(1)?.rsplit_once(':')?;
    let matches = u16::from_str_radix(local, 16).ok()? == port && *fields.get(3)? == "0A";
    matches.then(|| fields.get(9).map(ToString::to_string))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_holder_of_a_taken_port_is_named() -> Result<(), std::io::Error> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let port = listener.local_addr()?.port();
        let us = format!("process {} ", std::process::id());
        assert!(holder(port).is_some_and(|holder| holder.starts_with(&us)));
        Ok(())
    }

    #[test]
    fn a_connection_that_does_not_listen_holds_no_port() {
        let row = "1: 0100007F:0BB8 0100007F:1F90 01 0:0 0:0 0 0 0 77 1";
        assert_eq!(inode_of(row, 3000), None);
        assert_eq!(inode_of(&row.replace(" 01 ", " 0A "), 3000).as_deref(), Some("77"));
    }
}
