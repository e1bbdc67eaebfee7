//! Every device that is signed in, and how to end that.

use domain::{Page, identity::ProofNeeded, sessions::Device};
use leptos::prelude::*;

use crate::{
    error::Problem,
    flash::use_answer_of,
    frame::{ConfirmItIsYou, forget_refusal, is_stale, refused, was_stale},
    identity::api::StepUp,
    sessions::api::{EndOtherSessions, EndSession},
    ui::{
        Badge, Banner, Card, Cell, Column, EmptyState, Form, FormAction, Glyph, Row, Skeleton, SubmitButton,
        Table, TimeText, Tone, Weight,
    },
};

/// The two ways to end sessions; they live longer than the list.
#[derive(Clone, Copy)]
pub struct Ending {
    /// One of them.
    pub one: FormAction<EndSession>,
    /// All but this.
    pub others: FormAction<EndOtherSessions>,
    /// Proves it again.
    step_up: FormAction<StepUp>,
    /// Whether a plain post just before this page needed a fresh proof.
    stale: RwSignal<bool>,
}

impl Ending {
    /// Made once by the page.
    pub fn new() -> Self {
        // Each is asked for in any case: hydration counts the questions.
        let stale = [was_stale::<EndSession>(), was_stale::<EndOtherSessions>()];
        Self {
            one: FormAction::new(),
            others: FormAction::new(),
            step_up: FormAction::new(),
            stale: RwSignal::new(stale.contains(&true)),
        }
    }

    fn needs_proof(self) -> bool {
        is_stale(self.one) || is_stale(self.others) || self.stale.get()
    }

    fn forget_refusals(self) {
        self.stale.set(false);
        forget_refusal(self.one);
        forget_refusal(self.others);
    }
}

impl Default for Ending {
    fn default() -> Self {
        Self::new()
    }
}

/// The card with the list.
#[component]
pub fn Devices(
    /// The answer of the server; read anew after something was ended.
    devices: Resource<Result<Page<Device>, Problem>>,
    /// The ways to end them.
    ending: Ending,
    /// Which proof the account gives.
    proof: ProofNeeded,
) -> impl IntoView {
    let ask = move || {
        let proof = proof.clone();
        let on_success = move |()| ending.forget_refusals();
        let card = || view! { <ConfirmItIsYou action=ending.step_up proof on_success/> }.into_any();
        ending.needs_proof().then(card)
    };
    let (ended, all_ended) =
        (use_answer_of::<EndSession>().is_some(), use_answer_of::<EndOtherSessions>().is_some());
    let said = move || {
        let one = ending.one.value().with(|value| value.as_ref().map_or(ended, Result::is_ok));
        let others = ending.others.value().with(|value| value.as_ref().map_or(all_ended, Result::is_ok));
        if others {
            Some("You are signed out everywhere else.")
        } else {
            one.then_some("That device is signed out.")
        }
    };
    view! {
        {ask.into_any()}
        <Card title="Devices" lead="End what you do not recognize, then change your password.">
            <div role="status" class="mb-4 empty:mb-0">
                {move || said().map(|title| view! { <Banner tone=Tone::Good title/> })}
            </div>
            <Transition strict=true fallback=|| view! { <Skeleton lines=4/> }>
                {move || Suspend::new(async move {
                    match devices.await {
                        Ok(devices) => list(devices.items, ending),
                        Err(problem) => refused(&problem),
                    }
                })}
            </Transition>
        </Card>
    }
}

fn list(devices: Vec<Device>, ending: Ending) -> AnyView {
    if devices.is_empty() {
        // A caller with an access token has no session of its own.
        let text = "Nobody is signed in to your account in a browser at the moment.";
        return view! { <EmptyState glyph=Glyph::Device title="No devices" text/> }.into_any();
    }
    let others = devices.iter().filter(|device| !device.current).count();
    let rows = devices.into_iter().map(row).collect_view();
    let columns = ["Device", "Address", "Begun", "Last seen"].map(Column::new).into_iter();
    let columns: Vec<Column> = columns.chain([Column::unlabelled("Actions")]).collect();
    view! {
        // One form for all rows: each button brings its own `id`.
        <Form action=ending.one>
            <Table caption="Devices that are signed in" columns>
                {rows}
            </Table>
        </Form>
        {(others > 0)
            .then(|| {
                view! {
                    <div class="mt-4">
                        <Form action=ending.others>
                            <SubmitButton weight=Weight::Danger pending_words="Signing out…">
                                "Sign out everywhere else"
                            </SubmitButton>
                        </Form>
                    </div>
                }
            })}
    }
    .into_any()
}

fn row(device: Device) -> AnyView {
    let Device { id, device, address, place, created_at, last_seen_at, current } = device;
    let address = match place {
        Some(place) => format!("{address}, {place}"),
        None => address,
    };
    let whom = device.clone();
    let action = if current {
        view! { <Badge tone=Tone::Good text="This device"/> }.into_any()
    } else {
        view! {
            <SubmitButton weight=Weight::Secondary name="id" value=id.to_string() pending_words="Ending…">
                "End"
                <span class="sr-only">" the session on " {whom}</span>
            </SubmitButton>
        }
        .into_any()
    };
    view! {
        <Row>
            <Cell label="">
                <span class="table-main">{device}</span>
            </Cell>
            <Cell label="Address">{address}</Cell>
            <Cell label="Begun">
                <TimeText at=created_at/>
            </Cell>
            <Cell label="Last seen">
                <TimeText at=last_seen_at/>
            </Cell>
            <Cell label="">{action}</Cell>
        </Row>
    }
    .into_any()
}
