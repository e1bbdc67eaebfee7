//! `/problems/<name>`: the pages the `type` of a problem points to.

use app::error::{Kind, catalogue};
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::AppError;

use crate::{
    answer::refuse,
    html::{Markup, page},
    state::AppState,
};

pub(crate) async fn list(State(state): State<AppState>) -> Response {
    let rows = Markup::new().each(catalogue(), |kind| {
        Markup::new()
            .html("<li><a class=\"underline\" href=\"/problems/")
            .text(kind.name)
            .html("\">")
            .text(kind.name)
            .html("</a> (")
            .text(&kind.status.to_string())
            .html("): ")
            .text(kind.title)
            .html("</li>\n")
    });
    let main = Markup::new().html("<ul class=\"list-disc pl-6\">\n").and(rows).html("</ul>");
    page(StatusCode::OK, &state.site().stylesheet, "Problems", main)
}

pub(crate) async fn show(State(state): State<AppState>, Path(name): Path<String>) -> Response {
    match catalogue().iter().find(|kind| kind.name == name) {
        Some(kind) => page(StatusCode::OK, &state.site().stylesheet, kind.title, explanation(kind)),
        None => refuse(AppError::NotFound),
    }
}

fn explanation(kind: &Kind) -> Markup {
    let explained = kind.explanation.split('`').enumerate().fold(Markup::new(), |markup, (index, part)| {
        // Every second part stood between backticks.
        if index % 2 == 0 { markup.text(part) } else { markup.html("<code>").text(part).html("</code>") }
    });
    Markup::new()
        .html("<p>")
        .and(explained)
        .html("</p>\n<p class=\"mt-4\">On the wire: status ")
        .text(&kind.status.to_string())
        .html(", <code>application/problem+json</code> (RFC 9457), type <code>/problems/")
        .text(kind.name)
        .html(
            "</code>.</p>\n<p class=\"mt-4\"><a class=\"underline\" href=\"/problems\">All problems</a></p>",
        )
}
