//! What a page says of the action that was answered last.

use leptos::prelude::*;
use server_fn::ServerFn;

use crate::{
    error::Problem,
    ui::{Banner, FormAction, Tone},
};

/// An action, and what is said when it went well.
pub struct Answered<W> {
    answers: Signal<usize>,
    /// Nothing where it was refused.
    told: Box<dyn Fn() -> Option<W> + Send + Sync>,
}

/// Says this when the action went well.
pub fn answered<S>(action: FormAction<S>, words: &'static str) -> Answered<&'static str>
where
    S: ServerFn<Error = Problem> + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    answered_with(action, move |_| words)
}

/// Says what is made of its answer when the action went well.
pub fn answered_with<S, W>(
    action: FormAction<S>,
    words: impl Fn(&S::Output) -> W + Send + Sync + 'static,
) -> Answered<W>
where
    S: ServerFn<Error = Problem> + 'static,
    S::Output: Clone + Send + Sync + 'static,
    W: 'static,
{
    let value = action.value();
    // Untracked: a refusal that is forgotten is no answer.
    let told = move || value.with_untracked(|value| Some(words(value.as_ref()?.as_ref().ok()?)));
    Answered { answers: action.version(), told: Box::new(told) }
}

/// The words of the action that was answered last, and none where it was refused; before any was, those of the plain post
/// just before this page.
pub fn newest<W>(before: Option<W>, actions: Vec<Answered<W>>) -> Memo<Option<W>>
where
    W: Clone + PartialEq + Send + Sync + 'static,
{
    let state = Memo::new(move |last: Option<&(Vec<usize>, Option<W>)>| {
        let counts: Vec<usize> = actions.iter().map(|action| action.answers.get()).collect();
        let Some((known, words)) = last else { return (counts, before.clone()) };
        let changed = counts.iter().zip(known).position(|(now, then)| now != then);
        let words = match changed.and_then(|n| actions.get(n)) {
            Some(action) => (action.told)(),
            None => words.clone(),
        };
        (counts, words)
    });
    Memo::new(move |_| state.with(|(_, words)| words.clone()))
}

/// The words of [`newest`], where they are seen and announced.
pub fn said<W>(words: Memo<Option<W>>) -> AnyView
where
    W: Into<String> + Clone + Send + Sync + 'static,
{
    announced(move || Some((Tone::Good, words.get()?.into())))
}

/// The same for what is not good in any case.
pub fn said_in_tone(words: Memo<Option<(Tone, String)>>) -> AnyView {
    announced(move || words.get())
}

fn announced(words: impl Fn() -> Option<(Tone, String)> + Send + 'static) -> AnyView {
    let sentence = move || words().map(|(tone, title)| view! { <Banner tone title/> });
    view! {
        <div role="status" class="empty:hidden">
            {sentence}
        </div>
    }
    .into_any()
}
