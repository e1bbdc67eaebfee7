//! Rust's standard library for the browser, `wasm32-unknown-unknown`.
//!
//! rustup brings it in seconds. Where rustup cannot reach its server, the library is built from
//! Debian's copy of its source, which takes half a minute.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::rust_source;
use crate::files;
use crate::place::Place;
use crate::process;
use crate::say;
use crate::trouble::{Because, Outcome, Trouble};

pub(super) const TARGET: &str = "wasm32-unknown-unknown";
const RUSTUP_LIMIT: Duration = Duration::from_secs(30);
const OBJECT: &str = "The browser target wasm32-unknown-unknown";

/// Makes sure that the compiler can compile for the browser.
pub(super) fn ensure(place: &Place) -> Outcome {
    if is_usable(place)? {
        return Ok(());
    }
    say::note("Installing Rust's standard library for the browser with rustup.");
    let mut rustup = Command::new("rustup");
    rustup.args(["target", "add", TARGET]).current_dir(&place.root);
    let added = process::finish_within(&mut rustup, RUSTUP_LIMIT);
    if matches!(added, Err(Trouble::Stopped)) {
        return Err(Trouble::Stopped);
    }
    if is_usable(place)? {
        return Ok(());
    }
    say::note("rustup could not; building it from Debian's source package (about a minute).");
    build(place)?;
    if is_usable(place)? {
        return Ok(());
    }
    let next = "Run `rustup target add wasm32-unknown-unknown` where the network allows it";
    Err(Trouble::new(OBJECT, "built, but the compiler does not accept it", next))
}

/// Asks the compiler itself: files alone do not tell whether they fit this compiler's version.
fn is_usable(place: &Place) -> Outcome<bool> {
    let folder = place.cache.join("probe");
    files::folder(&folder, 0o755)?;
    let mut child = Command::new("rustc")
        .current_dir(&place.root)
        .args(["--target", TARGET, "--crate-type", "lib", "--crate-name", "probe"])
        .args(["--emit", "metadata", "-o"])
        .arg(folder.join(format!("{}.rmeta", std::process::id())))
        .arg("-")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .because("rustc", "Install Rust with rustup")?;
    if let Some(mut input) = child.stdin.take() {
        let _ = input.write_all(b"pub fn probe() -> std::string::String { Default::default() }");
    }
    let status = child.wait().because("rustc", "Install Rust with rustup")?;
    files::remove_folder(&folder)?;
    Ok(status.success())
}

fn build(place: &Place) -> Outcome {
    let mut rustc = Command::new("rustc");
    rustc.args(["--print", "sysroot"]).current_dir(&place.root);
    let sysroot = PathBuf::from(process::output(&mut rustc, "Install Rust with rustup")?);
    let work = place.cache.join("browser-target");
    files::remove_folder(&work)?;
    files::folder(&work, 0o755)?;
    // Where cargo looks for it; one that is there already came with rustup and fits.
    let source = sysroot.join("lib/rustlib/src/rust/library");
    let is_ours = !source.join("Cargo.lock").exists();
    if is_ours {
        rust_source::fetch(&work, &source)?;
    }
    let compiled = compile(&work);
    if is_ours {
        // rustup would stumble over files in its folders that it does not know.
        files::remove_folder(&source)?;
    }
    compiled?;
    let built = work.join("target").join(TARGET).join("release/deps");
    let home = sysroot.join("lib/rustlib").join(TARGET).join("lib");
    install(&built, &home)?;
    // What was compiled against another copy of the library does not fit this one, and cargo would not notice.
    for stale in [TARGET, "front"] {
        files::remove_folder(&place.target.join(stale))?;
    }
    files::remove_folder(&work)
}

/// Builds an empty crate together with the standard library it stands on.
fn compile(work: &Path) -> Outcome {
    let krate = work.join("crate");
    files::folder(&krate.join("src"), 0o755)?;
    let manifest = "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n";
    files::write(&krate.join("Cargo.toml"), manifest)?;
    files::write(&krate.join("src/lib.rs"), "")?;
    let mut cargo = Command::new("cargo");
    cargo
        .current_dir(&krate)
        .env("CARGO_TARGET_DIR", work.join("target"))
        // Building the standard library is an unstable feature of cargo; the library itself is
        // the one that belongs to this compiler.
        .env("RUSTC_BOOTSTRAP", "1")
        .args(["build", "--quiet", "--release", "--target", TARGET])
        .arg("-Zbuild-std=std,panic_abort,panic_unwind");
    process::must(&mut cargo, "Read the compiler's message above")
}

/// Replaces the libraries of the target: a mixture of two builds would confuse the compiler.
fn install(built: &Path, home: &Path) -> Outcome {
    files::remove_folder(home)?;
    files::folder(home, 0o755)?;
    let entries = fs::read_dir(built).because(built.display(), "Try again")?;
    for path in entries.flatten().map(|entry| entry.path()) {
        let is_library = path.extension().is_some_and(|extension| extension == "rlib");
        let Some(name) = path.file_name().filter(|_| is_library) else {
            continue;
        };
        if !name.to_string_lossy().starts_with("libempty-") {
            fs::copy(&path, home.join(name)).because(home.display(), "Check the rights there")?;
        }
    }
    Ok(())
}
