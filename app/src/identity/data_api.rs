//! The endpoints of the copy of everything the site holds about somebody. Each names the access it needs, calls the service,
//! and does nothing else.

use domain::{identity::DataExport, operations::OperationAsked};
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
    domain::{access::Need, identity::service},
};

/// Asks for a copy of everything the site holds about the caller.
#[server(prefix = "/api/v1", endpoint = "identity/export-data", input = PostUrl)]
pub async fn export_data() -> Result<OperationAsked, Problem> {
    let grant = caller()?.stepped_up()?;
    Ok(service::export_data(&grant).await?)
}

/// Where that copy stands.
#[server(prefix = "/api/v1", endpoint = "identity/data-export", input = GetUrl)]
pub async fn get_data_export() -> Result<DataExport, Problem> {
    let caller = caller()?;
    let proof = caller.stepped_up().ok();
    Ok(service::data_export(&caller.signed_in()?, proof.as_ref()).await?)
}

/// The copy as a file; written by a route of the server.
pub const COPY: &str = "/exports/account.json";

/// A file takes none.
#[cfg(feature = "ssr")]
#[derive(serde::Deserialize)]
struct NoInputs {}

/// Who may call what of it.
#[cfg(feature = "ssr")]
#[must_use]
pub fn endpoints() -> Vec<Endpoint> {
    use Need::{SignedIn, SteppedUp};
    vec![
        Endpoint::of::<ExportData, PostUrl>(
            SteppedUp,
            Rate::Letters,
            "Asks for a copy of everything the site holds about the caller, and answers the operation that makes it; the same \
             one while it goes on. A letter says when it is ready.",
        ),
        Endpoint::of::<GetDataExport, GetUrl>(
            SignedIn,
            Rate::Read,
            "Where the copy of the caller's data stands: the newest operation that makes or made one, and the copy that can be \
             taken away.",
        ),
        Endpoint::file::<NoInputs>(
            "identity",
            COPY,
            "application/json",
            SteppedUp,
            Rate::SignIn,
            "The copy of the caller's data, for seven days after it was made.",
        )
        .holding::<serde_json::Map<String, serde_json::Value>>()
        .with_problems(&["not-found"]),
    ]
}
