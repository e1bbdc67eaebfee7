//! Many members at once: a pasted list, and what came of each line.

use domain::organizations::{BulkAction, BulkLine, BulkMode, BulkReport, OrganizationDetail, RoleRef};
use leptos::prelude::*;

use super::{Membership, role_options};
use crate::{
    organizations::words,
    ui::{
        Badge, Banner, Card, Cell, Column, Field, Form, Hidden, Row, Select, SubmitButton, Table, TextArea,
        Tone, Weight,
    },
};

/// The card with the form and the report; nothing for those who may do none of it.
#[component]
pub fn BulkCard(
    /// Which one.
    organization: OrganizationDetail,
    /// What the viewer could give.
    roles: Vec<RoleRef>,
    /// What the page does; it lives longer than this form.
    membership: Membership,
) -> impl IntoView {
    let actions: Vec<(String, String)> = [
        (BulkAction::Invite, "members:invite", "Invite them"),
        (BulkAction::SetRole, "roles:assign", "Give them this role instead of theirs"),
        (BulkAction::Remove, "members:remove", "Remove them"),
    ]
    .into_iter()
    .filter(|(_, permission, _)| organization.may(permission))
    .map(|(action, _, words)| (action.name().to_owned(), words.to_owned()))
    .collect();
    if actions.is_empty() {
        return ().into_any();
    }
    let modes = [(BulkMode::AllOrNothing, "Nothing is done"), (BulkMode::Each, "The others are done")]
        .map(|(mode, words)| (mode.name().to_owned(), words.to_owned()))
        .to_vec();
    let mut options = role_options(&roles);
    options.sort_by_key(|(role, _)| role != "VIEWER");
    let id = organization.id.to_string();
    view! {
        <Card title="Many at once" lead=words::BULK_LEAD>
            <div role="status" class="mb-4 empty:mb-0">
                {move || membership.report().map(report)}
            </div>
            <details>
                <summary class="cursor-pointer py-1 font-medium">"Paste a list"</summary>
                <div class="mt-3 max-w-md">
                    <Form action=membership.bulk>
                        <Hidden name="organization_id" value=id/>
                        <Field name="lines" label="Addresses">
                            <TextArea required=true/>
                        </Field>
                        <Field name="action" label="What to do">
                            <Select options=actions/>
                        </Field>
                        <Field name="role" label="Role of those without one">
                            <Select options/>
                        </Field>
                        <Field name="mode" label="If a line is refused">
                            <Select options=modes/>
                        </Field>
                        <SubmitButton weight=Weight::Secondary pending_words="Working…">
                            "Do it"
                        </SubmitButton>
                    </Form>
                </div>
            </details>
        </Card>
    }
    .into_any()
}

fn report(report: BulkReport) -> AnyView {
    let BulkReport { applied, good, refused, lines, .. } = report;
    let (tone, title) = match (applied, refused) {
        (true, 0) => (Tone::Good, format!("All of it is done: {good} lines.")),
        (true, refused) => (Tone::Warning, format!("{good} lines are done, {refused} were refused.")),
        (false, refused) => (Tone::Bad, format!("Nothing was done: {refused} lines were refused.")),
    };
    let bad: Vec<BulkLine> = lines.into_iter().filter(|line| line.problem.is_some()).collect();
    let table = (!bad.is_empty()).then(|| {
        let columns = ["Line", "Address", "Why not"].map(Column::new).to_vec();
        let rows = bad.into_iter().map(row).collect_view();
        view! {
            <Table caption="Lines that were refused" columns>
                {rows}
            </Table>
        }
    });
    view! {
        <div class="grid gap-4">
            <Banner tone title/>
            {table}
        </div>
    }
    .into_any()
}

fn row(line: BulkLine) -> AnyView {
    view! {
        <Row>
            <Cell label="Line">
                <Badge text=line.line.to_string()/>
            </Cell>
            <Cell label="Address">
                <span class="wrap-anywhere">{line.email}</span>
            </Cell>
            <Cell label="Why not">{line.message}</Cell>
        </Row>
    }
    .into_any()
}
