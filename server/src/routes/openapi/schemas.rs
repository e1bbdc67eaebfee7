//! Shapes every endpoint shares: problems (RFC 9457) and the ways to say who asks.

use app::error::catalogue;
use serde_json::{Map, Value, json};

pub(super) fn of_problems() -> Map<String, Value> {
    let types: Vec<String> = catalogue().iter().map(|kind| format!("/problems/{}", kind.name)).collect();
    let field = json!({
        "type": "object",
        "required": ["field", "problem", "message"],
        "properties": {
            "field": { "type": "string", "description": "The name of the field." },
            "problem": { "type": "string", "description": "The stable name of what is wrong." },
            "message": { "type": "string", "description": "The sentence for people." },
        },
    });
    let problem = json!({
        "type": "object",
        "required": ["type", "title", "status"],
        "properties": {
            "type": { "type": "string", "format": "uri-reference", "examples": types },
            "title": { "type": "string" },
            "status": { "type": "integer" },
            "detail": { "type": "string" },
            "instance": { "type": "string", "description": "The request id, as in X-Request-Id." },
            "errors": { "type": "array", "items": { "$ref": "#/components/schemas/ProblemOfField" } },
            "retry_after_s": { "type": "integer" },
            "max_age_s": { "type": "integer" },
            "limit_bytes": { "type": "integer" },
            "resend": { "type": "string" },
            "challenge": { "type": "object", "description": "What /api/v1/identity/captcha answers." },
        },
    });
    Map::from_iter([("Problem".to_owned(), problem), ("ProblemOfField".to_owned(), field)])
}

pub(super) fn of_security() -> Value {
    let cookie = |name: &str, description: &str| json!({ "type": "apiKey", "in": "cookie", "name": name, "description": description });
    json!({
        "session": cookie("__Host-gate", "The session of a browser. A request with it must also carry Origin."),
        "pending": cookie("__Host-gate-pending", "Between password and second factor, ten minutes."),
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API token, which needs the scope that x-scope names, or an access token of tokens/issue. \
                            Beside it, cookies are not looked at.",
        },
    })
}
