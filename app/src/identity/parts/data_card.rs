//! The copy of everything the site holds about somebody: asked for, made, taken away.

use domain::{
    identity::{DataExport, ProofNeeded, ReadyExport},
    operations::{Operation, OperationFailure, OperationState},
};
use leptos::prelude::*;

use super::AccountActions;
use crate::{
    error::Problem,
    frame::{ConfirmItIsYou, refused},
    identity::{data_api::COPY, words},
    operations::parts::Progress,
    ui::{
        Banner, Card, Detail, DetailsList, Form, Hidden, Skeleton, SubmitButton, TimeText, Tone, Watched,
        Weight, parameter,
    },
};

/// The page where the copy is; with this in its address it asks for a fresh proof first.
const FETCH: &str = "/account/profile?fetch=1#your-data";

/// The card. What it shows is read anew while an operation goes on.
#[component]
pub fn DataCard(
    /// The answer of the server.
    state: Resource<Result<DataExport, Problem>>,
    /// What the page does; it lives longer than this card.
    actions: AccountActions,
    /// Which proof the account gives.
    proof: ProofNeeded,
) -> impl IntoView {
    // Somebody pressed the button that needs a fresh proof first.
    let is_wanted = parameter("fetch").is_some();
    view! {
        <div id="your-data">
            <Card title="Your data" lead=words::DATA_LEAD>
                <Transition strict=true fallback=|| view! { <Skeleton lines=3/> }>
                    {move || {
                        let proof = proof.clone();
                        Suspend::new(async move {
                            match state.await {
                                Ok(state) => {
                                    let asks = is_wanted && state.ready.is_some() && !state.is_proved;
                                    view! {
                                        {move || (asks && !actions.needs_proof()).then(|| confirm(&actions, proof.clone()))}
                                        {shown(state, &actions)}
                                    }
                                    .into_any()
                                }
                                Err(problem) => refused(&problem),
                            }
                        })
                    }}
                </Transition>
            </Card>
        </div>
    }
}

fn confirm(actions: &AccountActions, proof: ProofNeeded) -> AnyView {
    let actions = *actions;
    view! {
        <div class="mb-5">
            <ConfirmItIsYou action=actions.step_up proof on_success=move |()| actions.forget_refusals()/>
        </div>
    }
    .into_any()
}

fn shown(state: DataExport, actions: &AccountActions) -> AnyView {
    let DataExport { operation, ready, is_proved } = state;
    let active = operation.as_ref().filter(|operation| operation.is_active()).cloned();
    let failed = operation.filter(|operation| operation.state == OperationState::Failed);
    let words = if ready.is_some() { "Make a new copy" } else { "Make a copy" };
    let ask = active.is_none().then(|| ask(actions, words));
    view! {
        <div class="grid gap-5">
            {ready.map(|ready| file(ready, is_proved))}
            {failed.map(|operation| came_to_nothing(&operation, actions))}
            {active.map(|operation| under_way(operation, actions))}
            {ask}
        </div>
    }
    .into_any()
}

fn file(ready: ReadyExport, is_proved: bool) -> AnyView {
    let ReadyExport { made_at, expires_at, bytes } = ready;
    let way = if is_proved {
        // `external` keeps the router out of it: a file is no page.
        view! {
            <a class="btn btn-primary" href=COPY rel="external" download="">
                "Download the copy"
            </a>
        }
        .into_any()
    } else {
        view! {
            <a class="btn btn-primary" href=FETCH rel="external">
                "Confirm that it is you, then download"
            </a>
        }
        .into_any()
    };
    view! {
        <div class="grid justify-items-start gap-4">
            <DetailsList>
                <Detail name="Made">
                    <TimeText at=made_at/>
                </Detail>
                <Detail name="Size">{size(bytes)}</Detail>
                <Detail name="Kept until">
                    <TimeText at=expires_at/>
                </Detail>
            </DetailsList>
            {way}
        </div>
    }
    .into_any()
}

fn came_to_nothing(operation: &Operation, actions: &AccountActions) -> AnyView {
    let reason = operation.error.unwrap_or(OperationFailure::Internal).sentence();
    let id = operation.id.to_string();
    view! {
        <Banner tone=Tone::Bad title="The copy could not be made">
            <p>{reason}</p>
        </Banner>
        <Form action=actions.retry>
            <Hidden name="id" value=id/>
            <SubmitButton pending_words="Asking…">"Try it again"</SubmitButton>
        </Form>
    }
    .into_any()
}

fn under_way(operation: Operation, actions: &AccountActions) -> AnyView {
    let id = operation.id.to_string();
    let may_end = operation.state != OperationState::Cancelling;
    let end = may_end.then(|| {
        view! {
            <Form action=actions.cancel>
                <Hidden name="id" value=id/>
                <SubmitButton weight=Weight::Secondary pending_words="Ending it…">
                    "Cancel"
                    <span class="sr-only">" the copy"</span>
                </SubmitButton>
            </Form>
        }
    });
    view! {
        <Progress operation what="The copy of your data"/>
        <div class="stack-actions">
            // Whoever has no wasm looks again by themselves: an empty address is the page itself, loaded anew.
            <a class="btn btn-secondary" href="" rel="external">
                "Look again"
            </a>
            {end}
        </div>
    }
    .into_any()
}

fn ask(actions: &AccountActions, words: &'static str) -> AnyView {
    let [_, _, watch] = actions.watches;
    view! {
        <Form action=actions.export>
            <Watched by=watch/>
            <SubmitButton weight=Weight::Secondary pending_words="Asking…">
                {words}
            </SubmitButton>
        </Form>
    }
    .into_any()
}

/// A length for people: rounded up, so that nothing is nothing.
fn size(bytes: u64) -> String {
    let kib = bytes.div_ceil(1024);
    if kib < 1024 { format!("{kib} KiB") } else { format!("{} MiB", kib.div_ceil(1024)) }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn a_size_is_rounded_up() {
        for (bytes, words) in [(1, "1 KiB"), (1024, "1 KiB"), (1025, "2 KiB"), (1_048_577, "2 MiB")] {
            assert_eq!(size(bytes), words);
        }
    }
}
