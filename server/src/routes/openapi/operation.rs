//! One endpoint as an OpenAPI operation.

use std::collections::BTreeMap;

use app::{
    endpoint::{Endpoint, FieldDoc, Place},
    error::catalogue,
};
use axum::http::Method;
use domain::access::{Need, idempotency::HEADER};
use schemars::SchemaGenerator;
use serde_json::{Map, Value, json};

use super::{
    describe::{access, operation_id, problem_names, rate, room, scope},
    fields,
};

/// What every endpoint that takes a body answers to one it cannot take; the catalogue of problems has no names for it.
const OF_BODIES: [(u16, &str); 2] =
    [(408, "The body did not arrive in time."), (415, "The body is neither JSON nor form encoded.")];

pub(super) fn operation(endpoint: &Endpoint, generator: &mut SchemaGenerator) -> Value {
    let fields = (endpoint.fields)();
    let mut operation = json!({
        "operationId": operation_id(endpoint.path),
        "tags": [room(endpoint.path)],
        "summary": endpoint.summary,
        "x-access": access(endpoint),
        "x-rate": rate(endpoint.rate),
        "security": security(endpoint),
        "responses": responses(endpoint, generator),
    });
    if let Some(operation) = operation.as_object_mut() {
        if let Some(scope) = scope(endpoint) {
            operation.insert("x-scope".into(), scope.into());
        }
        if endpoint.method == Method::GET {
            let parameters = fields.iter().map(|field| parameter(endpoint.path, field)).collect();
            operation.insert("parameters".into(), parameters);
        } else if !fields.is_empty() {
            operation.insert("requestBody".into(), request_body(&fields));
        }
        if endpoint.takes_keys() {
            operation.insert("parameters".into(), json!([key()]));
        }
    }
    operation
}

fn parameter(path: &str, field: &FieldDoc) -> Value {
    if path.contains(&format!("{{{}}}", field.name)) {
        return json!({ "name": field.name, "in": "path", "required": true, "schema": fields::schema(field) });
    }
    json!({ "name": field.name, "in": "query", "required": !field.optional, "schema": fields::schema(field) })
}

/// The header by which a request that comes twice is carried out once.
fn key() -> Value {
    json!({
        "name": HEADER,
        "in": "header",
        "required": false,
        "description": "A text of your own, a new one for each request. Sent again within 24 hours with the same key, a request is not carried out again but answered as the first time.",
        "schema": { "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" },
    })
}

/// The same object in both encodings; only JSON has a null, which is the same as not giving an input.
fn request_body(fields: &[FieldDoc]) -> Value {
    let required: Vec<&str> = fields.iter().filter(|field| !field.optional).map(|field| field.name).collect();
    let object = |of: fn(&FieldDoc) -> Value| {
        let properties: Map<String, Value> =
            fields.iter().map(|field| (field.name.to_owned(), of(field))).collect();
        let mut object = json!({ "type": "object", "properties": properties });
        if let (false, Some(object)) = (required.is_empty(), object.as_object_mut()) {
            object.insert("required".into(), json!(required));
        }
        object
    };
    json!({
        "required": !required.is_empty(),
        "content": {
            "application/json": { "schema": object(fields::nullable) },
            "application/x-www-form-urlencoded": { "schema": object(fields::schema) },
        },
    })
}

/// Any one of these says who asks.
fn security(endpoint: &Endpoint) -> Value {
    match endpoint.need {
        Need::Nothing(_) => json!([]),
        Need::HalfWay => json!([{ "pending": [] }]),
        Need::AnySession
        | Need::AlsoLeaving
        | Need::SignedIn
        | Need::SteppedUp
        | Need::Site(_)
        | Need::Member
        | Need::Organization(_)
        | Need::Impersonating
            if endpoint.place == Place::Browser =>
        {
            json!([{ "session": [] }])
        }
        Need::AnySession
        | Need::AlsoLeaving
        | Need::SignedIn
        | Need::SteppedUp
        | Need::Site(_)
        | Need::Member
        | Need::Organization(_)
        | Need::Impersonating => {
            json!([{ "session": [] }, { "bearer": [] }])
        }
    }
}

fn responses(endpoint: &Endpoint, generator: &mut SchemaGenerator) -> Value {
    let output = (endpoint.output)(generator);
    let mut responses = Map::new();
    let media_type = endpoint.answers.media_type();
    let done = json!({ "description": "Done.", "content": { media_type: { "schema": output } } });
    responses.insert("200".into(), done);
    let mut by_status: BTreeMap<u16, Vec<&str>> = BTreeMap::new();
    for name in problem_names(endpoint) {
        if let Some(kind) = catalogue().iter().find(|kind| kind.name == name) {
            by_status.entry(kind.status).or_default().push(name);
        }
    }
    for (status, names) in by_status {
        let types = names.iter().map(|name| format!("/problems/{name}")).collect::<Vec<_>>();
        responses.insert(status.to_string(), refused(&names.join(", "), &types));
    }
    if endpoint.method != Method::GET {
        for (status, description) in OF_BODIES {
            responses.insert(status.to_string(), refused(description, &["about:blank".to_owned()]));
        }
    }
    Value::Object(responses)
}

fn refused(description: &str, types: &[String]) -> Value {
    let schema = json!({
        "allOf": [{ "$ref": "#/components/schemas/Problem" }, { "properties": { "type": { "enum": types } } }],
    });
    json!({ "description": description, "content": { "application/problem+json": { "schema": schema } } })
}
