//! The times of files, which tell cargo what to build anew, kept over clones.
//!
//! One clone after the other may stand in the same folder and share what cargo builds. In a fresh one each file is as young as
//! the clone, and everything would be built anew. So it is remembered which file has had which content since when, and one that
//! has it still gets that time back. Any other keeps its time, which is later than whatever was built.

use std::collections::HashMap;
use std::fs::{self, File, Metadata};
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use crate::files;
use crate::hash;
use crate::place::Place;
use crate::trouble::{Because, Outcome};

/// From what is in these nothing is built.
const OTHERS: [&str; 5] = [".git", ".gatehouse", "node_modules", "target", "test-results"];

const NEXT: &str = "Check that you may read and change it";

/// By path: the content, and since when it is there.
type Seen = HashMap<String, (String, Duration)>;

/// Gives files their times back, where the folder in which cargo builds is not of the checkout.
pub(crate) fn restore(place: &Place) -> Outcome {
    if place.target != place.cache.join("target") {
        return Ok(());
    }
    let name = hash::of(place.root.as_os_str().as_encoded_bytes());
    let memory = place.target.join(format!("times-{name}"));
    let before = files::read(&memory).map(|text| parse(&text)).unwrap_or_default();
    let mut now = Vec::new();
    look(&place.root, &before, &mut now)?;
    fs::create_dir_all(&place.target).because(place.target.display(), "Check that you may write there")?;
    files::write(&memory, &now.join("\n"))
}

/// Looks at a file, or at a folder with everything in it; cargo reads the times of folders as well. One line for each.
fn look(path: &Path, before: &Seen, now: &mut Vec<String>) -> Outcome {
    let metadata = fs::symlink_metadata(path).because(path.display(), NEXT)?;
    let bytes = if metadata.is_dir() {
        let inside = inside(path)?;
        inside.iter().try_for_each(|path| look(path, before, now))?;
        inside.iter().map(|path| path.to_string_lossy()).collect::<Vec<_>>().join("\n").into_bytes()
    } else if metadata.is_file() {
        fs::read(path).because(path.display(), NEXT)?
    } else {
        return Ok(());
    };
    let content = format!("{}-{}", bytes.len(), hash::of(&bytes));
    let (name, changed) = (path.display().to_string(), changed(&metadata));
    let since = before.get(&name).filter(|(then, at)| *then == content && *at < changed);
    let since = since.map(|(_, at)| *at);
    if let Some(at) = since {
        set(path, at)?;
    }
    let at = since.unwrap_or(changed);
    now.push(format!("{} {} {content} {name}", at.as_secs(), at.subsec_nanos()));
    Ok(())
}

fn inside(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).because(folder.display(), NEXT)? {
        let path = entry.because(folder.display(), NEXT)?.path();
        if !OTHERS.iter().any(|other| path.ends_with(other)) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn changed(metadata: &Metadata) -> Duration {
    let since = metadata.modified().ok().and_then(|at| at.duration_since(UNIX_EPOCH).ok());
    since.unwrap_or_default()
}

fn set(path: &Path, at: Duration) -> Outcome {
    File::open(path).and_then(|file| file.set_modified(UNIX_EPOCH + at)).because(path.display(), NEXT)
}

fn parse(text: &str) -> Seen {
    text.lines().filter_map(parse_line).collect()
}

fn parse_line(line: &str) -> Option<(String, (String, Duration))> {
    let mut words = line.splitn(4, ' ');
    let at = Duration::new(words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    let (content, name) = (words.next()?.to_owned(), words.next()?.to_owned());
    Some((name, (content, at)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A clone in which both files are of this second.
    fn clone(place: &Place, second: u64, contents: [&str; 2]) {
        fs::remove_dir_all(&place.root).ok();
        fs::create_dir_all(place.root.join("app")).expect("a folder");
        for (name, content) in ["app/a.rs", "app/b.rs"].into_iter().zip(contents) {
            let path = place.root.join(name);
            fs::write(&path, content).expect("writes");
            set(&path, Duration::from_secs(second)).expect("sets");
        }
        set(&place.root.join("app"), Duration::from_secs(second)).expect("sets");
        restore(place).expect("restores");
    }

    fn times(place: &Place) -> [u64; 3] {
        ["app", "app/a.rs", "app/b.rs"].map(|name| {
            let metadata = fs::metadata(place.root.join(name)).expect("is there");
            changed(&metadata).as_secs()
        })
    }

    #[test]
    fn what_is_as_it_was_in_the_clone_before_has_its_time_and_what_is_different_has_not() {
        let base = std::env::temp_dir().join(format!("gatehouse-times-{}", std::process::id()));
        let [root, state, cache] = ["root", "root/.gatehouse", "cache"].map(|name| base.join(name));
        let place = Place { root: root.clone(), state, target: cache.join("target"), cache };
        clone(&place, 1000, ["1", "1"]);
        assert_eq!(times(&place), [1000, 1000, 1000]);
        clone(&place, 2000, ["1", "2"]);
        assert_eq!(times(&place), [1000, 1000, 2000]);
        clone(&place, 3000, ["1", "2"]);
        assert_eq!(times(&place), [1000, 1000, 2000]);
        // What was built last was built from the second content.
        clone(&place, 4000, ["1", "1"]);
        assert_eq!(times(&place), [1000, 1000, 4000]);
        fs::write(root.join("app/c.rs"), "new").expect("writes");
        restore(&place).expect("restores");
        assert!(times(&place)[0] > 4000, "another file makes another folder");

        let alone = Place { target: root.join("target"), ..place };
        clone(&alone, 5000, ["1", "1"]);
        assert_eq!(times(&alone), [5000, 5000, 5000]);
        fs::remove_dir_all(&base).expect("removes");
    }
}
