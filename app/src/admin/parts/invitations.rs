//! Who is invited to open an account, and how somebody is.

use domain::{Page, identity::Invitation};
use leptos::prelude::*;

use crate::{
    admin::api::{InviteUser, RevokeInvitation, list_invitations},
    error::Problem,
    flash::use_answer_of,
    frame::{forget_refusal, is_stale, refused, was_stale},
    ui::{
        Address, Badge, Banner, Card, Cell, Column, EmptyState, Field, Form, FormAction, Glyph, Pagination,
        Row, Skeleton, SubmitButton, Table, TextInput, TimeText, Tone, Weight, times_done,
    },
};

const LEAD: &str = "An invited address gets a letter with a link that opens one account, within seven days. Invite it again to \
    send another letter; the link before it then works no more.";
const EMPTY: &str =
    "Invite colleagues by their address. They stand here until they have opened their account.";
const SENT: &str = "The invitation is on its way.";
const REVOKED: &str = "The invitation is taken back. Its link does not work any more.";

/// What the card does, and what it shows; both outlive the card.
#[derive(Clone, Copy)]
pub struct Invitations {
    invite: FormAction<InviteUser>,
    revoke: FormAction<RevokeInvitation>,
    list: Resource<Result<Page<Invitation>, Problem>>,
    was_sent: bool,
    was_revoked: bool,
    /// Whether a plain post just before this page needed a fresh proof.
    stale: RwSignal<bool>,
}

impl Invitations {
    /// Reads the page of the list that the address names.
    pub fn at(address: Memo<Address>) -> Self {
        let (invite, revoke) = (FormAction::<InviteUser>::new(), FormAction::<RevokeInvitation>::new());
        let (sent, revoked) = (times_done(invite), times_done(revoke));
        let list = Resource::new(
            move || (address.get().get("cursor"), sent.get(), revoked.get()),
            |(cursor, _, _)| list_invitations(None, cursor),
        );
        // Each is asked for in any case: hydration counts the questions.
        let (was_sent, was_revoked) =
            (use_answer_of::<InviteUser>().is_some(), use_answer_of::<RevokeInvitation>().is_some());
        let stale = [was_stale::<InviteUser>(), was_stale::<RevokeInvitation>()];
        Self { invite, revoke, list, was_sent, was_revoked, stale: RwSignal::new(stale.contains(&true)) }
    }

    /// Whether inviting somebody, or taking that back, needs a fresh proof.
    pub fn needs_proof(self) -> bool {
        is_stale(self.invite) || is_stale(self.revoke) || self.stale.get()
    }

    /// After the proof the refusal is history.
    pub fn forget_refusals(self) {
        self.stale.set(false);
        forget_refusal(self.invite);
        forget_refusal(self.revoke);
    }

    /// The last thing that was done, in a sentence.
    fn said(&self) -> Option<&'static str> {
        let is_sent = self.invite.value().with(|value| value.as_ref().map_or(self.was_sent, Result::is_ok));
        let is_revoked =
            self.revoke.value().with(|value| value.as_ref().map_or(self.was_revoked, Result::is_ok));
        if is_revoked { Some(REVOKED) } else { is_sent.then_some(SENT) }
    }

    /// The card.
    pub fn card(self, address: Memo<Address>) -> AnyView {
        let list = move || {
            let address = address.get();
            Suspend::new(async move {
                match self.list.await {
                    Ok(page) => shown(page, &address, self.revoke),
                    Err(problem) => refused(&problem),
                }
            })
        };
        // What was done before says nothing about this one.
        let on_sent = move |()| self.revoke.value().set(None);
        let said = move || self.said().map(|title| view! { <Banner tone=Tone::Good title/> });
        view! {
            <Card title="Invitations" lead=LEAD>
                <div role="status" class="mb-4 empty:mb-0">
                    {said}
                </div>
                <div class="mb-5 max-w-md">
                    <Form action=self.invite on_success=on_sent>
                        <Field name="email" label="E-mail">
                            <TextInput kind="email" autocomplete="off" required=true maxlength=254/>
                        </Field>
                        <SubmitButton weight=Weight::Secondary pending_words="Inviting…">
                            "Invite"
                        </SubmitButton>
                    </Form>
                </div>
                <Transition strict=true fallback=|| view! { <Skeleton lines=3/> }>
                    {list}
                </Transition>
            </Card>
        }
        .into_any()
    }
}

fn shown(page: Page<Invitation>, address: &Address, revoke: FormAction<RevokeInvitation>) -> AnyView {
    let Page { items, next_cursor } = page;
    let first = (!address.is_bare()).then(|| address.with("cursor", "").href());
    if items.is_empty() && first.is_none() {
        return view! { <EmptyState glyph=Glyph::Users title="Nobody waits" text=EMPTY/> }.into_any();
    }
    let summary = match items.len() {
        1 => "1 invitation".to_owned(),
        count => format!("{count} invitations"),
    };
    let next = next_cursor.map(|cursor| address.with("cursor", &cursor).href());
    let rows = items.into_iter().map(row).collect_view();
    let columns = ["Address", "Invited by", "Letter of", "Good until"].map(Column::new).into_iter();
    let columns: Vec<Column> = columns.chain([Column::unlabelled("Actions")]).collect();
    view! {
        // One form for all rows: each button brings its own `id`.
        <Form action=revoke>
            <Table caption="Invitations" columns>
                {rows}
            </Table>
        </Form>
        <Pagination first next summary/>
    }
    .into_any()
}

fn row(invitation: Invitation) -> AnyView {
    let Invitation { id, email, invited_by, sent_at, expires_at, expired, .. } = invitation;
    let whom = email.clone();
    let until = if expired {
        view! { <Badge tone=Tone::Warning text="Expired"/> }.into_any()
    } else {
        view! { <TimeText at=expires_at/> }.into_any()
    };
    view! {
        <Row>
            <Cell label="">
                <span class="table-main">{email}</span>
            </Cell>
            <Cell label="Invited by">{invited_by.unwrap_or_else(|| "Somebody who has left".into())}</Cell>
            <Cell label="Letter of">
                <TimeText at=sent_at/>
            </Cell>
            <Cell label="Good until">{until}</Cell>
            <Cell label="">
                <SubmitButton weight=Weight::Secondary name="id" value=id.to_string() pending_words="Taking it back…">
                    "Take back"
                    <span class="sr-only">" the invitation of " {whom}</span>
                </SubmitButton>
            </Cell>
        </Row>
    }
    .into_any()
}
