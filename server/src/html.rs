//! Pages outside the application: the API page, explanations of problems, the letters of development.
//!
//! Promise: only literals of this program become markup; everything else is escaped.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    response::Response,
};

/// Markup under construction.
#[derive(Clone, Debug, Default)]
pub(crate) struct Markup(String);

impl Markup {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Appends markup. Takes literals only, so that no input can become markup.
    pub(crate) fn html(mut self, literal: &'static str) -> Self {
        self.0.push_str(literal);
        self
    }

    /// Appends text, escaped for both elements and quoted attributes.
    pub(crate) fn text(mut self, text: &str) -> Self {
        for character in text.chars() {
            match character {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                other => self.0.push(other),
            }
        }
        self
    }

    /// Appends other markup.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.0.push_str(&other.0);
        self
    }

    /// Appends one piece of markup for each item.
    pub(crate) fn each<T>(self, items: impl IntoIterator<Item = T>, piece: impl Fn(T) -> Self) -> Self {
        items.into_iter().fold(self, |markup, item| markup.and(piece(item)))
    }

    /// The finished text.
    pub(crate) fn into_text(self) -> String {
        self.0
    }
}

/// A whole page with the application's stylesheet.
pub(crate) fn page(status: StatusCode, stylesheet: &str, title: &str, main: Markup) -> Response {
    let page = Markup::new()
        .html("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .html("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        .html("<meta name=\"color-scheme\" content=\"light dark\">\n<title>")
        .text(title)
        .html(" · Gatehouse</title>\n<link rel=\"stylesheet\" href=\"")
        .text(stylesheet)
        .html("\">\n</head>\n<body>\n<header class=\"mx-auto max-w-3xl p-4\"><a href=\"/\">Gatehouse</a></header>\n")
        .html("<main class=\"mx-auto max-w-3xl p-4\">\n<h1 class=\"text-2xl font-semibold mb-4\">")
        .text(title)
        .html("</h1>\n")
        .and(main)
        .html("\n</main>\n</body>\n</html>\n");
    let mut response = Response::new(Body::from(page.into_text()));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn input_never_becomes_markup() {
        let markup = Markup::new().html("<p title=\"").text("\"><script>'&").html("\">").into_text();
        assert_eq!(markup, "<p title=\"&quot;&gt;&lt;script&gt;&#39;&amp;\">");
    }
}
