//! The browsers that skip the second factor, and how to end that. Absent where there is none.

use domain::{Page, sessions::TrustedDevice};
use leptos::prelude::*;

use crate::{
    error::Problem,
    frame::refused,
    sessions::api::ForgetDevice,
    ui::{Badge, Card, Cell, Column, Form, FormAction, Row, SubmitButton, Table, TimeText, Tone, Weight},
};

/// The card with the list.
#[component]
pub fn TrustedDevices(
    /// The answer of the server; read anew after one was forgotten.
    devices: Resource<Result<Page<TrustedDevice>, Problem>>,
    /// The way to forget one.
    forget: FormAction<ForgetDevice>,
) -> impl IntoView {
    view! {
        <Transition strict=true fallback=|| ()>
            {move || Suspend::new(async move {
                match devices.await {
                    Ok(devices) if devices.items.is_empty() => ().into_any(),
                    Ok(devices) => card(devices.items, forget),
                    Err(problem) => refused(&problem),
                }
            })}
        </Transition>
    }
}

fn card(devices: Vec<TrustedDevice>, forget: FormAction<ForgetDevice>) -> AnyView {
    let rows = devices.into_iter().map(row).collect_view();
    let columns = ["Browser", "Last sign-in", "Until"].map(Column::new).into_iter();
    let columns: Vec<Column> = columns.chain([Column::unlabelled("Actions")]).collect();
    view! {
        <Card
            title="Browsers that skip the code"
            lead="You asked these not to ask for your second factor. A new password or a change of the second factor ends it everywhere."
        >
            // One form for all rows: each button brings its own `id`.
            <Form action=forget>
                <Table caption="Browsers that skip the second factor" columns>
                    {rows}
                </Table>
            </Form>
        </Card>
    }
    .into_any()
}

fn row(device: TrustedDevice) -> AnyView {
    let TrustedDevice { id, device, last_used_at, trusted_until, current, .. } = device;
    let whom = device.clone();
    view! {
        <Row>
            <Cell label="">
                <span class="table-main">{device}</span>
                {current.then(|| view! { " " <Badge tone=Tone::Good text="This browser"/> })}
            </Cell>
            <Cell label="Last sign-in">
                <TimeText at=last_used_at/>
            </Cell>
            <Cell label="Until">
                <TimeText at=trusted_until/>
            </Cell>
            <Cell label="">
                <SubmitButton weight=Weight::Secondary name="id" value=id.to_string() pending_words="Forgetting…">
                    "Ask again"
                    <span class="sr-only">" for the code on " {whom}</span>
                </SubmitButton>
            </Cell>
        </Row>
    }
    .into_any()
}
