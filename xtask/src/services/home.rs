//! Where the database cluster lives, and how its folders go away again.
//!
//! `postgres` refuses to run as root. Its own user must then reach the data, which it cannot when
//! the checkout is in a closed home folder; the cluster moves to `/var/lib` in that case.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use nix::unistd::{Uid, User};

use crate::files;
use crate::hash;
use crate::trouble::{Because, Outcome, Trouble};

/// The user Postgres must run as; `None` means ourselves.
pub(crate) fn owner() -> Outcome<Option<User>> {
    if !Uid::effective().is_root() {
        return Ok(None);
    }
    let missing = || {
        let reason = "the user does not exist, and Postgres refuses to run as root";
        Trouble::new("User postgres", reason, "Install the postgresql package")
    };
    User::from_name("postgres").because("User postgres", "Check /etc/passwd")?.ok_or_else(missing).map(Some)
}

/// The data folder for the services in `folder`; made, empty or filled, and owned by `owner`.
pub(crate) fn cluster(folder: &Path, owner: Option<&User>) -> Outcome<PathBuf> {
    let path = cluster_path(folder);
    if let Some(parent) = path.parent().filter(|parent| !parent.exists()) {
        files::folder(parent, 0o711)?;
    }
    files::folder(&path, 0o700)?;
    if let Some(user) = owner {
        chown(&path, Some(user.uid.as_raw()), Some(user.gid.as_raw()))
            .because(path.display(), "Check the rights of that folder")?;
    }
    Ok(path)
}

fn cluster_path(folder: &Path) -> PathBuf {
    if !Uid::effective().is_root() || is_open(folder) {
        return folder.join("postgres");
    }
    outside(folder).join("postgres")
}

/// The same folder for the same checkout, so that a cluster is found again.
fn outside(folder: &Path) -> PathBuf {
    let name = hash::of(folder.as_os_str().as_encoded_bytes());
    PathBuf::from(format!("/var/lib/gatehouse-{name}"))
}

/// Whether any user may pass through every folder on the way.
fn is_open(folder: &Path) -> bool {
    folder.ancestors().all(|step| {
        // What does not exist yet will be made by us, open.
        fs::metadata(step).map_or(true, |data| data.permissions().mode() & 0o001 != 0)
    })
}

/// Deletes the cluster of the services in `folder`.
pub(crate) fn remove_cluster(folder: &Path) -> Outcome {
    files::remove_folder(&outside(folder))?;
    files::remove_folder(&folder.join("postgres"))
}

/// Deletes everything of the services in `folder`.
pub(crate) fn remove(folder: &Path) -> Outcome {
    remove_cluster(folder)?;
    files::remove_folder(folder)
}

/// Deletes what killed commands left behind: folders named by a process that is no more.
pub(crate) fn remove_abandoned(parent: &Path) -> Outcome {
    for entry in fs::read_dir(parent).into_iter().flatten().flatten() {
        let alive = Path::new("/proc").join(entry.file_name()).exists();
        if !alive {
            remove(&entry.path())?;
        }
    }
    Ok(())
}
