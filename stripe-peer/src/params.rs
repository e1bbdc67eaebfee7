//! Forms with keys nested by brackets, read into a tree whose leaves are texts.

use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::refusal::Refusal;

/// Reads `a=1&items[0][price]=p&expand[]=x`.
pub(crate) fn decode(form: &str) -> Value {
    let mut root = Map::new();
    for (key, value) in form_urlencoded::parse(form.as_bytes()) {
        let parts: Vec<&str> = key.split('[').map(|part| part.trim_end_matches(']')).collect();
        put(&mut root, &parts, value.into_owned());
    }
    lists(Value::Object(root))
}

fn put(fields: &mut Map<String, Value>, parts: &[&str], value: String) {
    let Some((first, rest)) = parts.split_first() else { return };
    let name = if first.is_empty() { fields.len().to_string() } else { (*first).to_owned() };
    if rest.is_empty() {
        fields.insert(name, Value::String(value));
        return;
    }
    let below = fields.entry(name).or_insert_with(|| Value::Object(Map::new()));
    if let Some(below) = below.as_object_mut() {
        put(below, rest, value);
    }
}

/// Objects whose keys are numbers are lists.
fn lists(value: Value) -> Value {
    let Value::Object(fields) = value else { return value };
    let fields: Vec<(String, Value)> = fields.into_iter().map(|(name, value)| (name, lists(value))).collect();
    let numbers: Option<Vec<usize>> = fields.iter().map(|(name, _)| name.parse().ok()).collect();
    match numbers {
        Some(numbers) if !numbers.is_empty() => {
            let mut items: Vec<_> = numbers.into_iter().zip(fields).collect();
            items.sort_by_key(|(number, _)| *number);
            items.into_iter().map(|(_, (_, value))| value).collect()
        }
        _ => Value::Object(fields.into_iter().collect()),
    }
}

/// A parameter as text; one that is empty is there.
pub(crate) fn text<'a>(params: &'a Value, name: &str) -> Option<&'a str> {
    params.get(name)?.as_str()
}

/// A parameter that must be there.
pub(crate) fn needed<'a>(params: &'a Value, name: &str) -> Result<&'a str, Refusal> {
    let found = text(params, name).filter(|text| !text.is_empty());
    found.ok_or_else(|| {
        Refusal::invalid(name, format!("Missing required param: {name}.")).code("parameter_missing")
    })
}

/// A parameter as a whole number.
pub(crate) fn int(params: &Value, name: &str) -> Result<Option<i64>, Refusal> {
    let parse =
        |text: &str| text.parse().map_err(|_| Refusal::invalid(name, format!("Invalid integer: {text}")));
    text(params, name).filter(|text| !text.is_empty()).map(parse).transpose()
}

/// A parameter as yes or no.
pub(crate) fn flag(params: &Value, name: &str) -> Result<Option<bool>, Refusal> {
    match text(params, name) {
        None => Ok(None),
        Some("true") => Ok(Some(true)),
        Some("false") => Ok(Some(false)),
        Some(other) => Err(Refusal::invalid(name, format!("Invalid boolean: {other}"))),
    }
}

/// The items of a list.
pub(crate) fn list<'a>(params: &'a Value, name: &str) -> &'a [Value] {
    params.get(name).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// Refuses what Stripe would not know, so that a slip in a name is found.
pub(crate) fn only(params: &Value, known: &[&str]) -> Result<(), Refusal> {
    let everywhere = ["expand"];
    let unknown = params.as_object().into_iter().flat_map(Map::keys);
    match unknown.filter(|name| !known.contains(&name.as_str()) && !everywhere.contains(&name.as_str())).min()
    {
        None => Ok(()),
        Some(name) => {
            Err(Refusal::invalid(name, format!("Received unknown parameter: {name}"))
                .code("parameter_unknown"))
        }
    }
}

/// Puts metadata together: what is empty goes.
pub(crate) fn metadata(before: &Value, params: &Value) -> Value {
    let mut all = before.as_object().cloned().unwrap_or_default();
    for (name, value) in params.get("metadata").and_then(Value::as_object).into_iter().flatten() {
        if value == "" {
            all.remove(name);
        } else {
            all.insert(name.clone(), value.clone());
        }
    }
    Value::Object(all)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn brackets_make_objects_and_lists() {
        let form =
            "customer=c&items[1][price]=b&items[0][price]=a&expand[]=x&expand[]=y&metadata[k]=&a%5Bb%5D=1";
        let expected = json!({
            "customer": "c",
            "items": [{ "price": "a" }, { "price": "b" }],
            "expand": ["x", "y"],
            "metadata": { "k": "" },
            "a": { "b": "1" },
        });
        assert_eq!(decode(form), expected);
    }
}
