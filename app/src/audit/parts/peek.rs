//! One entry, whole. It is in the address (`?entry=`), so that it opens without wasm and can be shown to a colleague.

use domain::audit::Entry;
use leptos::prelude::*;
use serde_json::Value;

use crate::{
    error::Problem,
    frame::refused,
    ui::{Address, Card, CodeBlock, Detail, DetailsList, LinkButton, Weight},
};

/// The id of the panel; the focus goes there when it opens.
pub const PEEK: &str = "trail-entry";

/// The panel, and the way back to the list as it is.
pub fn peek(entry: Result<Entry, Problem>, address: &Address) -> AnyView {
    let back = address.href();
    let close = view! {
        <LinkButton href=back weight=Weight::Quiet>
            "Close"
        </LinkButton>
    };
    let (title, content) = match entry {
        Ok(entry) => (format!("Entry {}", entry.seq), whole(entry)),
        Err(problem) => ("Entry".to_owned(), refused(&problem)),
    };
    let label = title.clone();
    view! {
        <div id=PEEK tabindex="-1" role="region" aria-label=label>
            <Card title aside=close.into_any()>
                {content}
            </Card>
        </div>
    }
    .into_any()
}

fn whole(entry: Entry) -> AnyView {
    let detail = pretty(&entry.detail);
    let organization = entry.organization_id.map_or_else(|| "The site".to_owned(), |id| id.to_string());
    let (who, to_what) = (who(&entry), to_what(entry.target.as_deref()));
    view! {
        <div class="grid gap-4">
            <DetailsList>
                <Detail name="Time">
                    <code>{entry.at.rfc3339()}</code>
                </Detail>
                <Detail name="Who">{who}</Detail>
                <Detail name="What">
                    <code>{entry.action}</code>
                </Detail>
                <Detail name="To what">{to_what}</Detail>
                <Detail name="Organization">{organization}</Detail>
                <Detail name="From">{entry.address}</Detail>
                <Detail name="Request">
                    <code class="wrap-anywhere">{entry.request_id.to_string()}</code>
                </Detail>
                <Detail name="Hash">
                    <code class="wrap-anywhere">{entry.hash}</code>
                </Detail>
            </DetailsList>
            <CodeBlock text=detail what="details"/>
        </div>
    }
    .into_any()
}

fn who(entry: &Entry) -> AnyView {
    let Some(id) = entry.actor else { return "Nobody signed in".into_any() };
    match &entry.actor_email {
        Some(email) => person(&id.to_string(), email.clone()),
        None => format!("A deleted account ({id})").into_any(),
    }
}

fn to_what(target: Option<&str>) -> AnyView {
    match target {
        None => "—".into_any(),
        Some(target) => match target.strip_prefix("user:") {
            Some(id) => person(id, target.to_owned()),
            None => view! { <code class="wrap-anywhere">{target.to_owned()}</code> }.into_any(),
        },
    }
}

/// A link to what is known of a person.
fn person(id: &str, words: String) -> AnyView {
    let href = format!("/admin/users/{id}");
    view! {
        <a class="wrap-anywhere" href=href>
            {words}
        </a>
    }
    .into_any()
}

/// JSON text with a line for each field; what is none is shown as it is.
fn pretty(text: &str) -> String {
    let value = serde_json::from_str::<Value>(text).and_then(|value| serde_json::to_string_pretty(&value));
    value.unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::pretty;

    #[test]
    fn details_have_a_line_each_and_what_is_no_json_is_left_as_it_is() {
        assert_eq!(pretty(r#"{"reason":"x"}"#), "{\n  \"reason\": \"x\"\n}");
        assert_eq!(pretty("no json"), "no json");
    }
}
