//! `/api/v1/openapi.json`: every endpoint for machines, written from the declared list.

mod describe;
mod fields;
mod operation;
mod schemas;

use axum::{
    extract::State,
    http::{
        HeaderValue,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

pub(crate) use describe::{access, operation_id, problem_names, rate, room, scope};

use crate::{endpoints::Endpoints, state::AppState};

pub(crate) async fn show(State(state): State<AppState>) -> Response {
    let mut response = state.openapi().into_response();
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

/// The whole description, OpenAPI 3.1.
#[must_use]
pub fn document(endpoints: &Endpoints, public_url: &str) -> Value {
    // 3.1 speaks the 2020-12 dialect of JSON Schema; only the place of shared definitions differs.
    let settings = SchemaSettings::draft2020_12().with(|settings| {
        settings.definitions_path = "/components/schemas".into();
        settings.meta_schema = None;
    });
    let mut generator = settings.into_generator();
    let mut paths = Map::new();
    for endpoint in endpoints.iter() {
        let item = paths.entry(endpoint.path.to_owned()).or_insert_with(|| json!({}));
        let method = endpoint.method.as_str().to_ascii_lowercase();
        if let Some(item) = item.as_object_mut() {
            item.insert(method, operation::operation(endpoint, &mut generator));
        }
    }
    let mut shared: Map<String, Value> = generator.take_definitions(true).into_iter().collect();
    shared.extend(schemas::of_problems());
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Gatehouse",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Signs people and scripts in, and says what they may do.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
        },
        "servers": [{ "url": public_url }],
        "tags": rooms(endpoints),
        "paths": paths,
        "components": { "schemas": shared, "securitySchemes": schemas::of_security() },
    })
}

fn rooms(endpoints: &Endpoints) -> Vec<Value> {
    let mut rooms: Vec<&str> = endpoints.iter().map(|endpoint| room(endpoint.path)).collect();
    rooms.dedup();
    rooms.into_iter().map(|name| json!({ "name": name })).collect()
}
