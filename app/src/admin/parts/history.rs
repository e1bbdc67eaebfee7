//! The last entries of the trail of and about a person.

use domain::{
    access::{SiteAction, site_allows},
    admin::UserRow,
    audit::Entry,
    identity::Viewer,
};
use leptos::prelude::*;

use crate::ui::{Card, Cell, Column, Glyph, LinkButton, Row, Table, TimeText};

/// Nothing for those who may not read the trail.
pub(super) fn history(viewer: &Viewer, user: &UserRow, entries: Vec<Entry>) -> Option<AnyView> {
    if !site_allows(&viewer.roles, SiteAction::ReadAudit) {
        return None;
    }
    let (by, about) = (
        format!("/admin/audit-logs?actor={}", user.id),
        format!("/admin/audit-logs?target=user:{}", user.id),
    );
    let rows = entries.into_iter().map(row).collect_view();
    let columns = ["Time", "What", "Who", "Entry"].map(Column::new).to_vec();
    let card = view! {
        <Card title="Audit trail" lead="The last entries of and about this person.">
            <div class="grid gap-4">
                <Table caption="Last entries of and about this person" columns>
                    {rows}
                </Table>
                <div class="stack-actions">
                    <LinkButton href=by icon=Glyph::List>
                        "Everything they did"
                    </LinkButton>
                    <LinkButton href=about icon=Glyph::List>
                        "Everything done to them"
                    </LinkButton>
                </div>
            </div>
        </Card>
    };
    Some(card.into_any())
}

fn row(entry: Entry) -> AnyView {
    let href = format!("/admin/audit-logs?entry={}", entry.seq);
    let who = entry.actor_email.unwrap_or_else(|| "Nobody signed in".to_owned());
    view! {
        <Row>
            <Cell label="Time">
                <TimeText at=entry.at/>
            </Cell>
            <Cell label="What">
                <code>{entry.action}</code>
            </Cell>
            <Cell label="Who">{who}</Cell>
            <Cell label="Entry">
                <p>
                    <a href=href>
                        <span class="sr-only">"Entry "</span>
                        {entry.seq.to_string()}
                    </a>
                </p>
            </Cell>
        </Row>
    }
    .into_any()
}
