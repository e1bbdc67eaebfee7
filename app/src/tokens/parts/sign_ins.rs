//! Where scripts are signed in by address and password, and how that is ended.

use domain::tokens::ScriptSignIn;
use leptos::prelude::*;

use crate::{
    flash::use_answer_of,
    tokens::{api::EndScriptSignIn, parts::Actions, words},
    ui::{Banner, Card, Cell, Column, Form, Row, SubmitButton, Table, TimeText, Tone, Weight},
};

/// The card with the list; only people who have such a script see it.
#[component]
pub fn SignIns(
    /// What the page does; it lives longer than this list.
    actions: Actions,
    /// The answer of the server.
    sign_ins: Vec<ScriptSignIn>,
) -> impl IntoView {
    let was_ended = use_answer_of::<EndScriptSignIn>().is_some();
    let is_ended =
        move || actions.end_sign_in.value().with(|value| value.as_ref().map_or(was_ended, Result::is_ok));
    let said = view! {
        <div role="status">
            {move || is_ended().then(|| view! { <Banner tone=Tone::Good title="That script is signed out."/> })}
        </div>
    };
    if sign_ins.is_empty() {
        return said.into_any();
    }
    let rows = sign_ins.into_iter().map(row).collect_view();
    let columns = ["Program", "Address", "Signed in", "Last refreshed"].map(Column::new).into_iter();
    let columns: Vec<Column> = columns.chain([Column::unlabelled("Actions")]).collect();
    view! {
        <Card title="Scripts that signed in" lead=words::SIGN_INS_LEAD>
            {said}
            // One form for all rows: each button brings its own `id`.
            <Form action=actions.end_sign_in>
                <Table caption="Scripts that signed in with your password" columns>
                    {rows}
                </Table>
            </Form>
        </Card>
    }
    .into_any()
}

fn row(sign_in: ScriptSignIn) -> AnyView {
    let ScriptSignIn { id, program, address, created_at, refreshed_at, .. } = sign_in;
    let whom = program.clone();
    view! {
        <Row>
            <Cell label="">
                <span class="table-main">{program}</span>
            </Cell>
            <Cell label="Address">{address}</Cell>
            <Cell label="Signed in">
                <TimeText at=created_at/>
            </Cell>
            <Cell label="Last refreshed">
                <TimeText at=refreshed_at/>
            </Cell>
            <Cell label="">
                <SubmitButton weight=Weight::Secondary name="id" value=id.to_string() pending_words="Ending…">
                    "Sign out"
                    <span class="sr-only">" the script " {whom}</span>
                </SubmitButton>
            </Cell>
        </Row>
    }
    .into_any()
}
