//! The trail to take away: what the filters show, as a file.

use leptos::prelude::*;

use crate::{
    audit::api::{CSV, JSONL},
    ui::Address,
};

/// Links to the files, with the filters of the page and without its place in the list.
pub fn copies(address: &Address) -> AnyView {
    let all = address.with("cursor", "");
    let words = if all.is_bare() { "the whole trail" } else { "what these filters show" };
    let link = |path, name: &'static str| {
        let href = all.at(path).href();
        // `external` keeps the router out of it: a file is no page.
        view! {
            <a class="btn btn-secondary" href=href rel="external" download="">
                {name}
                <span class="sr-only">" of " {words}</span>
            </a>
        }
    };
    view! { <div class="stack-actions">{link(CSV, "Export CSV")} {link(JSONL, "Export JSONL")}</div> }
        .into_any()
}
