//! `/exports/invoices/<id>.pdf` and `.csv`: a document as a file, for whoever may read the billing of its organization, and
//! for those who look after money.

mod lines;
pub(super) mod list;
mod pdf;

use axum::{
    Extension,
    body::Body,
    extract::{Path, State},
    http::{
        HeaderValue, Method,
        header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE},
    },
    response::Response,
};
use domain::{
    AppError,
    access::{Caller, Permission, SiteAction, Verb},
    billing::{
        Invoice,
        service::{document, document_for_staff, owner_of},
    },
};

use crate::{answer::refuse, state::AppState};

/// How a document is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Pdf,
    Csv,
}

pub(crate) async fn file(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    method: Method,
    Path(name): Path<String>,
) -> Response {
    answer(&state, &caller, &method, &name).await.unwrap_or_else(refuse)
}

async fn answer(
    state: &AppState,
    caller: &Caller,
    method: &Method,
    name: &str,
) -> Result<Response, AppError> {
    // Whoever is nobody learns nothing of which names there could be.
    caller.signed_in()?;
    let (id, format) = match name.rsplit_once('.') {
        Some((id, "pdf")) => (id, Format::Pdf),
        Some((id, "csv")) => (id, Format::Csv),
        _ => return Err(AppError::NotFound),
    };
    let invoice = read(caller, id).await?;
    let bytes = match format {
        Format::Csv => lines::csv(&invoice).into_bytes(),
        Format::Pdf => {
            let drawn = invoice.clone();
            // Fonts are cut to size, which is work for some milliseconds.
            state.drawing_room().draw(move || pdf::draw(&drawn)).await?
        }
    };
    Ok(response(bytes, &invoice.head.number, format, method))
}

/// The room of `admin/invoices`.
const STAFF: &str = "admin";

/// By the roles on the site, or as a member of the organization.
async fn read(caller: &Caller, id: &str) -> Result<Invoice, AppError> {
    // The books of everybody are read in the room of the administrators: a token for one's own has not its scope.
    if caller.check_scope(STAFF, Verb::Read).is_ok()
        && let Ok(grant) = caller.may(SiteAction::ReadBilling)
    {
        return document_for_staff(&grant, id).await;
    }
    let organization = owner_of(&caller.signed_in()?, id).await?;
    let member = caller.in_organization(&organization.to_string()).await?;
    document(&member.may(Permission::ReadBilling)?, id).await
}

fn response(bytes: Vec<u8>, number: &str, format: Format, method: &Method) -> Response {
    let length = bytes.len();
    let mut response = Response::new(if method == Method::HEAD { Body::empty() } else { Body::from(bytes) });
    let (media_type, end) = match format {
        Format::Pdf => ("application/pdf", "pdf"),
        Format::Csv => ("text/csv; charset=utf-8; header=present", "csv"),
    };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(CONTENT_LENGTH, length.into());
    // Numbers are letters, digits and hyphens.
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{number}.{end}\"")) {
        headers.insert(CONTENT_DISPOSITION, value);
    }
    response
}
