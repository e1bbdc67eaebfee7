//! What describes the interface describes all of it.

use app::{
    billing::api::{CSV, PDF},
    endpoint::{Answers, all},
    error::catalogue,
};
use axum::http::{Method, StatusCode};
use serde_json::Value;
use sqlx::PgPool;

use crate::harness::{App, wide};

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn every_endpoint_is_described_with_access_inputs_output_and_problems(db: PgPool) {
    let app = App::start(db).await;
    let document = app.client().get("/api/v1/openapi.json").await.json();
    assert_eq!(document["openapi"], "3.1.0");
    let readable = app.client().get("/api").await.text();
    for endpoint in all() {
        let method = endpoint.method.as_str().to_ascii_lowercase();
        let operation = &document["paths"][endpoint.path][&method];
        assert!(operation["x-access"].is_string(), "{}", endpoint.path);
        let media_type = endpoint.answers.media_type();
        assert!(operation["responses"]["200"]["content"][media_type]["schema"].is_object());
        assert!(operation["responses"]["429"]["content"]["application/problem+json"].is_object());
        for status in ["408", "415"] {
            let described = operation["responses"][status].is_object();
            assert_eq!(described, endpoint.method == Method::POST, "{status} of {}", endpoint.path);
        }
        for name in endpoint.problems {
            let kind = catalogue().iter().find(|kind| kind.name == *name).expect("a known problem");
            let described = operation["responses"][kind.status.to_string()]["description"].as_str();
            assert!(described.is_some_and(|text| text.contains(name)), "{name} of {}", endpoint.path);
        }
        for field in (endpoint.fields)() {
            assert!(
                operation.to_string().contains(&format!("\"{}\"", field.name)),
                "{} of {}",
                field.name,
                endpoint.path
            );
        }
        assert!(readable.contains(endpoint.path), "{}", endpoint.path);
    }
    assert_eq!(readable.matches("Copy as curl").count(), all().len());
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn a_file_is_described_with_the_permission_that_its_function_asks_for(db: PgPool) {
    let document = App::start(db).await.client().get("/api/v1/openapi.json").await.json();
    for path in [PDF, CSV] {
        let operation = &document["paths"][path]["get"];
        let (access, scope) = (&operation["x-access"], &operation["x-scope"]);
        assert_eq!((access, scope), (&"organization:billing:read".into(), &"billing:read".into()), "{path}");
        let refused = operation["responses"]["403"]["description"].as_str().expect("described");
        assert!(refused.contains("organization-policy"), "{path}: {refused}");
    }
}

#[test]
fn a_file_belongs_to_a_room_that_there_is() {
    let (files, functions): (Vec<_>, Vec<_>) =
        all().into_iter().partition(|endpoint| endpoint.answers != Answers::Json);
    assert!(files.len() > 4, "they were found");
    for file in files {
        let room = file.room();
        assert!(functions.iter().any(|function| function.room() == room), "{} of {room}", file.path);
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn every_reference_of_the_description_leads_somewhere(db: PgPool) {
    let app = App::start(db).await;
    let document = app.client().get("/api/v1/openapi.json").await.json();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("a local reference");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            if let Some(Value::String(reference)) = object.get("$ref") {
                references.push(reference.clone());
            }
            object.values().for_each(|value| collect(value, references));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn every_problem_has_a_page_that_explains_it(db: PgPool) {
    let app = App::start(db).await;
    for kind in catalogue() {
        let page = app.client().get(&format!("/problems/{}", kind.name)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", kind.name);
        assert!(page.text().contains("/problems/"), "{}", kind.name);
    }
    assert_eq!(app.client().get("/problems/nonsense").await.status, StatusCode::NOT_FOUND);
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn well_known_places_are_there(db: PgPool) {
    let contact = [("GATEHOUSE_SECURITY_CONTACT", "mailto:security@example.com")];
    let app = App::start_with(wide(db), &contact).await;
    let text = app.client().get("/.well-known/security.txt").await.text();
    assert!(text.starts_with("Contact: mailto:security@example.com\nExpires: 20"), "{text}");
    let change = app.client().get("/.well-known/change-password").await;
    assert_eq!((change.status, change.header("location")), (StatusCode::SEE_OTHER, "/account/security"));
}

#[sqlx::test(migrator = "domain::platform::db::MIGRATOR")]
async fn letters_are_readable_in_development(db: PgPool) {
    let app = App::start(db).await;
    app.member("reader@example.com").await;
    let list = app.client().get("/dev/mail").await.text();
    assert!(list.contains("reader@example.com"), "{list}");
    let id =
        list.split("href=\"/dev/mail/").nth(1).and_then(|rest| rest.split('"').next()).expect("a letter");
    let letter = app.client().get(&format!("/dev/mail/{id}")).await.text();
    assert!(letter.contains("<a class=\"underline\" href=\"http://127.0.0.1:3000/"), "{letter}");
    assert!(letter.contains("sandbox="), "{letter}");
    let html = app.client().get(&format!("/dev/mail/{id}/html")).await;
    assert!(html.header("content-security-policy").contains("sandbox"));
}
