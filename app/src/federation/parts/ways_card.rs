//! How somebody signs in besides a password: what is connected, how that ends, and what could be. Absent where no provider
//! is configured and none is connected.

use domain::{
    AppError, Timestamp,
    federation::{Identity, Offered, Ways},
    identity::ProofNeeded,
};
use leptos::prelude::*;

use super::{ProviderTrouble, doors::start};
use crate::{
    error::Problem,
    federation::{api::DisconnectProvider, words},
    flash::use_answer_of,
    frame::{ConfirmItIsYou, refused},
    identity::api::StepUp,
    ui::{
        Banner, Card, Cell, Column, Form, FormAction, Row, SubmitButton, Table, TimeText, Tone, Watch,
        Watched, Weight, parameter,
    },
};

/// What the card does; it lives longer than the card, which is drawn anew when something has changed.
#[derive(Clone, Copy, Default)]
pub struct WaysActions {
    /// Disconnects one.
    pub disconnect: FormAction<DisconnectProvider>,
    /// Proves it again.
    pub step_up: FormAction<StepUp>,
    /// Sees when that is needed.
    pub watch: Watch,
}

impl WaysActions {
    fn needs_proof(&self) -> bool {
        self.watch.saw(|problem| matches!(problem.0, AppError::StepUpRequired { .. }))
    }

    /// After the proof the refusal is history.
    fn forget_refusal(&self) {
        if self.disconnect.value().with_untracked(|value| matches!(value, Some(Err(_)))) {
            self.disconnect.value().set(None);
        }
    }
}

/// The card.
#[component]
pub fn WaysCard(
    /// The answer of the server; read anew after something has changed.
    ways: Resource<Result<Ways, Problem>>,
    /// What the page does.
    actions: WaysActions,
    /// Which proof the account gives.
    proof: ProofNeeded,
) -> impl IntoView {
    // Somebody came from a button that needs a fresh proof first.
    let asked = parameter("connect").is_some();
    let was_disconnected = use_answer_of::<DisconnectProvider>().is_some();
    let card = move || {
        let proof = proof.clone();
        Suspend::new(async move {
            match ways.await {
                Ok(ways) if ways.items.is_empty() && ways.available.is_empty() => ().into_any(),
                Ok(ways) => {
                    let needs_proof = move || actions.needs_proof() || asked && !ways.is_proved;
                    view! {
                        <div class="stack">
                            {move || needs_proof().then(|| confirm(actions, proof.clone()))}
                            {shown(ways.clone(), actions, asked, was_disconnected)}
                        </div>
                    }
                    .into_any()
                }
                Err(problem) => refused(&problem),
            }
        })
    };
    view! {
        <ProviderTrouble/>
        <Transition strict=true fallback=|| ()>
            {card}
        </Transition>
    }
}

fn confirm(actions: WaysActions, proof: ProofNeeded) -> AnyView {
    view! { <ConfirmItIsYou action=actions.step_up proof on_success=move |()| actions.forget_refusal()/> }
        .into_any()
}

fn shown(ways: Ways, actions: WaysActions, asked: bool, was_disconnected: bool) -> AnyView {
    let is_disconnected = move || {
        actions.disconnect.value().with(|value| value.as_ref().map_or(was_disconnected, Result::is_ok))
    };
    let proved = (asked && ways.is_proved && !ways.available.is_empty())
        .then(|| view! { <Banner tone=Tone::Good title=words::PROVED/> });
    view! {
        <Card title="Ways to sign in" lead=words::WAYS_LEAD>
            <div role="status" class="mb-4 empty:mb-0">
                {move || is_disconnected().then(|| view! { <Banner tone=Tone::Good title=words::DISCONNECTED/> })}
            </div>
            <div class="grid grid-cols-1 gap-5">
                {proved}
                {(!ways.items.is_empty()).then(|| connected(ways.items, actions))}
                {(!ways.available.is_empty()).then(|| available(ways.available))}
            </div>
        </Card>
    }
    .into_any()
}

fn connected(items: Vec<Identity>, actions: WaysActions) -> AnyView {
    let rows = items.into_iter().map(row).collect_view();
    let columns = ["Provider", "Connected", "Last sign-in"].map(Column::new).into_iter();
    let columns: Vec<Column> = columns.chain([Column::unlabelled("Actions")]).collect();
    view! {
        // One form for all rows: each button brings its own `id`.
        <Form action=actions.disconnect>
            <Watched by=actions.watch/>
            <Table caption="Connected providers" columns>
                {rows}
            </Table>
        </Form>
    }
    .into_any()
}

fn row(identity: Identity) -> AnyView {
    let Identity { id, name, email, linked_at, last_used_at } = identity;
    let whom = name.clone();
    view! {
        <Row>
            <Cell label="">
                <span class="table-main">{name}</span>
                {email.map(|email| view! { <p class="field-hint">{email}</p> })}
            </Cell>
            <Cell label="Connected">
                <TimeText at=linked_at/>
            </Cell>
            <Cell label="Last sign-in">{moment(last_used_at)}</Cell>
            <Cell label="">
                <SubmitButton weight=Weight::Secondary name="id" value=id.to_string() pending_words="Disconnecting…">
                    "Disconnect"
                    <span class="sr-only">" " {whom}</span>
                </SubmitButton>
            </Cell>
        </Row>
    }
    .into_any()
}

fn moment(at: Option<Timestamp>) -> AnyView {
    match at {
        Some(at) => view! { <TimeText at/> }.into_any(),
        None => "Never".into_any(),
    }
}

fn available(offered: Vec<Offered>) -> AnyView {
    let links = offered
        .into_iter()
        .map(|Offered { id, name }| {
            let href = start(&id, &[("link", "1")]);
            // `external`: the way leads to another site, and the router must not take it for a page.
            view! {
                <a class="btn btn-secondary" href=href rel="external">
                    <span>"Connect " {name}</span>
                </a>
            }
        })
        .collect_view();
    view! {
        <div class="grid justify-items-start gap-3">
            <p>{words::CONNECT}</p>
            <div class="stack-actions">{links}</div>
        </div>
    }
    .into_any()
}
