//! Parameters as Stripe reads them: a form whose keys are nested by brackets, such as `items[0][price]`.

use serde_json::Value;
use url::form_urlencoded::Serializer;

/// Writes an object as a form. `null` is left out; an empty text stays, because it is how a field is cleared.
pub(super) fn encode(params: &Value) -> String {
    let mut pairs = Vec::new();
    collect(String::new(), params, &mut pairs);
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}

fn collect(key: String, value: &Value, pairs: &mut Vec<(String, String)>) {
    let below = |name: &str| if key.is_empty() { name.to_owned() } else { format!("{key}[{name}]") };
    match value {
        Value::Null => {}
        Value::Object(fields) => fields.iter().for_each(|(name, value)| collect(below(name), value, pairs)),
        Value::Array(items) => {
            items
                .iter()
                .enumerate()
                .for_each(|(place, item)| collect(below(&place.to_string()), item, pairs));
        }
        Value::String(text) => pairs.push((key, text.clone())),
        Value::Bool(_) | Value::Number(_) => pairs.push((key, value.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn decoded(params: &Value) -> Vec<(String, String)> {
        url::form_urlencoded::parse(encode(params).as_bytes()).into_owned().collect()
    }

    #[test]
    fn keys_are_nested_by_brackets_and_null_is_left_out() {
        let params = json!({
            "customer": "cus_1",
            "description": null,
            "name": "",
            "items": [{ "price": "p", "quantity": 2 }, { "id": "si_1", "deleted": true }],
            "metadata": { "a&b": "ö=1" },
        });
        let expected = [
            ("customer", "cus_1"),
            ("items[0][price]", "p"),
            ("items[0][quantity]", "2"),
            ("items[1][deleted]", "true"),
            ("items[1][id]", "si_1"),
            ("metadata[a&b]", "ö=1"),
            ("name", ""),
        ];
        let mut found = decoded(&params);
        found.sort();
        assert_eq!(found, expected.map(|(key, value)| (key.to_owned(), value.to_owned())));
        assert_eq!(encode(&json!({})), "");
    }
}
