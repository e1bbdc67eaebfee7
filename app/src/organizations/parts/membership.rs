//! What can be done to members, what was done just now, and the panel of one of them.

use domain::{
    identity::Viewer,
    organizations::{BulkReport, MemberRow, OrganizationDetail, RoleRef},
};
use leptos::prelude::*;

use crate::{
    flash::use_answer_of,
    frame::{forget_refusal, is_stale, was_stale},
    identity::api::StepUp,
    organizations::{
        member_api::{BulkMembers, Invite, RemoveMember, RevokeInvitation, SetMemberRoles},
        words,
    },
    ui::{
        Address, Card, Checkbox, Form, FormAction, FormState, Glyph, Hidden, Icon, LinkButton, SubmitButton,
        Weight, answered, browser, newest, said, times_done,
    },
};

/// The id of the panel; the focus goes there when it opens.
const PANEL: &str = "member-panel";

/// The actions of the page; they outlive the forms, which are drawn anew when the members have changed.
#[derive(Clone, Copy)]
pub struct Membership {
    /// Gives other roles.
    pub set_roles: FormAction<SetMemberRoles>,
    /// Removes somebody.
    pub remove: FormAction<RemoveMember>,
    /// Invites somebody.
    pub invite: FormAction<Invite>,
    /// Takes an invitation back.
    pub revoke: FormAction<RevokeInvitation>,
    /// Does the same with many.
    pub bulk: FormAction<BulkMembers>,
    /// Proves it again.
    pub step_up: FormAction<StepUp>,
    stale: RwSignal<bool>,
    words: Memo<Option<&'static str>>,
    /// What came of a list that was sent just before this page.
    report_before: StoredValue<Option<BulkReport>>,
}

impl Membership {
    /// Made once by the page.
    pub fn new() -> Self {
        // Each is asked for in any case: hydration counts the questions.
        let answers = [
            use_answer_of::<SetMemberRoles>().map(|()| words::ROLES_SET),
            use_answer_of::<RemoveMember>().map(|()| words::REMOVED),
            use_answer_of::<Invite>().map(|_| words::SENT),
            use_answer_of::<RevokeInvitation>().map(|()| words::REVOKED),
        ];
        let report = use_answer_of::<BulkMembers>();
        let stale = [was_stale::<SetMemberRoles>(), was_stale::<Invite>(), was_stale::<BulkMembers>()];
        let set_roles = FormAction::new();
        let remove = FormAction::new();
        let invite = FormAction::new();
        let revoke = FormAction::new();
        let bulk = FormAction::new();
        let step_up = FormAction::new();
        let words = newest(
            answers.into_iter().flatten().next(),
            vec![
                answered(set_roles, words::ROLES_SET),
                answered(remove, words::REMOVED),
                answered(invite, words::SENT),
                answered(revoke, words::REVOKED),
            ],
        );
        Self {
            set_roles,
            remove,
            invite,
            revoke,
            bulk,
            step_up,
            stale: RwSignal::new(stale.contains(&true)),
            words,
            report_before: StoredValue::new(report),
        }
    }

    /// Changes with everything after which the members are others.
    pub fn changes(&self) -> Signal<usize> {
        let counts = [times_done(self.set_roles), times_done(self.remove), times_done(self.bulk)];
        Signal::derive(move || counts.iter().map(|count| count.get()).sum())
    }

    /// Changes with everything after which others are invited.
    pub fn invited(&self) -> Signal<usize> {
        let counts = [times_done(self.invite), times_done(self.revoke), times_done(self.bulk)];
        Signal::derive(move || counts.iter().map(|count| count.get()).sum())
    }

    /// What came of the last list that was pasted.
    pub fn report(&self) -> Option<BulkReport> {
        match self.bulk.value().get() {
            Some(answer) => answer.ok(),
            None => self.report_before.get_value(),
        }
    }

    /// Whether an act needs a fresh proof.
    pub fn needs_proof(&self) -> bool {
        is_stale(self.set_roles) || is_stale(self.invite) || is_stale(self.bulk) || self.stale.get()
    }

    /// After the proof the refusals are history.
    pub fn forget_refusals(&self) {
        self.stale.set(false);
        forget_refusal(self.set_roles);
        forget_refusal(self.invite);
        forget_refusal(self.bulk);
    }

    /// A sentence about what was done.
    pub fn said(&self) -> AnyView {
        said(self.words)
    }
}

impl Default for Membership {
    fn default() -> Self {
        Self::new()
    }
}

/// One member: their roles, and the way out.
pub fn member_panel(
    viewer: &Viewer,
    organization: &OrganizationDetail,
    member: &MemberRow,
    roles: &[RoleRef],
    address: &Address,
    membership: &Membership,
) -> AnyView {
    browser::focus_soon(PANEL.into());
    let close = view! {
        <LinkButton href=address.href() weight=Weight::Quiet>
            "Close"
        </LinkButton>
    };
    let title = member.email.clone();
    let label = format!("Member {title}");
    let may_set =
        organization.may("roles:assign").then(|| roles_form(organization, member, roles, membership));
    let may_remove = (organization.may("members:remove") && member.user_id != viewer.id)
        .then(|| remove_form(organization, member, membership));
    view! {
        <div id=PANEL tabindex="-1" role="region" aria-label=label>
            <Card title aside=close.into_any()>
                <div class="grid gap-6">{may_set} {may_remove}</div>
            </Card>
        </div>
    }
    .into_any()
}

fn roles_form(
    organization: &OrganizationDetail,
    member: &MemberRow,
    roles: &[RoleRef],
    membership: &Membership,
) -> AnyView {
    let mut offered = roles.to_vec();
    // What they have and the viewer could not give stays, unless it is taken: then the server says why not.
    offered.extend(member.roles.iter().filter(|role| !roles.contains(role)).cloned());
    let has = |role: &RoleRef| member.roles.iter().any(|given| given.role == role.role);
    let boxes: Vec<(RoleRef, bool)> = offered.into_iter().map(|role| (role.clone(), has(&role))).collect();
    let (organization, user) = (organization.id.to_string(), member.user_id.to_string());
    view! {
        <Form action=membership.set_roles>
            <Hidden name="organization_id" value=organization/>
            <Hidden name="user_id" value=user/>
            <RoleBoxes boxes/>
            <SubmitButton pending_words="Saving…">"Save roles"</SubmitButton>
        </Form>
    }
    .into_any()
}

/// A box for each role; those that are ticked are sent as one list.
#[component]
fn RoleBoxes(boxes: Vec<(RoleRef, bool)>) -> impl IntoView {
    let form = FormState::current();
    let problem = form.problem_of("roles");
    let id = form.element_id("roles");
    let error_id = format!("{id}-error");
    let described_by = error_id.clone();
    let boxes = boxes
        .into_iter()
        .map(|(role, checked)| view! { <Checkbox name="roles[]" value=role.role label=role.name checked/> })
        .collect_view();
    view! {
        <fieldset id=id class="field min-w-0" tabindex="-1" aria-describedby=described_by>
            <legend class="field-label mb-1">"Roles"</legend>
            <p id=error_id class="field-error" hidden=move || problem.with(Option::is_none)>
                <Icon glyph=Glyph::Alert/>
                <span>{move || problem.get()}</span>
            </p>
            <div class="grid gap-3 sm:grid-cols-2">{boxes}</div>
        </fieldset>
    }
}

fn remove_form(organization: &OrganizationDetail, member: &MemberRow, membership: &Membership) -> AnyView {
    let (organization, user) = (organization.id.to_string(), member.user_id.to_string());
    view! {
        <Form action=membership.remove>
            <Hidden name="organization_id" value=organization/>
            <Hidden name="user_id" value=user/>
            <SubmitButton weight=Weight::Danger pending_words="Removing…">
                "Remove from the organization"
            </SubmitButton>
        </Form>
    }
    .into_any()
}
