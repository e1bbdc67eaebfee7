//! Cargo's helpers, in exactly the versions this project was built with, in the user's cache.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Need, on_path};
use crate::files;
use crate::place::Place;
use crate::process;
use crate::say;
use crate::trouble::{Outcome, Trouble};

const CARGO_LEPTOS: &str = "0.3.11";
const CARGO_NEXTEST: &str = "0.9.143";

/// Where the helpers spend their time once the compiler is done.
const BUSY: [&str; 9] = [
    "brotli",
    "cargo-leptos",
    "gimli",
    "id-arena",
    "walrus",
    "wasm-bindgen-cli-support",
    "wasm-encoder",
    "wasm_split_cli_support",
    "wasmparser",
];

/// One helper and how `cargo install` makes it.
struct Tool {
    krate: &'static str,
    program: &'static str,
    version: String,
    options: &'static [&'static str],
    minutes: u32,
}

/// Installs what is missing.
pub(super) fn ensure(place: &Place, need: Need) -> Outcome {
    let mut missing = Vec::new();
    for tool in wanted(place, need)? {
        if !tool.folder(place).join(tool.program).is_file() {
            missing.push(tool);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    // Shared by the installs, because they have many crates in common, and worthless afterwards.
    let build = place.cache.join("tools/build");
    for tool in &missing {
        tool.install(place, &build)?;
    }
    files::remove_folder(&build)
}

/// The folders for PATH; of nextest only when the machine has none.
pub(super) fn folders(place: &Place) -> Vec<PathBuf> {
    wanted(place, Need::Test).unwrap_or_default().iter().map(|tool| tool.folder(place)).collect()
}

fn wanted(place: &Place, need: Need) -> Outcome<Vec<Tool>> {
    let mut tools = vec![
        Tool {
            krate: "cargo-leptos",
            program: "cargo-leptos",
            version: CARGO_LEPTOS.to_owned(),
            // One dependency claims a newer compiler than it needs. Without `no_downloads` it
            // would fetch the tools that npm has brought already.
            options: &[
                "--locked",
                "--ignore-rust-version",
                "--no-default-features",
                "--features",
                "no_downloads",
            ],
            minutes: 8,
        },
        Tool {
            krate: "wasm-bindgen-cli",
            program: "wasm-bindgen",
            version: locked_wasm_bindgen(&place.root)?,
            // Not `--locked`: its lock file names a version that was withdrawn.
            options: &[],
            minutes: 3,
        },
    ];
    if need >= Need::Test && on_path("cargo-nextest").is_none() {
        tools.push(Tool {
            krate: "cargo-nextest",
            program: "cargo-nextest",
            version: CARGO_NEXTEST.to_owned(),
            // Without what updates it: the version is ours to choose.
            options: &["--locked", "--no-default-features", "--features", "default-no-update"],
            minutes: 3,
        });
    }
    Ok(tools)
}

impl Tool {
    fn root(&self, place: &Place) -> PathBuf {
        place.cache.join(format!("tools/{}-{}", self.krate, self.version))
    }

    fn folder(&self, place: &Place) -> PathBuf {
        self.root(place).join("bin")
    }

    fn install(&self, place: &Place, build: &Path) -> Outcome {
        let Self { krate, version, minutes, .. } = self;
        say::note(format_args!("Installing {krate} {version}, once (about {minutes} minutes)."));
        let mut command = Command::new("cargo");
        command
            .args(["install", krate, "--version", version, "--quiet", "--root"])
            .arg(self.root(place))
            .args(self.options)
            // Away from the checkout, whose settings are not meant for other people's crates.
            .current_dir(&place.cache)
            .env("CARGO_TARGET_DIR", build)
            .env("CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS", "fallback")
            // Optimizing a helper takes longer than it ever saves, but for what reads and writes the bundle.
            .env("CARGO_PROFILE_RELEASE_LTO", "off")
            .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16")
            .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
        for busy in BUSY {
            command.arg("--config").arg(format!("profile.release.package.{busy}.opt-level=1"));
        }
        process::must(&mut command, "Read cargo's message above")
    }
}

/// The version the bundle is linked with. The command-line half must be of the same version: the
/// two speak a private format.
fn locked_wasm_bindgen(root: &Path) -> Outcome<String> {
    let lock = files::read(&root.join("Cargo.lock")).unwrap_or_default();
    version_in_lock(&lock, "wasm-bindgen").ok_or_else(|| {
        let next = "Restore Cargo.lock from the repository";
        Trouble::new("Cargo.lock", "names no version of wasm-bindgen", next)
    })
}

fn version_in_lock(lock: &str, name: &str) -> Option<String> {
    let (_, after) = lock.split_once(&format!("name = \"{name}\"\nversion = \""))?;
    let (version, _) = after.split_once('"')?;
    Some(version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_crate_and_not_of_its_neighbour() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"0.1.0\"\n\n\
                    [[package]]\nname = \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(version_in_lock(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(version_in_lock(lock, "serde"), None);
    }
}
