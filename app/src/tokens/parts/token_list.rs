//! The tokens there are, and how one is ended.

use domain::{Timestamp, tokens::ApiToken};
use leptos::prelude::*;

use crate::{
    flash::use_answer_of,
    tokens::{api::EndToken, parts::Actions, words},
    ui::{
        Badge, Banner, Card, Cell, CodeBlock, Column, EmptyState, Form, Glyph, Row, SubmitButton, Table,
        TimeText, Tone, Weight,
    },
};

/// The card with the list.
#[component]
pub fn TokenList(
    /// What the page does; it lives longer than this list.
    actions: Actions,
    /// The answer of the server.
    tokens: Vec<ApiToken>,
) -> impl IntoView {
    let was_ended = use_answer_of::<EndToken>().is_some();
    let is_ended = move || actions.end.value().with(|value| value.as_ref().map_or(was_ended, Result::is_ok));
    let content = if tokens.is_empty() { empty() } else { list(tokens, &actions) };
    view! {
        <Card title="Your tokens" lead="End what you do not recognize; it stops working at once.">
            <div role="status" class="mb-4 empty:mb-0">
                {move || is_ended().then(|| view! { <Banner tone=Tone::Good title="That token has ended."/> })}
            </div>
            {content}
        </Card>
    }
}

fn empty() -> AnyView {
    let example = view! { <CodeBlock text=words::CALL what="example"/> }.into_any();
    view! { <EmptyState glyph=Glyph::Key title="No tokens yet" text=words::EMPTY action=example/> }.into_any()
}

fn list(tokens: Vec<ApiToken>, actions: &Actions) -> AnyView {
    let actions = *actions;
    let rows = tokens.into_iter().map(row).collect_view();
    let columns = ["Token", "Scopes", "Made", "Last used", "Ends"].map(Column::new).into_iter();
    let columns: Vec<Column> = columns.chain([Column::unlabelled("Actions")]).collect();
    view! {
        // One form for all rows: each button brings its own `id`.
        <Form action=actions.end on_success=move |()| forget(&actions)>
            <Table caption="API tokens" columns>
                {rows}
            </Table>
        </Form>
    }
    .into_any()
}

/// The one that has ended may be the one that is still shown above.
fn forget(actions: &Actions) {
    actions.forget_created();
    actions.forget_rotated();
}

fn row(token: ApiToken) -> AnyView {
    let ApiToken {
        id,
        name,
        starts_with,
        scopes,
        created_at,
        previous_until,
        expires_at,
        expired,
        last_used_at,
        ..
    } = token;
    let whom = name.clone();
    let ends = match expires_at {
        Some(_) if expired => view! { <Badge tone=Tone::Warning text="Expired"/> }.into_any(),
        end => moment(end, "Never"),
    };
    let overlap = previous_until.map(|until| {
        view! {
            <p class="field-hint">"The secret before works until " <TimeText at=until/></p>
        }
    });
    view! {
        <Row>
            <Cell label="">
                <span class="table-main">{name}</span>
                <p class="field-hint">
                    <code>{starts_with} "…"</code>
                </p>
                {overlap}
            </Cell>
            <Cell label="Scopes">{scopes.join(", ")}</Cell>
            <Cell label="Made">
                <TimeText at=created_at/>
            </Cell>
            <Cell label="Last used">{moment(last_used_at, "Never")}</Cell>
            <Cell label="Ends">{ends}</Cell>
            <Cell label="">
                <SubmitButton weight=Weight::Secondary name="id" value=id.to_string() pending_words="Ending…">
                    "End"
                    <span class="sr-only">" the token " {whom}</span>
                </SubmitButton>
            </Cell>
        </Row>
    }
    .into_any()
}

fn moment(at: Option<Timestamp>, otherwise: &'static str) -> AnyView {
    match at {
        Some(at) => view! { <TimeText at/> }.into_any(),
        None => otherwise.into_any(),
    }
}
