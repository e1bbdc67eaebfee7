//! The passkeys there are, and how one is removed.

use domain::second_factor::Passkey;
use leptos::prelude::*;

use crate::{
    flash::use_answer_of,
    second_factor::{api::RemovePasskey, words},
    ui::{
        Badge, Banner, Card, Cell, Column, EmptyState, Form, FormAction, Glyph, Row, SubmitButton, Table,
        TimeText, Tone, Watch, Watched, Weight,
    },
};

/// The card with the list.
#[component]
pub fn PasskeyList(
    /// The answer of the server.
    passkeys: Vec<Passkey>,
    /// The page's action: it lives longer than this list.
    remove: FormAction<RemovePasskey>,
    /// The page's eye on it.
    watch: Watch,
    /// Runs in the living page when one is gone.
    #[prop(into)]
    on_removed: Callback<((),)>,
) -> impl IntoView {
    let was_removed = use_answer_of::<RemovePasskey>().is_some();
    let is_removed = move || remove.value().with(|value| value.as_ref().map_or(was_removed, Result::is_ok));
    let content = if passkeys.is_empty() { empty() } else { list(passkeys, remove, watch, on_removed) };
    view! {
        <Card title="Your passkeys" lead="Remove what you do not recognize; it opens nothing from then on.">
            <div role="status" class="mb-4 empty:mb-0">
                {move || is_removed().then(|| view! { <Banner tone=Tone::Good title=words::PASSKEY_REMOVED/> })}
            </div>
            {content}
        </Card>
    }
}

fn empty() -> AnyView {
    view! { <EmptyState glyph=Glyph::Key title="No passkeys yet" text=words::NO_PASSKEYS/> }.into_any()
}

fn list(
    passkeys: Vec<Passkey>,
    remove: FormAction<RemovePasskey>,
    watch: Watch,
    on_removed: Callback<((),)>,
) -> AnyView {
    let rows = passkeys.into_iter().map(row).collect_view();
    let columns = ["Passkey", "Added", "Last used"].map(Column::new).into_iter();
    let columns: Vec<Column> = columns.chain([Column::unlabelled("Actions")]).collect();
    view! {
        // One form for all rows: each button brings its own `id`.
        <Form action=remove on_success=on_removed>
            <Watched by=watch/>
            <Table caption="Passkeys" columns>
                {rows}
            </Table>
        </Form>
    }
    .into_any()
}

fn row(passkey: Passkey) -> AnyView {
    let Passkey { id, name, created_at, last_used_at, suspected_at } = passkey;
    let whom = name.clone();
    let used = match last_used_at {
        Some(at) => view! { <TimeText at/> }.into_any(),
        None => "Never".into_any(),
    };
    view! {
        <Row>
            <Cell label="">
                <span class="table-main">{name}</span>
                {suspected_at.map(|_| view! { " " <Badge tone=Tone::Warning text=words::SUSPECTED/> })}
            </Cell>
            <Cell label="Added">
                <TimeText at=created_at/>
            </Cell>
            <Cell label="Last used">{used}</Cell>
            <Cell label="">
                <SubmitButton weight=Weight::Danger name="id" value=id.to_string() pending_words="Removing…">
                    "Remove"
                    <span class="sr-only">" the passkey " {whom}</span>
                </SubmitButton>
            </Cell>
        </Row>
    }
    .into_any()
}
