//! The schema of one input: its type, and what its name promises in every endpoint.
//!
//! Promised is only what every endpoint holds to. What depends on the rest of the request, or on what is stored, is told
//! by the problems.

use app::endpoint::{FieldDoc, FieldKind};
use domain::{identity::Address, values::PAGE_MAX};
use serde_json::{Value, json};

pub(super) fn schema(field: &FieldDoc) -> Value {
    match field.kind {
        FieldKind::Text => text(field),
        FieldKind::Number if field.name == "limit" => {
            json!({ "type": "integer", "minimum": 1, "maximum": PAGE_MAX })
        }
        FieldKind::Number => json!({ "type": "integer" }),
        FieldKind::Flag => json!({ "type": "boolean" }),
        FieldKind::List => json!({ "type": "array", "items": { "type": "string" } }),
        FieldKind::Numbers => json!({ "type": "array", "items": { "type": "integer" } }),
    }
}

/// The schema where there is a null, which is the same as not giving an input.
pub(super) fn nullable(field: &FieldDoc) -> Value {
    let mut schema = schema(field);
    if field.optional {
        schema["type"] = json!([schema["type"], "null"]);
    }
    schema
}

fn text(field: &FieldDoc) -> Value {
    match field.name {
        "email" => json!({ "type": "string", "format": "email", "maxLength": Address::MAX }),
        "id" | "user_id" | "webhook_id" | "invitation_id" | "hold_id" | "invoice_id" => {
            json!({ "type": "string", "format": "uuid" })
        }
        "password" | "current_password" if field.optional => {
            json!({ "type": "string", "format": "password" })
        }
        "password" | "current_password" => json!({ "type": "string", "format": "password", "minLength": 1 }),
        _ if field.optional => json!({ "type": "string" }),
        // What has to be given is never empty.
        _ => json!({ "type": "string", "minLength": 1 }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(name: &'static str, optional: bool) -> Value {
        schema(&FieldDoc { name, kind: FieldKind::Text, optional })
    }

    #[test]
    fn a_text_that_has_to_be_given_is_never_empty() {
        assert_eq!(text("code", false)["minLength"], 1);
        assert_eq!(text("display_name", true)["minLength"], Value::Null);
    }

    #[test]
    fn what_may_be_left_out_may_be_null() {
        let field = |optional| FieldDoc { name: "code", kind: FieldKind::Text, optional };
        assert_eq!(nullable(&field(true))["type"], json!(["string", "null"]));
        assert_eq!(nullable(&field(false))["type"], "string");
    }

    #[test]
    fn addresses_ids_and_limits_say_what_they_are() {
        assert_eq!(text("email", false), json!({ "type": "string", "format": "email", "maxLength": 254 }));
        assert_eq!(text("user_id", false)["format"], "uuid");
        let limit = FieldDoc { name: "limit", kind: FieldKind::Number, optional: true };
        assert_eq!(schema(&limit), json!({ "type": "integer", "minimum": 1, "maximum": 100 }));
    }
}
