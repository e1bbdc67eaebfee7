//! `/exports/audit.csv` and `/exports/audit.jsonl`: the audit trail, or what of it matches.

use axum::{
    Extension,
    body::Body,
    extract::{Query, State, rejection::QueryRejection},
    http::{
        HeaderValue, Method,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE},
    },
    response::Response,
};
use bytes::Bytes;
use domain::{
    AppError,
    access::{Caller, SiteAction},
    audit::{
        Entry,
        service::{Export, Filters, export},
    },
};
use futures::stream;

use super::csv;
use crate::{answer::refuse, state::AppState};

/// The filters of the address.
type Asked = Result<Query<Filters>, QueryRejection>;

/// How entries are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Csv,
    Jsonl,
}

pub(crate) async fn csv(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    method: Method,
    asked: Asked,
) -> Response {
    answer(&state, &caller, &method, asked, Format::Csv).await.unwrap_or_else(refuse)
}

pub(crate) async fn jsonl(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    method: Method,
    asked: Asked,
) -> Response {
    answer(&state, &caller, &method, asked, Format::Jsonl).await.unwrap_or_else(refuse)
}

async fn answer(
    state: &AppState,
    caller: &Caller,
    method: &Method,
    asked: Asked,
    format: Format,
) -> Result<Response, AppError> {
    let grant = caller.may(SiteAction::ReadAudit)?;
    let Query(filters) = asked.map_err(|_| AppError::MalformedRequest)?;
    let date = state.platform().now().rfc3339();
    let name = format!("gatehouse-audit-{}.{}", date.get(..10).unwrap_or_default(), format.name());
    // `HEAD` takes nothing away, and is not noted.
    if method == Method::HEAD {
        return Ok(file(Body::empty(), &name, format));
    }
    let mut export = export(&grant, &filters, format.name()).await?;
    let mut first = format.head().to_owned();
    let page = export.next_page().await?;
    let rest = page.is_some().then_some(export);
    format.write(&mut first, page.unwrap_or_default());
    Ok(file(body(first.into(), rest, format), &name, format))
}

/// What is there already, then page after page as the reader takes them.
fn body(first: Bytes, rest: Option<Export>, format: Format) -> Body {
    let pages = stream::try_unfold((Some(first), rest), move |(ready, rest)| async move {
        if let Some(bytes) = ready {
            return Ok(Some((bytes, (None, rest))));
        }
        let Some(mut export) = rest else { return Ok(None) };
        let Some(page) = export.next_page().await? else { return Ok(None) };
        let mut text = String::new();
        format.write(&mut text, page);
        // An error ends the body without its end, which the reader sees as a broken connection.
        Ok::<_, AppError>(Some((Bytes::from(text), (None, Some(export)))))
    });
    Body::from_stream(pages)
}

fn file(body: Body, name: &str, format: Format) -> Response {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, format.content_type());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    response
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Jsonl => "jsonl",
        }
    }

    fn content_type(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Jsonl => "application/jsonl; charset=utf-8",
        })
    }

    fn head(self) -> &'static str {
        match self {
            Self::Csv => {
                "seq,at,actor,actor_email,action,target,organization_id,address,request_id,detail,hash\r\n"
            }
            Self::Jsonl => "",
        }
    }

    fn write(self, to: &mut String, entries: Vec<Entry>) {
        for entry in entries {
            match self {
                Self::Csv => write_csv(to, &entry),
                Self::Jsonl => {
                    to.push_str(&serde_json::to_string(&entry).unwrap_or_default());
                    to.push('\n');
                }
            }
        }
    }
}

fn write_csv(to: &mut String, entry: &Entry) {
    let text = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let cells = [
        &entry.seq.to_string(),
        &entry.at.rfc3339(),
        &text(entry.actor),
        entry.actor_email.as_deref().unwrap_or_default(),
        &entry.action,
        entry.target.as_deref().unwrap_or_default(),
        &text(entry.organization_id),
        &entry.address,
        &entry.request_id.to_string(),
        &entry.detail,
        &entry.hash,
    ];
    csv::line(to, cells.map(csv::Cell::Text));
}
