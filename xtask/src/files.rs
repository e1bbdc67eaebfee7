//! Files and folders with the modes they must have.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

use crate::trouble::{Because, Outcome};

const CHECK_RIGHTS: &str = "Check that you may write there";

/// Makes a folder, and its parents, with this mode; an existing one gets the mode.
pub(crate) fn folder(path: &Path, mode: u32) -> Outcome {
    DirBuilder::new().recursive(true).mode(mode).create(path).because(path.display(), CHECK_RIGHTS)?;
    fs::set_permissions(path, Permissions::from_mode(mode)).because(path.display(), CHECK_RIGHTS)
}

/// Writes a file that only its owner can read. The mode is set before the content is there.
pub(crate) fn private(path: &Path, content: &str) -> Outcome {
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .because(path.display(), CHECK_RIGHTS)?;
    file.set_permissions(Permissions::from_mode(0o600)).because(path.display(), CHECK_RIGHTS)?;
    file.write_all(content.as_bytes()).because(path.display(), "Check the free space")
}

/// Writes an ordinary file.
pub(crate) fn write(path: &Path, content: &str) -> Outcome {
    fs::write(path, content).because(path.display(), CHECK_RIGHTS)
}

/// Reads a file, trimmed; `None` when there is none.
pub(crate) fn read(path: &Path) -> Option<String> {
    fs::read_to_string(path).ok().map(|text| text.trim().to_owned())
}

/// Deletes a folder with everything in it; fine when there is none.
pub(crate) fn remove_folder(path: &Path) -> Outcome {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error).because(path.display(), CHECK_RIGHTS),
        _ => Ok(()),
    }
}

/// The secret in this file, made of 32 random bytes in hexadecimal when it does not exist yet.
pub(crate) fn secret(path: &Path) -> Outcome<String> {
    if let Some(secret) = read(path).filter(|secret| !secret.is_empty()) {
        return Ok(secret);
    }
    let mut bytes = [0_u8; 32];
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(&mut bytes))
        .because("/dev/urandom", "Check that /dev is mounted")?;
    let secret = bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    private(path, &secret)?;
    Ok(secret)
}
