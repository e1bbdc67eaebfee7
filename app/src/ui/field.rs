//! A labelled place for an input, with its hint and its problem, wired for screen readers.

use leptos::{context::Provider, prelude::*};

use super::{FormState, Glyph, Icon};

/// What an input inside a [`Field`] needs to know.
#[derive(Clone, Debug)]
pub(super) struct FieldState {
    /// The name in the API.
    pub(super) name: &'static str,
    /// The id the label points to.
    pub(super) id: String,
    /// The ids of hint and problem.
    pub(super) described_by: Signal<Option<String>>,
    /// `aria-invalid`.
    pub(super) invalid: Signal<Option<&'static str>>,
    /// What was typed before the page came back.
    pub(super) typed: Option<String>,
}

impl FieldState {
    /// The field around the caller. An input without one is a mistake that the missing label makes visible.
    pub(super) fn current() -> Self {
        use_context().unwrap_or_else(|| Self {
            name: "",
            id: String::new(),
            described_by: Signal::stored(None),
            invalid: Signal::stored(None),
            typed: None,
        })
    }
}

/// A label, an optional hint, one input, and the problem with it. The input inside takes name, id and wiring from
/// here, and a problem of the same name in the form's last refusal appears by itself.
#[component]
pub fn Field(
    /// The name in the API, in snake case.
    name: &'static str,
    /// The visible label.
    #[prop(into)]
    label: String,
    /// A sentence that helps before something goes wrong.
    #[prop(optional, into)]
    hint: Option<String>,
    /// A problem the page itself found; the form's own comes first.
    #[prop(optional, into)]
    error: MaybeProp<String>,
    /// Beside the label, such as a link to the forgotten password.
    #[prop(optional, into)]
    aside: Option<AnyView>,
    /// One input.
    children: Children,
) -> impl IntoView {
    let form = FormState::current();
    let id = form.element_id(name);
    let hint_id = format!("{id}-hint");
    let error_id = format!("{id}-error");
    let of_form = form.problem_of(name);
    let problem = Signal::derive(move || of_form.get().or_else(|| error.get()));
    let described_by = {
        let hint = hint.is_some().then(|| hint_id.clone());
        let error_id = error_id.clone();
        Signal::derive(move || match (&hint, problem.with(Option::is_some)) {
            (Some(hint), true) => Some(format!("{error_id} {hint}")),
            (Some(hint), false) => Some(hint.clone()),
            (None, true) => Some(error_id.clone()),
            (None, false) => None,
        })
    };
    let state = FieldState {
        name,
        id: id.clone(),
        described_by,
        invalid: Signal::derive(move || problem.with(Option::is_some).then_some("true")),
        typed: form.value_of(name),
    };
    view! {
        <div class="field">
            <div class="field-head">
                <label class="field-label" for=id>
                    {label}
                </label>
                {aside}
            </div>
            <Provider value=state>{children()}</Provider>
            {hint
                .map(|words| {
                    view! {
                        <p id=hint_id class="field-hint">
                            {words}
                        </p>
                    }
                })}
            <p id=error_id class="field-error" hidden=move || problem.with(Option::is_none)>
                <Icon glyph=Glyph::Alert/>
                <span>{move || problem.get()}</span>
            </p>
        </div>
    }
}
