//! Where the database cluster lives, and how its folders go away again.
//!
//! `postgres` refuses to run as root. Its own user must then reach the data, which it cannot when
//! the checkout is in a closed home folder; the cluster moves to `/var/lib` in that case. One that lives as long as a command
//! is in memory where there is enough: each test makes and removes a database of nearly a thousand files.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};

use nix::sys::statvfs::statvfs;
use nix::unistd::{Uid, User};

use super::{Keep, State};
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

/// Memory that looks like a disk.
const MEMORY: &str = "/dev/shm";
/// So many bytes of it have to be free: several times what a whole run writes.
const FREE: u64 = 4 << 30;
/// So many bytes of the machine's memory have to be: compilers and browsers need theirs.
const AVAILABLE: u64 = 8 << 30;

/// The data folder for these services; made, empty or filled, and owned by `owner`.
pub(crate) fn cluster(state: &State, owner: Option<&User>) -> Outcome<PathBuf> {
    let path = cluster_path(state);
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

/// The same at each start of the same services, whatever is free by then.
fn cluster_path(state: &State) -> PathBuf {
    let [disk, memory] = [on_disk(&state.folder), in_memory(&state.folder).join("postgres")];
    let is_in_memory = state.keep == Keep::Briefly && !disk.exists() && (memory.exists() || is_enough_free());
    if is_in_memory { memory } else { disk }
}

fn is_enough_free() -> bool {
    let free =
        statvfs(MEMORY).is_ok_and(|it| it.blocks_available().saturating_mul(it.fragment_size()) >= FREE);
    let told = files::read(Path::new("/proc/meminfo")).unwrap_or_default();
    free && available(&told).is_some_and(|bytes| bytes >= AVAILABLE)
}

/// The bytes that new programs could have, as the kernel says: `MemAvailable:    2048 kB`.
fn available(meminfo: &str) -> Option<u64> {
    let line = meminfo.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kilobytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    kilobytes.checked_mul(1024)
}

fn on_disk(folder: &Path) -> PathBuf {
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

fn in_memory(folder: &Path) -> PathBuf {
    let name = hash::of(folder.as_os_str().as_encoded_bytes());
    PathBuf::from(format!("{MEMORY}/gatehouse-{name}"))
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
    files::remove_folder(&in_memory(folder))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_available_is_read_in_bytes() {
        let told = "MemTotal:       24000000 kB\nMemFree:         1000000 kB\nMemAvailable:   19000000 kB\n";
        assert_eq!(available(told), Some(19_000_000 * 1024));
        assert_eq!(available("MemTotal:       24000000 kB\n"), None);
    }

    #[test]
    fn only_what_lives_briefly_is_in_memory() {
        let folder = std::env::temp_dir().join(format!("gatehouse-home-{}", std::process::id()));
        let inner = |name: &str| folder.join(name);
        let state = |keep| State {
            keep,
            folder: folder.clone(),
            secrets: inner("secrets"),
            mail: inner("mail"),
            logs: inner("logs"),
        };
        for keep in [Keep::Always, Keep::ForMeasuring] {
            assert!(!cluster_path(&state(keep)).starts_with(MEMORY), "{keep:?}");
        }
        let disk = on_disk(&folder);
        fs::create_dir_all(&disk).expect("a cluster that was begun there");
        assert_eq!(cluster_path(&state(Keep::Briefly)), disk, "it stays where it is");
        remove(&folder).expect("removes");
    }
}
