//! The budgets of what a browser has to fetch, in brotli's bytes.

use std::fs;
use std::path::Path;

use super::Counts;
use crate::place::Place;
use crate::say;
use crate::trouble::{Because, Outcome, Trouble};

/// What a file is, by its name in the bundle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Main,
    Chunk,
    Glue,
    Style,
}

impl Kind {
    fn of(name: &str) -> Option<Self> {
        let plain = name.strip_suffix(".br")?;
        let extension = Path::new(plain).extension()?.to_str()?;
        match extension {
            "wasm" if plain.starts_with("gatehouse") => Some(Self::Main),
            "wasm" => Some(Self::Chunk),
            "js" => Some(Self::Glue),
            "css" => Some(Self::Style),
            _ => None,
        }
    }

    /// Raised only with a reason in the commit. A kB is 1000 bytes.
    const fn budget(self) -> u64 {
        match self {
            Self::Main => 250_000,
            Self::Chunk => 80_000,
            Self::Glue => 15_000,
            Self::Style => 20_000,
        }
    }
}

/// One row of the table: a lazy chunk for itself, or the sum of all glue or style.
#[derive(Debug, PartialEq, Eq)]
struct Row {
    kind: Kind,
    name: String,
    bytes: u64,
}

impl Row {
    fn fits(&self) -> bool {
        self.bytes <= self.kind.budget()
    }

    fn tell(&self) {
        let verdict = if self.fits() { "" } else { "  OVER BUDGET" };
        let (bytes, budget) = (kilobytes(self.bytes), kilobytes(self.kind.budget()));
        say::note(format_args!("{:<48}{bytes:>10} of {budget:>9}{verdict}", self.name));
    }
}

/// Prints the table; every kind of file is one check.
pub(crate) fn run(place: &Place) -> Outcome<Counts> {
    let folder = place.site().join("pkg");
    let next = "Build with `cargo xtask test --only build`";
    let entries = fs::read_dir(&folder).because(folder.display(), next)?;
    let mut files = Vec::new();
    for entry in entries.flatten() {
        let bytes = entry.metadata().because(folder.display(), next)?.len();
        files.push((entry.file_name().to_string_lossy().into_owned(), bytes));
    }
    let rows = rows(&files);
    if !rows.iter().any(|row| row.kind == Kind::Main) {
        let reason = "no compressed main bundle in it";
        return Err(Trouble::new(folder.display(), reason, next));
    }
    let mut counts = Counts::NONE;
    rows.iter().for_each(Row::tell);
    for kind in [Kind::Main, Kind::Chunk, Kind::Glue, Kind::Style] {
        let fits = rows.iter().filter(|row| row.kind == kind).all(Row::fits);
        counts.passed += u64::from(fits);
        counts.failed += u64::from(!fits);
    }
    Ok(counts)
}

fn rows(files: &[(String, u64)]) -> Vec<Row> {
    let mut rows = Vec::<Row>::new();
    for (name, bytes) in files {
        let Some(kind) = Kind::of(name) else { continue };
        let sum = rows.iter_mut().find(|row| row.kind == kind && kind != Kind::Chunk);
        if let Some(row) = sum {
            row.bytes += bytes;
            row.name = format!("{} and others", row.name.trim_end_matches(" and others"));
        } else {
            rows.push(Row { kind, name: name.clone(), bytes: *bytes });
        }
    }
    rows.sort_by(|one, other| one.name.cmp(&other.name));
    rows
}

fn kilobytes(bytes: u64) -> String {
    format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn glue_is_summed_and_chunks_stand_alone() {
        let files = [
            ("gatehouse.abc.wasm.br", 200_000),
            ("gatehouse.abc.js.br", 6_000),
            ("__wasm_split.abc.js.br", 1_000),
            ("split_limits.abc.wasm.br", 16_000),
            ("chunk_0.abc.wasm.br", 9_000),
            ("gatehouse.abc.wasm", 900_000),
        ];
        let rows = rows(&files.map(|(name, bytes)| (name.to_owned(), bytes)));
        let of = |kind| rows.iter().filter(|row| row.kind == kind).map(|row| row.bytes).collect::<Vec<_>>();
        assert_eq!(of(Kind::Main), [200_000]);
        assert_eq!(of(Kind::Glue), [7_000]);
        assert_eq!(of(Kind::Chunk).len(), 2);
    }
}
