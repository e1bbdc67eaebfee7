//! `/api`: the same description for people, with each call as it is typed.

use app::endpoint::{Endpoint, FieldDoc, FieldKind};
use axum::{
    extract::State,
    http::{Method, StatusCode},
    response::Response,
};
use domain::access::Need;
use serde_json::{Map, Value, json};

use super::openapi::{access, operation_id, problem_names, rate, room, scope};
use crate::{
    html::{Markup, page},
    state::AppState,
};

pub(crate) async fn show(State(state): State<AppState>) -> Response {
    let address = &state.config().http.public_url;
    let mut main = Markup::new()
        .html("<p>One declaration serves pages and scripts. For machines: <a class=\"underline\" ")
        .html("href=\"/api/v1/openapi.json\">openapi.json</a>. Refusals: ")
        .html("<a class=\"underline\" href=\"/problems\">problems</a>.</p>\n");
    let mut last = "";
    for endpoint in state.endpoints().iter() {
        let room = room(endpoint.path);
        if room != last {
            main = main.html("<h2 class=\"text-xl font-semibold mt-8 mb-2\">").text(room).html("</h2>\n");
            last = room;
        }
        main = main.and(section(endpoint, address));
    }
    page(StatusCode::OK, &state.site().stylesheet, "Interface for scripts", main)
}

fn section(endpoint: &Endpoint, address: &str) -> Markup {
    let fields = (endpoint.fields)();
    Markup::new()
        .html("<section class=\"mb-6\" id=\"")
        .text(&operation_id(endpoint.path))
        .html("\">\n<h3 class=\"font-semibold\"><code>")
        .text(endpoint.method.as_str())
        .html(" ")
        .text(endpoint.path)
        .html("</code></h3>\n<p>")
        .text(endpoint.summary)
        .html("</p>\n<p>Access: ")
        .text(&access(endpoint))
        .html(" · Scope: ")
        .text(scope(endpoint).as_deref().unwrap_or("no API token"))
        .html(" · Rate: ")
        .text(rate(endpoint.rate))
        .html("</p>\n")
        .and(inputs(&fields))
        .html("<p>Problems: ")
        .each(problem_names(endpoint), |name| {
            let link = Markup::new().html("<a class=\"underline\" href=\"/problems/").text(name).html("\">");
            link.text(name).html("</a> ")
        })
        .html("</p>\n<details><summary>Copy as curl</summary><pre class=\"overflow-x-auto\" tabindex=\"0\"><code>")
        .text(&curl(endpoint, &fields, address))
        .html("</code></pre></details>\n</section>\n")
}

fn inputs(fields: &[FieldDoc]) -> Markup {
    if fields.is_empty() {
        return Markup::new();
    }
    let rows = Markup::new().each(fields, |field| {
        let name = Markup::new().html("<li><code>").text(field.name).html("</code>: ").text(word(field.kind));
        name.html(if field.optional { ", optional</li>\n" } else { "</li>\n" })
    });
    Markup::new().html("<ul class=\"list-disc pl-6\">\n").and(rows).html("</ul>\n")
}

fn word(kind: FieldKind) -> &'static str {
    match kind {
        FieldKind::Text => "text",
        FieldKind::Number => "whole number",
        FieldKind::Flag => "true or false",
        FieldKind::List => "list of texts",
        FieldKind::Numbers => "list of whole numbers",
    }
}

/// The call as it is typed. The cookie jar is written by sign-in; a request with a cookie must name its origin.
pub(super) fn curl(endpoint: &Endpoint, fields: &[FieldDoc], address: &str) -> String {
    let mut lines = vec![format!("curl '{address}{}'", endpoint.path)];
    lines.push(format!("-H 'Origin: {address}' -b cookies.txt"));
    if matches!(endpoint.need, Need::Nothing(_) | Need::HalfWay) {
        lines.push("-c cookies.txt".into());
    }
    let needed = fields.iter().filter(|field| !field.optional);
    if endpoint.method == Method::GET {
        lines.extend(needed.map(|field| format!("-G --data-urlencode '{}=…'", field.name)));
    } else {
        let body: Map<String, Value> = needed.map(|field| (field.name.to_owned(), sample(field))).collect();
        lines.push(format!("--json '{}'", Value::Object(body)));
    }
    lines.join(" \\\n  ")
}

fn sample(field: &FieldDoc) -> Value {
    match (field.name, field.kind) {
        ("email", _) => json!("name@example.com"),
        (_, FieldKind::Text) => json!("…"),
        (_, FieldKind::Number) => json!(1),
        (_, FieldKind::Flag) => json!(true),
        (_, FieldKind::List) => json!(["…"]),
        (_, FieldKind::Numbers) => json!([1]),
    }
}
