//! Letters as files, for development and tests: `<letter id>.eml`, readable by the owner of the process
//! alone.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io::{self, Write as _},
    os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use super::{Delivery, DeliveryProblem, Message, Parcel, Sender, Sink};

/// A folder that takes letters.
#[derive(Clone, Debug)]
pub struct Folder {
    path: PathBuf,
    from: Sender,
}

impl Folder {
    /// Letters as files in `path`, which is made when the first one comes.
    #[must_use]
    pub fn new(path: PathBuf, from: Sender) -> Self {
        Self { path, from }
    }
}

impl Sink for Folder {
    fn deliver<'a>(&'a self, parcel: &'a Parcel) -> Delivery<'a> {
        Box::pin(async move {
            let message = Message::write(parcel, &self.from)?;
            let (folder, name) = (self.path.clone(), parcel.id.to_string());
            tokio::task::spawn_blocking(move || write(&folder, &name, &message.bytes))
                .await
                .map_err(io::Error::other)
                .flatten()
                .map_err(|error| DeliveryProblem::Later(format!("file system: {}", error.kind())))
        })
    }
}

/// Writes a file whole or not at all, and so that it survives a power cut. An attempt after a crash writes
/// the same bytes to the same name.
fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    if !folder.is_dir() {
        fs::create_dir_all(folder)?;
        fs::set_permissions(folder, Permissions::from_mode(0o700))?;
    }
    // Not ending in `.eml`, so that nobody who lists the letters sees half of one.
    let draft = folder.join(format!("{name}.draft"));
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&draft)?;
    // A draft that a crash left behind keeps its mode when it is opened again; it was made here with the same
    // one.
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&draft, folder.join(format!("{name}.eml")))?;
    // The new name is in the folder, which has to reach the disk as well.
    File::open(folder)?.sync_all()
}
