//! Why a form was refused, at its top: spoken at once, focused, and with a link to each field.

use leptos::prelude::*;

use super::{FormState, Glyph, Icon, sign_in_path};
use crate::error::Problem;

/// The summary of the form around it. The empty element is always there: a live region that appears together with
/// its text is not read out by every screen reader.
#[component]
pub fn ErrorSummary(
    /// The id of the element, so that the form can focus it.
    #[prop(into)]
    id: String,
) -> impl IntoView {
    let form = FormState::current();
    let problem = form.problem;
    // `autofocus` serves the page that comes back without wasm; the living page moves the focus itself.
    view! {
        <div
            id=id
            class="summary"
            class:summary-calm=move || problem.with(|problem| problem.as_ref().is_some_and(is_calm))
            role="alert"
            tabindex="-1"
            autofocus=move || problem.with(Option::is_some)
        >
            {move || problem.get().map(|problem| lines(&problem, form))}
        </div>
    }
}

/// Nothing is wrong with what was typed.
fn is_calm(problem: &Problem) -> bool {
    matches!(problem.0, domain::AppError::CaptchaRequired { .. })
}

fn lines(problem: &Problem, form: FormState) -> AnyView {
    use domain::AppError::{Conflict, InvalidInput, SignInRequired};
    let body = match &problem.0 {
        InvalidInput { errors } | Conflict { errors } if !errors.is_empty() => {
            let rows = errors
                .iter()
                .map(|error| {
                    let href = format!("#{}", form.element_id(&error.field));
                    let words = format!("{}: {}", label_of(&error.field), error.message);
                    // `rel="external"` keeps the router away: the browser itself moves the focus along with a fragment.
                    view! { <li><a href=href rel="external">{words}</a></li> }
                })
                .collect_view();
            view! { <ul class="summary-list">{rows}</ul> }.into_any()
        }
        // The session ended under the open form.
        SignInRequired => {
            let href = sign_in_path();
            view! {
                <p>
                    {problem.detail()} " "
                    <a href=href rel="external">
                        "Sign in and come back to this page."
                    </a>
                </p>
            }
            .into_any()
        }
        _ => view! { <p>{problem.detail()}</p> }.into_any(),
    };
    view! {
        <Icon glyph=Glyph::Alert/>
        <div>
            <p class="summary-title">{problem.title()}</p>
            {body}
        </div>
    }
    .into_any()
}

/// `current_password` → `Current password`. Labels are written after the same rule, so both read alike.
fn label_of(field: &str) -> String {
    if field == "url" {
        return field.to_uppercase();
    }
    let words = field.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::label_of;

    #[test]
    fn a_fields_name_becomes_words() {
        assert_eq!(label_of("current_password"), "Current password");
        assert_eq!(label_of("url"), "URL");
        assert_eq!(label_of(""), "");
    }
}
