//! How the browser half starts: the names of the built files, the preloads, and the script.
//!
//! Differs from the framework's own component where that one hurts: `crossorigin` carries no nonce, a failed import
//! is caught, and the files' names are looked up without a panic.

use std::{collections::HashMap, path::Path, sync::OnceLock};

use leptos::{nonce::use_nonce, prelude::*};

/// Waits for nothing and depends on nothing of the request, so that it is the same text on every page.
const SCRIPT: &str = include_str!("hydration.js");

/// The hashes in the names of the built files, as cargo-leptos wrote them: lines such as `css: kSl3…`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hashes(Option<String>);

impl Hashes {
    /// Reads the file of this name beside the program. None are there when the names carry no hashes.
    #[must_use]
    pub fn beside_the_program(file: &str) -> Self {
        let path = std::env::current_exe().ok().and_then(|exe| Some(exe.parent()?.join(file)));
        Self(path.and_then(|path| std::fs::read_to_string(path).ok()))
    }

    /// Whether there are any.
    #[must_use]
    pub fn are_there(&self) -> bool {
        self.0.is_some()
    }

    /// The hash of a kind of file, such as `css`.
    #[must_use]
    pub fn of(&self, kind: &str) -> Option<&str> {
        let lines = self.0.as_deref()?.lines().filter_map(|line| line.split_once(':'));
        lines.into_iter().find(|(name, _)| name.trim() == kind).map(|(_, hash)| hash.trim())
    }
}

/// The built files by name, as cargo-leptos left them. Read once: a running program belongs to one build.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Build {
    /// The address of the glue, `/pkg/….js`.
    pub script: String,
    /// The address of the program, `/pkg/….wasm`.
    pub program: String,
    /// The address of the stylesheet.
    pub stylesheet: String,
    /// The stylesheet itself, for the pages that carry it within.
    pub styles: String,
    /// What tells this build from another.
    pub id: String,
    /// The folder of the built files as an address.
    folder: String,
    /// The loader of the split parts, where the program was split.
    split_loader: Option<String>,
    /// Each lazy function's files, without their ending.
    parts: HashMap<String, Vec<String>>,
}

impl Build {
    /// The build of this program.
    pub fn of(options: &LeptosOptions) -> &'static Self {
        static BUILD: OnceLock<Build> = OnceLock::new();
        BUILD.get_or_init(|| {
            let hashes = if options.hash_files {
                Hashes::beside_the_program(&options.hash_file)
            } else {
                Hashes::default()
            };
            let site = Path::new(&*options.site_root).join(&*options.site_pkg_dir);
            Self::read(&options.output_name, options.pkg_url_path(), &site, &hashes)
        })
    }

    fn read(name: &str, folder: &str, site: &Path, hashes: &Hashes) -> Self {
        let hash = |kind: &str| hashes.of(kind);
        let with_hash = |kind: &str, end: &str| match hash(kind) {
            Some(hash) => format!("{name}.{hash}.{end}"),
            None => format!("{name}.{end}"),
        };
        // Outside cargo-leptos the glue's own tool appends `_bg`.
        let plain = format!("{name}_bg.wasm");
        let program = if site.join(&plain).is_file() { plain } else { with_hash("wasm", "wasm") };
        let stylesheet = with_hash("css", "css");
        let manifest = match hash("manifest") {
            Some(hash) => format!("__wasm_split_manifest.{hash}.json"),
            None => "__wasm_split_manifest.json".into(),
        };
        let parts = std::fs::read_to_string(site.join(manifest))
            .ok()
            .and_then(|text| serde_json::from_str(&text).ok());
        let loader = hash("split").unwrap_or("______________________");
        let folder = format!("/{}", folder.trim_matches('/'));
        Self {
            script: format!("{folder}/{}", with_hash("js", "js")),
            program: format!("{folder}/{program}"),
            styles: std::fs::read_to_string(site.join(&stylesheet)).unwrap_or_default(),
            stylesheet: format!("{folder}/{stylesheet}"),
            id: hash("wasm").unwrap_or(concat!("v", env!("CARGO_PKG_VERSION"))).to_owned(),
            split_loader: parts.is_some().then(|| format!("{folder}/__wasm_split.{loader}.js")),
            parts: parts.unwrap_or_default(),
            folder,
        }
    }

    /// The `Link` headers for the parts that these lazy functions are in. Nothing where the program was not split.
    #[cfg(feature = "ssr")]
    fn preloads(&self, names: &[&str], nonce: &str) -> Vec<String> {
        let Some(loader) = &self.split_loader else { return Vec::new() };
        let parts = names.iter().filter_map(|name| self.parts.get(*name)).flatten();
        let mut headers: Vec<_> = parts
            .map(|part| {
                let folder = &self.folder;
                format!("<{folder}/{part}.wasm>; rel=preload; as=fetch; type=\"application/wasm\"; crossorigin=anonymous")
            })
            .collect();
        if !headers.is_empty() {
            headers.push(format!("<{loader}>; rel=modulepreload; crossorigin=anonymous; nonce=\"{nonce}\""));
        }
        headers
    }
}

/// The preloads and the script, for the `<head>`.
#[component]
pub fn Hydration(
    /// The files.
    files: &'static Build,
) -> impl IntoView {
    let nonce = use_nonce();
    // `modulepreload` counts as a script, so it needs the nonce; the program is a `fetch`, which is anonymous.
    view! {
        <link
            id="gate-js"
            rel="modulepreload"
            href=files.script.as_str()
            crossorigin="anonymous"
            nonce=nonce.clone()
        />
        <link
            id="gate-wasm"
            rel="preload"
            href=files.program.as_str()
            r#as="fetch"
            r#type="application/wasm"
            crossorigin="anonymous"
        />
        <script type="module" nonce=nonce inner_html=SCRIPT></script>
    }
}

/// Preloads the parts of the lazy page that is being rendered, so that the browser does not learn of them only after
/// the program has started. Call it from inside the lazy view.
///
/// As response headers: elements in the head that the browser half does not expect would break its hydration. The
/// framework would write elements, with the nonce in `crossorigin` and none where the policy wants it.
#[cfg(feature = "ssr")]
pub fn preload_parts() {
    let (Some(options), Some(response)) =
        (use_context::<LeptosOptions>(), use_context::<leptos_axum::ResponseOptions>())
    else {
        return;
    };
    let asked = use_context::<leptos::PrefetchLazyFn>();
    let names: Vec<_> =
        asked.and_then(|asked| Some(asked.0.try_read_value()?.iter().copied().collect())).unwrap_or_default();
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    for value in Build::of(&options).preloads(&names, &nonce) {
        if let Ok(value) = http::HeaderValue::from_str(&value) {
            response.append_header(http::header::LINK, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashes(text: &str) -> Hashes {
        Hashes(Some(text.to_owned()))
    }

    #[test]
    fn the_hash_of_a_kind_is_read_from_its_line() {
        assert_eq!(hashes("js: abc\nwasm: def\ncss: ghi\n").of("css"), Some("ghi"));
        assert_eq!(hashes("js: abc\n").of("css"), None);
    }

    #[test]
    fn names_carry_the_hashes_of_the_build() {
        let build = Build::read("gate", "pkg", Path::new("/nowhere"), &hashes("js: a1\nwasm: b2\ncss: c3\n"));
        assert_eq!(build.script, "/pkg/gate.a1.js");
        assert_eq!(build.program, "/pkg/gate.b2.wasm");
        assert_eq!(build.stylesheet, "/pkg/gate.c3.css");
        assert_eq!(build.id, "b2");
    }

    #[test]
    fn a_missing_hash_file_falls_back_to_plain_names() {
        let build = Build::read("gate", "/pkg/", Path::new("/nowhere"), &Hashes::default());
        assert_eq!((build.script.as_str(), build.program.as_str()), ("/pkg/gate.js", "/pkg/gate.wasm"));
        assert_eq!(build.split_loader, None);
    }

    #[cfg(feature = "ssr")]
    #[test]
    fn a_lazy_page_preloads_its_own_parts() {
        let parts = HashMap::from([("page_1".to_owned(), vec!["chunk_a".to_owned()])]);
        let build = Build {
            folder: "/pkg".into(),
            split_loader: Some("/pkg/loader.js".into()),
            parts,
            ..Build::default()
        };
        let headers = build.preloads(&["page_1", "unknown"], "n0nce");
        assert_eq!(headers.len(), 2);
        assert!(headers.iter().any(|h| h.starts_with("</pkg/chunk_a.wasm>; rel=preload")));
        assert!(headers.iter().any(|h| h.starts_with("</pkg/loader.js>") && h.ends_with("nonce=\"n0nce\"")));
        assert!(build.preloads(&["unknown"], "").is_empty());
    }

    #[test]
    fn the_script_keeps_its_promises() {
        assert!(SCRIPT.contains(".catch("), "a failed import is caught");
        assert!(!SCRIPT.contains("</"), "nothing in it can end the script element");
    }
}
