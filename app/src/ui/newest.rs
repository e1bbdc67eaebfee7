//! What a page says of the action that was answered last.

use leptos::prelude::*;
use server_fn::ServerFn;

use crate::{
    error::Problem,
    ui::{Banner, FormAction, Tone},
};

/// An action, and what is said when it went well.
pub struct Answered {
    answers: Signal<usize>,
    is_done: Signal<bool>,
    words: &'static str,
}

/// Says this when the action went well.
pub fn answered<S>(action: FormAction<S>, words: &'static str) -> Answered
where
    S: ServerFn<Error = Problem> + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    let value = action.value();
    let is_done = Signal::derive(move || value.with(|value| matches!(value, Some(Ok(_)))));
    Answered { answers: action.version(), is_done, words }
}

/// The words of the action that was answered last, and none where it was refused; before any was, those of the plain post
/// just before this page.
pub fn newest(before: Option<&'static str>, actions: Vec<Answered>) -> Memo<Option<&'static str>> {
    let state = Memo::new(move |last: Option<&(Vec<usize>, Option<&'static str>)>| {
        let counts: Vec<usize> = actions.iter().map(|action| action.answers.get()).collect();
        let Some((known, words)) = last else { return (counts, before) };
        let changed = counts.iter().zip(known).position(|(now, then)| now != then);
        let words = match changed.and_then(|n| actions.get(n)) {
            // Untracked: a refusal that is forgotten is no answer.
            Some(action) => action.is_done.get_untracked().then_some(action.words),
            None => *words,
        };
        (counts, words)
    });
    Memo::new(move |_| state.with(|(_, words)| *words))
}

/// The words of [`newest`], where they are seen and announced.
pub fn said(words: Memo<Option<&'static str>>) -> AnyView {
    let sentence = move || words.get().map(|title| view! { <Banner tone=Tone::Good title/> });
    view! {
        <div role="status" class="empty:hidden">
            {sentence}
        </div>
    }
    .into_any()
}
