//! One command at a time may hold the kept services of a checkout.
//!
//! The system's file lock decides; the content of the file only tells who it is. So the lock of
//! a process that was killed is free again at once.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::Write;
use std::path::PathBuf;

use crate::files;
use crate::place::Place;
use crate::ports;
use crate::trouble::{Because, Outcome, Trouble};

/// Held as long as it lives.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of this checkout.
    ///
    /// # Errors
    /// Names the process that holds it.
    pub(crate) fn take(place: &Place) -> Outcome<Self> {
        place.make_state()?;
        let path = path(place);
        let mut file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .because(path.display(), "Check that you may write there")?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(held(place)),
            Err(TryLockError::Error(error)) => {
                return Err(error).because(path.display(), "Use a local file system");
            }
        }
        file.set_len(0)
            .and_then(|()| writeln!(file, "{}", std::process::id()))
            .because(path.display(), "Check the free space")?;
        Ok(Self { _file: file })
    }
}

/// The process that holds the lock, as far as it can be known.
pub(crate) fn holder(place: &Place) -> String {
    let pid = files::read(&path(place)).unwrap_or_default();
    format!("process {pid} ({})", ports::command_line(&pid))
}

fn held(place: &Place) -> Trouble {
    Trouble::new(
        "The services of this checkout",
        format!("held by {}", holder(place)),
        "Stop that process first, or use a second checkout",
    )
}

fn path(place: &Place) -> PathBuf {
    place.state.join("lock")
}
