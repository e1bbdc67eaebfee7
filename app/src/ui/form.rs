//! The form around a server function: typed values survive a refusal, problems reach their fields, one press is one
//! request.
//!
//! Without wasm the browser posts the form itself; the server answers a refusal with a redirect back and the next
//! rendering finds it as a [`crate::flash::Flash`]. With wasm the same form is sent by `fetch` and the inputs are
//! left alone.

use std::{collections::BTreeMap, marker::PhantomData};

use leptos::{context::Provider, ev::SubmitEvent, prelude::*, server::SharedValue};
use serde::de::DeserializeOwned;
use server_fn::{Http, ServerFn, codec::PostUrl};

use super::{Checking, ErrorSummary, FormAction, ReadOnly, browser};
use crate::{
    error::Problem,
    flash::{Flash, use_flash_for},
};

/// What the parts inside a form know of it. Found through the context; outside a form it is empty.
#[derive(Clone, Copy, Debug)]
pub struct FormState {
    /// Why the last try was refused.
    pub problem: Signal<Option<Problem>>,
    /// Whether a request is under way.
    pub pending: Signal<bool>,
    /// What the browser does about a captcha meanwhile.
    pub checking: Signal<Checking>,
    /// What was typed before a refusal without wasm. Passwords are never among them.
    values: StoredValue<BTreeMap<String, String>>,
    /// In front of the ids of the fields, so that two forms on a page may have a field of the same name.
    id: &'static str,
}

impl FormState {
    /// The form around the caller, or an empty one.
    #[must_use]
    pub fn current() -> Self {
        use_context().unwrap_or_else(|| Self::asking("", None, BTreeMap::new()))
    }

    /// A form whose answer has an address, so that what was typed and why it was refused are known when it is drawn. `id`
    /// stands in front of the ids of its fields: another form of the page may have fields of the same name.
    pub(crate) fn asking(
        id: &'static str,
        problem: Option<Problem>,
        values: BTreeMap<String, String>,
    ) -> Self {
        Self {
            problem: Signal::stored(problem),
            pending: Signal::stored(false),
            checking: Signal::stored(Checking::Nothing),
            values: StoredValue::new(values),
            id,
        }
    }

    /// A form that was refused, for the gallery and for tests.
    pub(crate) fn refused(problem: Problem, values: BTreeMap<String, String>) -> Self {
        Self::asking("refused", Some(problem), values)
    }

    /// A form whose request is under way, for the gallery.
    pub(crate) fn waiting() -> Self {
        Self { pending: Signal::stored(true), ..Self::asking("waiting", None, BTreeMap::new()) }
    }

    /// What was typed into a field before the page came back, if it did.
    #[must_use]
    pub fn value_of(&self, field: &str) -> Option<String> {
        self.values.with_value(|all| all.get(field).cloned())
    }

    /// The sentence about a field, if the last refusal was about it.
    #[must_use]
    pub fn problem_of(&self, field: &'static str) -> Signal<Option<String>> {
        let problem = self.problem;
        Signal::derive(move || {
            problem.with(|p| p.as_ref().and_then(|p| p.0.of_field(field)).map(|found| found.message.clone()))
        })
    }

    /// The id of a field's element.
    #[must_use]
    pub fn element_id(&self, field: &str) -> String {
        if self.id.is_empty() { field.to_owned() } else { format!("{}-{field}", self.id) }
    }
}

/// A form that calls a server function.
///
/// The `PostUrl` in the bound is the promise that it works with wasm off: no other encoding is what a browser sends.
/// Put [`super::Field`]s and a [`super::SubmitButton`] inside. The error summary comes first, by itself.
#[component]
pub fn Form<S, Out>(
    /// The action; make it with `FormAction::<S>::new()`.
    action: FormAction<S>,
    /// In front of the fields' ids. Taken from the endpoint's last part; two forms for one endpoint need their own.
    #[prop(optional)]
    id: Option<&'static str>,
    /// A field that no other form of the page for this endpoint has: without wasm it tells which one was refused.
    #[prop(optional)]
    known_by: Option<&'static str>,
    /// Runs in the living page when the answer is good. A redirect by the server needs no callback.
    #[prop(optional, into)]
    on_success: Option<Callback<(S::Output,)>>,
    /// The fields and the button.
    children: Children,
) -> impl IntoView
where
    S: ServerFn<Protocol = Http<PostUrl, Out>, Error = Problem> + 'static,
    S::Output: DeserializeOwned + Clone + Send + Sync + 'static,
    Out: 'static,
{
    let value = action.value();
    let on_submit = move |event: SubmitEvent| {
        if !event.default_prevented() {
            action.send(&event);
        }
    };
    if let Some(done) = on_success {
        Effect::new(move |_| {
            if let Some(Ok(output)) = value.get() {
                done.run((output,));
            }
        });
    }
    let outcome = Signal::derive(move || {
        value.with(|v| v.as_ref().map(|v| v.as_ref().map(|_| ()).map_err(Problem::clone)))
    });
    form_frame(Frame {
        id: id.unwrap_or_else(|| S::PATH.rsplit('/').next().unwrap_or_default()),
        url: S::url(),
        outcome,
        version: action.version(),
        pending: action.pending(),
        checking: action.checking(),
        flash: SharedValue::new(use_flash_for::<S>)
            .into_inner()
            .filter(|flash: &Flash| known_by.is_none_or(|field| flash.values.contains_key(field))),
        on_submit: Box::new(on_submit),
        children,
    })
}

/// A form for a server function after which the whole page may be somebody else's: it is sent by the browser itself, with
/// wasm as without, and the document is loaded anew. Why it was refused is on the page that comes back.
#[component]
pub fn DocumentForm<S, Out>(
    /// Which function; nothing of it is compiled into the browser half but its address.
    function: PhantomData<S>,
    /// In front of the fields' ids.
    id: &'static str,
    /// The fields and the button.
    children: Children,
) -> impl IntoView
where
    S: ServerFn<Protocol = Http<PostUrl, Out>, Error = Problem> + 'static,
    Out: 'static,
{
    let PhantomData = function;
    form_frame(Frame {
        id,
        url: S::url(),
        outcome: Signal::stored(None),
        version: Signal::stored(0),
        pending: Signal::stored(false),
        checking: Signal::stored(Checking::Nothing),
        flash: SharedValue::new(use_flash_for::<S>).into_inner(),
        on_submit: Box::new(|_| ()),
        children,
    })
}

/// What of a form does not depend on its server function: kept apart so that it is compiled once.
struct Frame {
    id: &'static str,
    url: &'static str,
    /// Nothing before the first answer.
    outcome: Signal<Option<Result<(), Problem>>>,
    version: Signal<usize>,
    pending: Signal<bool>,
    checking: Signal<Checking>,
    flash: Option<Flash>,
    on_submit: Box<dyn FnMut(SubmitEvent) + Send>,
    children: Children,
}

fn form_frame(frame: Frame) -> AnyView {
    let Frame { id, url, outcome, version, pending, checking, flash, on_submit, children } = frame;
    let before = StoredValue::new(flash.as_ref().and_then(Flash::problem).map(Problem));
    let problem = Memo::new(move |_| outcome.get().map_or_else(|| before.get_value(), Result::err));
    let values = StoredValue::new(flash.map(|flash| flash.values).unwrap_or_default());
    let state = FormState { problem: problem.into(), pending, checking, values, id };
    let summary = state.element_id("problem");
    let to_focus = summary.clone();
    Effect::new(move |seen: Option<usize>| {
        let now = version.get();
        if seen.is_some_and(|seen| seen != now) && problem.with_untracked(Option::is_some) {
            browser::focus_soon(to_focus.clone());
        }
        now
    });
    // Without a fieldset where none is needed: it would be one more group to whoever listens to the page.
    let within = move || {
        if !ReadOnly::is_on() {
            return children().into_any();
        }
        view! {
            <fieldset disabled class="contents">
                {children()}
            </fieldset>
        }
        .into_any()
    };
    view! {
        <form method="post" action=url class="form" on:submit=on_submit>
            <Provider value=state>
                <ErrorSummary id=summary/>
                {within()}
            </Provider>
        </form>
    }
    .into_any()
}

/// A field the person does not see, such as the token of a link.
#[component]
pub fn Hidden(
    /// Its name in the API.
    name: &'static str,
    /// Its value.
    #[prop(into)]
    value: String,
) -> impl IntoView {
    view! { <input type="hidden" name=name value=value/> }
}
