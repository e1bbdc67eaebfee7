//! Declarations and registered functions are the same set, or the server does not start.

use app::endpoint::{Answers, all};
use server::endpoints::Endpoints;

#[test]
fn a_function_without_a_declaration_is_refused() {
    let mut declared = all();
    let missing = declared.pop().expect("there are endpoints");
    let differences =
        Endpoints::checked(declared, server_fn::axum::server_fn_paths()).err().expect("refused");
    assert_eq!(differences.undeclared, [format!("{} {}", missing.method, missing.path)]);
    assert!(differences.to_string().contains(missing.path));
}

#[test]
fn a_declaration_without_a_function_is_refused() {
    let mut declared = all();
    let mut invented = declared.first().cloned().expect("there are endpoints");
    invented.path = "/api/v1/nowhere/at-all";
    declared.push(invented);
    let differences =
        Endpoints::checked(declared, server_fn::axum::server_fn_paths()).err().expect("refused");
    assert_eq!(differences.unregistered.len(), 1);
}

#[test]
fn a_repeated_declaration_is_refused() {
    let mut declared = all();
    declared.extend(declared.first().cloned());
    let differences =
        Endpoints::checked(declared, server_fn::axum::server_fn_paths()).err().expect("refused");
    assert_eq!(differences.repeated.len(), 1);
}

#[test]
fn every_name_is_fixed_and_of_one_shape() {
    for endpoint in all() {
        let parts: Vec<&str> = endpoint.path.split('/').collect();
        let plain =
            |part: &&str| part.chars().all(|c| c.is_ascii_lowercase() || c == '-') && !part.is_empty();
        let is_function =
            matches!(parts.as_slice(), ["", "api", "v1", room, verb] if plain(room) && plain(verb));
        let is_file = matches!(parts.as_slice(), ["", "exports", .., file] if file.split('.').count() == 2);
        assert!(if endpoint.answers == Answers::Json { is_function } else { is_file }, "{}", endpoint.path);
    }
}
