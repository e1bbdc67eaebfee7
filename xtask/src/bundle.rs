//! What cargo-leptos leaves in the bundle, and browsers need not fetch.

use std::fs;
use std::io::Write;
use std::path::Path;

use brotli::CompressorWriter;
use flate2::{Compression, write::GzEncoder};

use crate::files;
use crate::trouble::{Because, Outcome};

const NEXT: &str = "Check the free space, and that you may write there";

/// Brotli's highest quality and the size of its window, as cargo-leptos has them.
const QUALITY: u32 = 11;
const WINDOW: u32 = 22;

/// Takes the comments out of the script that fetches the parts. For each chunk they name every part that shares it, which is an
/// eighth of all scripts.
pub(crate) fn without_comments(folder: &Path) -> Outcome {
    for entry in fs::read_dir(folder).because(folder.display(), "Build again")? {
        let path = entry.because(folder.display(), NEXT)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if name.starts_with("__wasm_split.") && Path::new(name).extension().is_some_and(|kind| kind == "js") {
            let script = fs::read_to_string(&path).because(path.display(), "Build again")?;
            replace(&path, &uncommented(&script))?;
        }
    }
    Ok(())
}

/// Writes a file, and both compressed ones beside it.
fn replace(path: &Path, text: &str) -> Outcome {
    let compressed = |ending: &str| path.with_extension(format!("js.{ending}"));
    files::write(path, text)?;
    let mut brotli = CompressorWriter::new(Vec::new(), text.len().max(1), QUALITY, WINDOW);
    brotli.write_all(text.as_bytes()).because(path.display(), NEXT)?;
    fs::write(compressed("br"), brotli.into_inner()).because(path.display(), NEXT)?;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(text.as_bytes()).because(path.display(), NEXT)?;
    let gzip = gzip.finish().because(path.display(), NEXT)?;
    fs::write(compressed("gz"), gzip).because(path.display(), NEXT)
}

/// Without lines that are a comment and nothing else.
fn uncommented(script: &str) -> String {
    let is_comment = |line: &str| {
        let line = line.trim();
        line.starts_with("//")
            || line.starts_with("/*") && line.find("*/").is_some_and(|at| at + 2 == line.len())
    };
    script.lines().filter(|line| !is_comment(line)).flat_map(|line| [line, "\n"]).collect()
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use flate2::read::GzDecoder;

    use super::*;

    const SCRIPT: &str =
        "/* account_1, doors_1 */\nconst a = f(\"//x\");\n  // Why.\nconst b = 1; /* kept */\n";
    const PLAIN: &str = "const a = f(\"//x\");\nconst b = 1; /* kept */\n";

    #[test]
    fn the_script_of_the_parts_loses_its_comments_in_every_form() {
        let folder = std::env::temp_dir().join(format!("gatehouse-bundle-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder");
        let (script, other) = (folder.join("__wasm_split.abc.js"), folder.join("gatehouse.abc.js"));
        for path in [&script, &other] {
            fs::write(path, SCRIPT).expect("writes");
        }
        without_comments(&folder).expect("rewrites");
        assert_eq!(fs::read_to_string(&script).expect("reads"), PLAIN);
        let mut text = String::new();
        let gzip = fs::read(folder.join("__wasm_split.abc.js.gz")).expect("reads");
        GzDecoder::new(gzip.as_slice()).read_to_string(&mut text).expect("is gzip");
        assert_eq!(text, PLAIN);
        let mut text = Vec::new();
        let brotli = fs::read(folder.join("__wasm_split.abc.js.br")).expect("reads");
        brotli::BrotliDecompress(&mut brotli.as_slice(), &mut text).expect("is brotli");
        assert_eq!(text, PLAIN.as_bytes());
        assert_eq!(fs::read_to_string(&other).expect("reads"), SCRIPT);
        fs::remove_dir_all(&folder).expect("removes");
    }
}
