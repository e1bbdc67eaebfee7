//! The endpoints of this room. Each names the access it needs, calls the service, and does nothing else.
#![expect(missing_docs, reason = "inputs have the names of the interface, which openapi.json describes")]

use domain::{Page, operations::Operation};
use leptos::{
    server,
    server_fn::codec::{GetUrl, PostUrl},
};

use crate::error::Problem;

#[cfg(feature = "ssr")]
use {
    crate::{
        caller::caller,
        endpoint::{Endpoint, Rate},
    },
    domain::{AppError, FieldIssue, access::Need, operations::service},
    uuid::Uuid,
};

/// The caller's operations.
#[server(prefix = "/api/v1", endpoint = "operations/list", input = GetUrl)]
pub async fn list_operations(limit: Option<u16>, cursor: Option<String>) -> Result<Page<Operation>, Problem> {
    let grant = caller()?.signed_in()?;
    Ok(service::list(&grant, limit, cursor.as_deref()).await?)
}

/// One of the caller's operations.
#[server(prefix = "/api/v1", endpoint = "operations/get", input = GetUrl)]
pub async fn read_operation(#[server(default)] id: String) -> Result<Operation, Problem> {
    let grant = caller()?.signed_in()?;
    Ok(service::get(&grant, read_id(&id)?).await?)
}

/// Asks one of the caller's operations to end.
#[server(prefix = "/api/v1", endpoint = "operations/cancel", input = PostUrl)]
pub async fn cancel_operation(#[server(default)] id: String) -> Result<(), Problem> {
    let grant = caller()?.signed_in()?;
    Ok(service::cancel(&grant, read_id(&id)?).await?)
}

/// Lets one of the caller's operations go on that has failed.
#[server(prefix = "/api/v1", endpoint = "operations/retry", input = PostUrl)]
pub async fn retry_operation(#[server(default)] id: String) -> Result<(), Problem> {
    let grant = caller()?.signed_in()?;
    Ok(service::retry(&grant, read_id(&id)?).await?)
}

#[cfg(feature = "ssr")]
fn read_id(id: &str) -> Result<Uuid, AppError> {
    if id.is_empty() {
        return Err(AppError::invalid("id", FieldIssue::Required));
    }
    id.parse().map_err(|_| AppError::MalformedRequest)
}

/// Who may call what in this room.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    use Need::SignedIn;
    vec![
        Endpoint::of::<ListOperations, GetUrl>(
            SignedIn,
            Rate::Read,
            "The caller's operations, the newest first. They are forgotten 30 days after their end.",
        ),
        Endpoint::of::<ReadOperation, GetUrl>(
            SignedIn,
            Rate::Read,
            "One of the caller's operations: where it stands, and what happened to it.",
        )
        .with_problems(&["not-found"]),
        Endpoint::of::<CancelOperation, PostUrl>(
            SignedIn,
            Rate::Write,
            "Ends an operation that goes on, and clears away what it has done.",
        )
        .with_problems(&["not-found", "conflict"]),
        Endpoint::of::<RetryOperation, PostUrl>(
            SignedIn,
            Rate::Write,
            "Lets an operation go on that has failed, at the step that failed.",
        )
        .with_problems(&["not-found", "conflict"]),
    ]
}
