//! The keys of the vault: given by the operator, or made once by a development server.

use std::{
    fs::{self, OpenOptions, Permissions},
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use domain::platform::vault::{Keyring, KeyringProblem};
use secrecy::ExposeSecret as _;

use crate::config::{Config, DEVELOPMENT_MARK};

/// Why there are no keys.
#[derive(Debug, thiserror::Error)]
pub enum KeysProblem {
    /// The text is no keyring.
    #[error(transparent)]
    Text(#[from] KeyringProblem),
    /// The file of a development server.
    #[error("{path}: {error}")]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

/// The ring of this process.
///
/// # Errors
/// [`KeysProblem`].
pub(crate) fn keyring(config: &Config) -> Result<Keyring, KeysProblem> {
    if let Some(keys) = &config.security.vault_keys {
        return Ok(Keyring::parse(keys.expose_secret())?);
    }
    // Production never comes here: without keys its configuration is refused.
    let path = config.secrets.folder.join("vault.keys");
    let file = |error| KeysProblem::File { path: path.clone(), error };
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Keyring::parse(&text)?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make(&config.secrets.folder, &path).map_err(file)?;
            Ok(Keyring::parse(&fs::read_to_string(&path).map_err(file)?)?)
        }
        Err(error) => Err(file(error)),
    }
}

/// Writes a new ring, readable by the owner alone. Of two processes that start at once only one makes the file.
fn make(folder: &Path, path: &Path) -> io::Result<()> {
    if !folder.is_dir() {
        fs::create_dir_all(folder)?;
        fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    }
    let draft = folder.join(format!("vault.keys.{}", std::process::id()));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    writeln!(file, "{DEVELOPMENT_MARK}")?;
    file.write_all(Keyring::generate().text().as_bytes())?;
    file.sync_all()?;
    // A link fails when the name is taken, so that the first one wins and nobody reads half a file.
    match fs::hard_link(&draft, path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        _ => fs::remove_file(&draft),
    }
}
