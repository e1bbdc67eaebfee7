//! What can be done to one webhook, and what was done just now.

use domain::webhooks::{MadeWebhook, Replayed};
use leptos::prelude::*;
use server_fn::ServerFn;

use crate::{
    error::Problem,
    flash::use_answer_of,
    frame::{forget_refusal, is_stale, was_stale},
    identity::api::StepUp,
    ui::{Banner, FormAction, Tone, times_done},
    webhooks::api::{EndWebhook, ReplayDeliveries, RotateWebhookSecret, TestWebhook, UpdateWebhook},
};

/// The actions of the page; they outlive the forms, which are drawn anew when the webhook has changed.
#[derive(Clone, Copy)]
pub struct Tending {
    /// Changes address, description and events.
    pub edit: FormAction<UpdateWebhook>,
    /// Pauses and resumes.
    pub switch: FormAction<UpdateWebhook>,
    /// Makes another secret.
    pub rotate: FormAction<RotateWebhookSecret>,
    /// Removes it.
    pub end: FormAction<EndWebhook>,
    /// Sends a test.
    pub test: FormAction<TestWebhook>,
    /// Sends events once more.
    pub replay: FormAction<ReplayDeliveries>,
    /// Proves it again.
    pub step_up: FormAction<StepUp>,
    /// Whether a plain post just before this page needed a fresh proof.
    stale: RwSignal<bool>,
    /// What a plain post just before this page had done.
    before: StoredValue<Before>,
}

#[derive(Clone, Debug)]
struct Before {
    saved: bool,
    tested: bool,
    replayed: Option<Replayed>,
    made: Option<MadeWebhook>,
}

impl Tending {
    /// Made once by the page.
    pub fn new() -> Self {
        let before = Before {
            saved: use_answer_of::<UpdateWebhook>().is_some(),
            tested: use_answer_of::<TestWebhook>().is_some(),
            replayed: use_answer_of::<ReplayDeliveries>(),
            made: use_answer_of::<RotateWebhookSecret>(),
        };
        // Each is asked for in any case: hydration counts the questions.
        let stale =
            [was_stale::<UpdateWebhook>(), was_stale::<RotateWebhookSecret>(), was_stale::<EndWebhook>()];
        Self {
            edit: FormAction::new(),
            switch: FormAction::new(),
            rotate: FormAction::new(),
            end: FormAction::new(),
            test: FormAction::new(),
            replay: FormAction::new(),
            step_up: FormAction::new(),
            stale: RwSignal::new(stale.contains(&true)),
            before: StoredValue::new(before),
        }
    }

    /// Changes with everything after which the webhook is another one.
    pub fn changes(&self) -> Signal<usize> {
        let counts = [times_done(self.edit), times_done(self.switch), times_done(self.rotate)];
        Signal::derive(move || counts.iter().map(|count| count.get()).sum())
    }

    /// Changes with everything after which its deliveries are others.
    pub fn sent(&self) -> Signal<usize> {
        let counts = [times_done(self.test), times_done(self.replay), times_done(self.switch)];
        Signal::derive(move || counts.iter().map(|count| count.get()).sum())
    }

    /// The secret that was made just now.
    pub fn made(&self) -> Option<MadeWebhook> {
        let now = self.rotate.value().get().and_then(Result::ok);
        now.or_else(|| self.before.with_value(|before| before.made.clone()))
    }

    /// Whether a change needs a fresh proof.
    pub fn needs_proof(&self) -> bool {
        let Self { edit, switch, rotate, end, stale, .. } = *self;
        is_stale(edit) || is_stale(switch) || is_stale(rotate) || is_stale(end) || stale.get()
    }

    /// After the proof the refusals are history.
    pub fn forget_refusals(&self) {
        self.stale.set(false);
        forget_refusal(self.edit);
        forget_refusal(self.switch);
        forget_refusal(self.rotate);
        forget_refusal(self.end);
    }

    /// Sentences about what was done on this page.
    pub fn said(&self) -> AnyView {
        let Self { edit, switch, test, replay, before, .. } = *self;
        let sentences = move || {
            let before = before.get_value();
            // What was done in the living page is newer than what a post before it had done.
            let is_new =
                [edit.version().get(), switch.version().get(), test.version().get(), replay.version().get()]
                    .iter()
                    .any(|version| *version > 0);
            let was = |done: bool| done && !is_new;
            let saved = is_done(edit) || is_done(switch) || was(before.saved);
            let tested = is_done(test) || was(before.tested);
            let again = replay.value().get().and_then(Result::ok).or(before.replayed.filter(|_| !is_new));
            let all = [
                saved.then(|| "The webhook is changed.".to_owned()),
                tested.then(|| "A test is on its way. It stands in the list below.".to_owned()),
                again.map(|Replayed { count }| match count {
                    0 => "Nothing was given up since then.".to_owned(),
                    1 => "1 delivery is sent once more.".to_owned(),
                    many => format!("{many} deliveries are sent once more."),
                }),
            ];
            all.into_iter().flatten().map(|title| view! { <Banner tone=Tone::Good title/> }).collect_view()
        };
        view! {
            <div role="status" class="grid gap-2 empty:hidden">
                {sentences}
            </div>
        }
        .into_any()
    }
}

impl Default for Tending {
    fn default() -> Self {
        Self::new()
    }
}

fn is_done<S>(action: FormAction<S>) -> bool
where
    S: ServerFn<Error = Problem> + 'static,
    S::Output: Clone + Send + Sync + 'static,
{
    action.value().with(|value| matches!(value, Some(Ok(_))))
}
