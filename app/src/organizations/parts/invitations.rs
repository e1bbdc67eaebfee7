//! Who is invited, and how somebody is.

use domain::{
    Page,
    organizations::{InvitationRow, OrganizationDetail, RoleRef},
};
use leptos::prelude::*;

use super::{Membership, role_options};
use crate::{
    organizations::words,
    ui::{
        Badge, Card, Cell, Column, EmptyState, Field, Form, Glyph, Hidden, Row, Select, SubmitButton, Table,
        TextInput, TimeText, Tone, Weight,
    },
};

/// The card with the form and the list.
pub fn invitations_card(
    organization: &OrganizationDetail,
    waiting: Page<InvitationRow>,
    roles: &[RoleRef],
    membership: Membership,
) -> AnyView {
    let may_invite = organization.may("members:invite");
    let form = may_invite.then(|| invite_form(organization, roles, membership));
    let list = list(organization, waiting, may_invite, membership);
    view! {
        <Card title="Invitations" lead=words::INVITE_LEAD>
            <div class="grid gap-5">{form} {list}</div>
        </Card>
    }
    .into_any()
}

fn invite_form(organization: &OrganizationDetail, roles: &[RoleRef], membership: Membership) -> AnyView {
    let id = organization.id.to_string();
    // The weakest first: whoever does not look gives little.
    let mut options = role_options(roles);
    options.sort_by_key(|(role, _)| role != "VIEWER");
    view! {
        <div class="max-w-md">
            <Form action=membership.invite>
                <Hidden name="organization_id" value=id/>
                <Field name="email" label="E-mail">
                    <TextInput kind="email" autocomplete="off" required=true maxlength=254/>
                </Field>
                <Field name="role" label="Invite as">
                    <Select options/>
                </Field>
                <SubmitButton weight=Weight::Secondary pending_words="Inviting…">
                    "Invite"
                </SubmitButton>
            </Form>
        </div>
    }
    .into_any()
}

fn list(
    organization: &OrganizationDetail,
    waiting: Page<InvitationRow>,
    may_invite: bool,
    membership: Membership,
) -> AnyView {
    if waiting.items.is_empty() {
        return view! { <EmptyState glyph=Glyph::Mail title="Nobody waits" text=words::NOBODY_WAITS/> }
            .into_any();
    }
    let rows = waiting.items.into_iter().map(|it| row(it, may_invite)).collect_view();
    let columns = ["Address", "As", "Invited by", "Good until"].map(Column::new).into_iter();
    let columns: Vec<Column> = columns.chain([Column::unlabelled("Actions")]).collect();
    let id = organization.id.to_string();
    view! {
        // One form for all rows: each button brings its own invitation.
        <Form action=membership.revoke>
            <Hidden name="organization_id" value=id/>
            <Table caption="Invitations" columns>
                {rows}
            </Table>
        </Form>
    }
    .into_any()
}

fn row(invitation: InvitationRow, may_invite: bool) -> AnyView {
    let InvitationRow { id, email, role, invited_by, expires_at, expired, .. } = invitation;
    let whom = email.clone();
    let until = if expired {
        view! { <Badge tone=Tone::Warning text="Expired"/> }.into_any()
    } else {
        view! { <TimeText at=expires_at/> }.into_any()
    };
    let revoke = may_invite.then(|| {
        view! {
            <SubmitButton
                weight=Weight::Secondary
                name="invitation_id"
                value=id.to_string()
                pending_words="Taking it back…"
            >
                "Take back"
                <span class="sr-only">" the invitation of " {whom}</span>
            </SubmitButton>
        }
    });
    view! {
        <Row>
            <Cell label="">
                <span class="table-main wrap-anywhere">{email}</span>
            </Cell>
            <Cell label="As">{role.name}</Cell>
            <Cell label="Invited by">{invited_by.unwrap_or_else(|| "Somebody who has left".into())}</Cell>
            <Cell label="Good until">{until}</Cell>
            <Cell label="">{revoke}</Cell>
        </Row>
    }
    .into_any()
}
