//! `/dev/mail`: the letters in the folder of development, newest first. There is no such route in production.
//!
//! The HTML of a letter is shown in a frame without rights and with a policy of its own, as a mail reader would.

use std::{
    fs,
    path::{Path as FilePath, PathBuf},
};

use axum::{
    Router,
    extract::{Path, State},
    http::{
        HeaderValue, StatusCode,
        header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
    routing::get,
};
use domain::AppError;
use mailparse::{MailHeaderMap as _, ParsedMail, parse_mail};
use uuid::Uuid;

use crate::{
    answer::refuse,
    html::{Markup, page},
    state::AppState,
};

/// Letters bring styles of their own; scripts, forms and foreign images have no place in them.
const LETTER_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; sandbox allow-popups";
/// More than this is not listed.
const LISTED: usize = 200;

/// The routes, in development only.
pub(crate) fn routes(state: &AppState) -> Router<AppState> {
    if state.config().profile.is_production() {
        return Router::new();
    }
    Router::new()
        .route("/dev/mail", get(list))
        .route("/dev/mail/{id}", get(show))
        .route("/dev/mail/{id}/html", get(html))
}

async fn list(State(state): State<AppState>) -> Response {
    let letters = newest(folder(&state));
    let rows = Markup::new().each(&letters, |letter| {
        Markup::new()
            .html("<li><a class=\"underline\" href=\"/dev/mail/")
            .text(&letter.id.to_string())
            .html("\">")
            .text(&letter.subject)
            .html("</a> to ")
            .text(&letter.to)
            .html(" <small>")
            .text(&letter.date)
            .html("</small></li>\n")
    });
    let main = if letters.is_empty() {
        Markup::new().html("<p>No letters yet. Register an account, and its letter arrives here.</p>")
    } else {
        Markup::new().html("<ul>\n").and(rows).html("</ul>")
    };
    page(StatusCode::OK, &state.site().stylesheet, "Letters", main)
}

async fn show(State(state): State<AppState>, Path(id): Path<Uuid>) -> Response {
    let Some(letter) = read(folder(&state), id) else { return refuse(AppError::NotFound) };
    let text = letter.text.split_inclusive(char::is_whitespace).fold(Markup::new(), linked);
    let main = Markup::new()
        .html("<p>To ")
        .text(&letter.to)
        .html(" <small>")
        .text(&letter.date)
        .html("</small></p>\n<pre class=\"whitespace-pre-wrap my-4\">")
        .and(text)
        .html("</pre>\n<iframe title=\"The letter as HTML\" sandbox=\"allow-popups\" class=\"w-full h-96 border\" src=\"/dev/mail/")
        .text(&id.to_string())
        .html("/html\"></iframe>\n<p><a class=\"underline\" href=\"/dev/mail\">All letters</a></p>");
    page(StatusCode::OK, &state.site().stylesheet, &letter.subject, main)
}

/// A word of the text; an address becomes a link.
fn linked(markup: Markup, word: &str) -> Markup {
    let address = word.trim_end();
    if !address.starts_with("http://") && !address.starts_with("https://") {
        return markup.text(word);
    }
    let rest = word.get(address.len()..).unwrap_or_default();
    markup
        .html("<a class=\"underline\" href=\"")
        .text(address)
        .html("\">")
        .text(address)
        .html("</a>")
        .text(rest)
}

async fn html(State(state): State<AppState>, Path(id): Path<Uuid>) -> Response {
    let Some(letter) = read(folder(&state), id) else { return refuse(AppError::NotFound) };
    let mut response = letter.html.into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(LETTER_POLICY));
    response
}

struct Letter {
    id: Uuid,
    to: String,
    subject: String,
    date: String,
    text: String,
    html: String,
}

fn folder(state: &AppState) -> Option<&FilePath> {
    state.config().mail.folder.as_deref()
}

/// Ids sort by age, so names do.
fn newest(folder: Option<&FilePath>) -> Vec<Letter> {
    let mut ids: Vec<Uuid> = folder
        .and_then(|folder| fs::read_dir(folder).ok())
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.strip_suffix(".eml")?.parse().ok())
        .collect();
    ids.sort_unstable_by(|a, b| b.cmp(a));
    ids.into_iter().take(LISTED).filter_map(|id| read(folder, id)).collect()
}

/// The id is a UUID, so the name cannot leave the folder.
fn read(folder: Option<&FilePath>, id: Uuid) -> Option<Letter> {
    let path: PathBuf = folder?.join(format!("{id}.eml"));
    let bytes = fs::read(path).ok()?;
    let mail = parse_mail(&bytes).ok()?;
    let header = |name: &str| mail.headers.get_first_value(name).unwrap_or_default();
    Some(Letter {
        id,
        to: header("To"),
        subject: header("Subject"),
        date: header("Date"),
        text: part(&mail, "text/plain"),
        html: part(&mail, "text/html"),
    })
}

fn part(mail: &ParsedMail<'_>, kind: &str) -> String {
    mail.parts()
        .find(|part| part.ctype.mimetype == kind)
        .and_then(|part| part.get_body().ok())
        .unwrap_or_default()
}
