//! The source of Rust's standard library, from Debian's package `rust-src`.
//!
//! The package must have the version of the installed compiler, and is in another suite than the
//! system's own. So apt is called with folders of ours: the system's sources, lists and packages
//! stay as they are. The mirror is the one the system uses already.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::files;
use crate::process;
use crate::say;
use crate::trouble::{Because, Outcome, Trouble};

const OBJECT: &str = "The source of Rust's standard library";
const BY_HAND: &str = "Run `rustup component add rust-src` where the network allows it";
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";
/// From the likeliest on; new compilers reach the later ones first.
const SUITES: [&str; 4] = ["trixie-backports", "forky", "sid", "trixie"];

/// Puts the library's source into `destination`, working in `work`.
pub(super) fn fetch(work: &Path, destination: &Path) -> Outcome {
    let version = compiler_version()?;
    let apt = PrivateApt::new(work)?;
    for suite in SUITES {
        let Some(package) = apt.find(suite, &version)? else {
            continue;
        };
        say::note(format_args!("Fetching rust-src {package} from Debian's {suite}."));
        apt.download(&package)?;
        return unpack(work, destination);
    }
    let reason = format!("no suite of Debian has rust-src {version}");
    Err(Trouble::new(OBJECT, reason, BY_HAND))
}

fn compiler_version() -> Outcome<String> {
    let text = process::output(Command::new("rustc").arg("--version"), "Install Rust")?;
    let version = text.split_whitespace().nth(1).unwrap_or_default();
    Ok(version.to_owned())
}

/// apt with its sources, lists and cache in a folder of ours.
struct PrivateApt {
    folder: PathBuf,
    mirror: String,
}

impl PrivateApt {
    fn new(work: &Path) -> Outcome<Self> {
        let folder = work.join("apt");
        for inner in ["lists/partial", "cache/archives/partial", "packages"] {
            files::folder(&folder.join(inner), 0o755)?;
        }
        let mut command = Command::new("apt-get");
        command.args(["indextargets", "--format", "$(REPO_URI)"]);
        let addresses = process::output(&mut command, BY_HAND)?;
        let mirror = addresses
            .lines()
            .find(|line| line.trim_end_matches('/').ends_with("/debian"))
            .ok_or_else(|| Trouble::new(OBJECT, "the system has no Debian mirror", BY_HAND))?
            .to_owned();
        Ok(Self { folder, mirror })
    }

    /// The package's version in this suite that belongs to the compiler, if it has it.
    fn find(&self, suite: &str, version: &str) -> Outcome<Option<String>> {
        let list = format!("deb [signed-by={KEYRING}] {} {suite} main\n", self.mirror);
        files::write(&self.folder.join("sources.list"), &list)?;
        if process::output(self.apt("apt-get").args(["update", "-qq"]), BY_HAND).is_err() {
            return Ok(None);
        }
        let table = process::output(self.apt("apt-cache").args(["madison", "rust-src"]), BY_HAND)?;
        let wanted = format!("{version}+dfsg");
        let found = table
            .lines()
            .filter_map(|line| line.split('|').nth(1))
            .map(str::trim)
            .find(|found| found.starts_with(&wanted));
        Ok(found.map(str::to_owned))
    }

    fn download(&self, version: &str) -> Outcome {
        let mut command = self.apt("apt-get");
        command.args(["download", "-qq", &format!("rust-src={version}")]);
        command.current_dir(self.folder.join("packages"));
        process::must(&mut command, BY_HAND)
    }

    fn apt(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        let mut set = |name: &str, path: &Path| {
            command.arg("-o").arg(format!("{name}={}", path.display()));
        };
        set("Dir::Etc::SourceList", &self.folder.join("sources.list"));
        set("Dir::Etc::SourceParts", Path::new("/dev/null"));
        set("Dir::State::Lists", &self.folder.join("lists"));
        set("Dir::Cache", &self.folder.join("cache"));
        // apt's own unprivileged user may not reach our folder.
        command.args(["-o", "APT::Sandbox::User=root"]);
        command
    }
}

/// Takes only the library out of the package.
fn unpack(work: &Path, destination: &Path) -> Outcome {
    let packages = work.join("apt/packages");
    let package = only_entry(&packages)?;
    let source = work.join("source");
    files::folder(&source, 0o755)?;
    let mut reader = Command::new("dpkg-deb")
        .arg("--fsys-tarfile")
        .arg(&package)
        .stdout(Stdio::piped())
        .spawn()
        .because("dpkg-deb", "Install dpkg")?;
    let mut tar = Command::new("tar");
    // `-C` counts only for what is named after it.
    tar.args(["-x", "-f", "-", "-C"]).arg(&source).args(["--wildcards", "./usr/src/rustc-*/library"]);
    if let Some(output) = reader.stdout.take() {
        tar.stdin(output);
    }
    let unpacked = tar.status().because("tar", "Install tar")?;
    let read = reader.wait().because("dpkg-deb", BY_HAND)?;
    if !unpacked.success() || !read.success() {
        return Err(Trouble::new(OBJECT, "the package could not be unpacked", BY_HAND));
    }
    let library = only_entry(&source.join("usr/src"))?.join("library");
    place(&library, destination)
}

/// Copies the library; the cache and the toolchain may be on different file systems.
fn place(library: &Path, destination: &Path) -> Outcome {
    files::remove_folder(destination)?;
    if let Some(parent) = destination.parent() {
        files::folder(parent, 0o755)?;
    }
    let mut copy = Command::new("cp");
    copy.arg("-a").arg(library).arg(destination);
    process::must(&mut copy, "Check the rights in the toolchain's folder")
}

fn only_entry(folder: &Path) -> Outcome<PathBuf> {
    fs::read_dir(folder)
        .because(folder.display(), BY_HAND)?
        .flatten()
        .map(|entry| entry.path())
        .next()
        .ok_or_else(|| Trouble::new(folder.display(), "is empty", BY_HAND))
}
