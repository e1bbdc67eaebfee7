//! What can be done to an organization itself: a card for each act.

use domain::organizations::OrganizationDetail;
use leptos::{prelude::*, server::SharedValue};

use crate::{
    flash::{use_answer_of, use_flash_for},
    frame::{forget_refusal, is_stale, was_stale},
    identity::api::StepUp,
    organizations::{
        api::{
            DeleteOrganization, KeepOrganization, LeaveOrganization, TransferOrganization, UpdateOrganization,
        },
        words,
    },
    ui::{
        Card, ConfirmByTyping, Field, Form, FormAction, Hidden, Select, SubmitButton, TextInput, Weight,
        answered, newest, parameter, said, times_done,
    },
};

/// The actions of the page; they outlive the forms, which are drawn anew when the organization has changed.
#[derive(Clone, Copy)]
pub struct Settings {
    /// Changes what it is called.
    pub update: FormAction<UpdateOrganization>,
    /// Gives it another owner.
    pub transfer: FormAction<TransferOrganization>,
    /// Leaves it.
    pub leave: FormAction<LeaveOrganization>,
    /// Deletes it.
    pub delete: FormAction<DeleteOrganization>,
    /// Keeps it.
    pub keep: FormAction<KeepOrganization>,
    /// Proves it again.
    pub step_up: FormAction<StepUp>,
    stale: RwSignal<bool>,
    /// What was done last, in words.
    words: Memo<Option<&'static str>>,
    delete_refused: bool,
}

impl Settings {
    /// Made once by the page.
    pub fn new() -> Self {
        // Each is asked for in any case: hydration counts the questions.
        let stale = [
            was_stale::<TransferOrganization>(),
            was_stale::<DeleteOrganization>(),
            was_stale::<KeepOrganization>(),
        ];
        let before = [
            use_answer_of::<KeepOrganization>().map(|()| words::KEPT),
            use_answer_of::<TransferOrganization>().map(|()| words::TRANSFERRED),
            parameter("saved").map(|_| words::SAVED),
        ];
        let update = FormAction::new();
        let transfer = FormAction::new();
        let leave = FormAction::new();
        let delete = FormAction::new();
        let keep = FormAction::new();
        let step_up = FormAction::new();
        let words = newest(
            before.into_iter().flatten().next(),
            vec![
                answered(update, words::SAVED),
                answered(transfer, words::TRANSFERRED),
                answered(keep, words::KEPT),
            ],
        );
        Self {
            update,
            transfer,
            leave,
            delete,
            keep,
            step_up,
            stale: RwSignal::new(stale.contains(&true)),
            words,
            delete_refused: SharedValue::new(|| {
                use_flash_for::<DeleteOrganization>().is_some_and(|flash| flash.problem().is_some())
            })
            .into_inner(),
        }
    }

    /// Changes with everything after which the organization, or what the viewer may do in it, is another.
    pub fn changes(&self) -> Signal<usize> {
        let counts = [times_done(self.transfer), times_done(self.delete), times_done(self.keep)];
        Signal::derive(move || counts.iter().map(|count| count.get()).sum())
    }

    /// Whether an act needs a fresh proof.
    pub fn needs_proof(&self) -> bool {
        is_stale(self.transfer) || is_stale(self.delete) || is_stale(self.keep) || self.stale.get()
    }

    /// After the proof the refusals are history.
    pub fn forget_refusals(&self) {
        self.stale.set(false);
        forget_refusal(self.transfer);
        forget_refusal(self.delete);
        forget_refusal(self.keep);
    }

    /// A sentence about what was done.
    pub fn said(&self) -> AnyView {
        said(self.words)
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self::new()
    }
}

/// The cards for this viewer.
pub fn settings_cards(organization: &OrganizationDetail, zones: Vec<String>, settings: &Settings) -> AnyView {
    let is_open = organization.deletes_at.is_none();
    let owns = organization.may("organization:delete") && !organization.personal;
    let edit = (is_open && organization.may("organization:update"))
        .then(|| edit(organization, zones, settings.update));
    // What is given away is the viewer's own place: a role that allows it is not enough.
    let is_owner = organization.roles.iter().any(|role| role.role == "OWNER");
    let transfer =
        (is_open && !organization.personal && is_owner).then(|| transfer(organization, settings.transfer));
    let leave = (!organization.personal).then(|| leave(organization, settings.leave));
    let keep = (owns && !is_open).then(|| keep(organization, settings.keep));
    let delete = (owns && is_open).then(|| delete(organization, settings));
    view! { {keep} {edit} {transfer} {leave} {delete} }.into_any()
}

fn edit(
    organization: &OrganizationDetail,
    mut zones: Vec<String>,
    action: FormAction<UpdateOrganization>,
) -> AnyView {
    let OrganizationDetail { id, name, slug, time_zone, .. } = organization.clone();
    if !zones.contains(&time_zone) {
        zones.insert(0, time_zone.clone());
    }
    let options = zones.into_iter().map(|name| (name.clone(), name.replace('_', " "))).collect();
    view! {
        <Card title="What it is called">
            <div class="max-w-md">
                <Form action>
                    <Hidden name="organization_id" value=id.to_string()/>
                    <Field name="name" label="Name">
                        <TextInput value=name required=true maxlength=100 autocomplete="off"/>
                    </Field>
                    <Field name="slug" label="Slug" hint=words::RENAME_HINT>
                        <TextInput value=slug required=true maxlength=40 autocomplete="off"/>
                    </Field>
                    <Field name="time_zone" label="Time zone" hint=words::ZONE_HINT>
                        <Select options value=time_zone/>
                    </Field>
                    <SubmitButton pending_words="Saving…">"Save"</SubmitButton>
                </Form>
            </div>
        </Card>
    }
    .into_any()
}

fn transfer(organization: &OrganizationDetail, action: FormAction<TransferOrganization>) -> AnyView {
    let id = organization.id.to_string();
    view! {
        <Card title="Another owner" lead=words::TRANSFER_LEAD>
            <div class="max-w-md">
                <Form action>
                    <Hidden name="organization_id" value=id/>
                    <Field name="email" label="Address of a member">
                        <TextInput kind="email" required=true maxlength=254 autocomplete="off"/>
                    </Field>
                    <SubmitButton weight=Weight::Danger pending_words="Giving it away…">
                        "Make them the owner"
                    </SubmitButton>
                </Form>
            </div>
        </Card>
    }
    .into_any()
}

fn leave(organization: &OrganizationDetail, action: FormAction<LeaveOrganization>) -> AnyView {
    let id = organization.id.to_string();
    view! {
        <Card title="Leave" lead=words::LEAVE_LEAD>
            <Form action>
                <Hidden name="organization_id" value=id/>
                <SubmitButton weight=Weight::Danger pending_words="Leaving…">
                    "Leave the organization"
                </SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}

fn keep(organization: &OrganizationDetail, action: FormAction<KeepOrganization>) -> AnyView {
    let id = organization.id.to_string();
    view! {
        <Card title="Keep it" lead=words::KEEP_LEAD>
            <Form action>
                <Hidden name="organization_id" value=id/>
                <SubmitButton pending_words="Keeping it…">"Keep the organization"</SubmitButton>
            </Form>
        </Card>
    }
    .into_any()
}

fn delete(organization: &OrganizationDetail, settings: &Settings) -> AnyView {
    let (action, is_open) = (settings.delete, settings.delete_refused);
    let (id, slug) = (organization.id.to_string(), organization.slug.clone());
    view! {
        <Card title="Delete the organization" lead=words::DELETE_LEAD>
            <details open=is_open>
                <summary class="cursor-pointer py-1 font-medium">"Delete this organization"</summary>
                <p class="my-3 max-w-2xl">{words::DELETE}</p>
                <div class="max-w-md">
                    <Form action>
                        <Hidden name="organization_id" value=id/>
                        <ConfirmByTyping name="confirm_slug" expected=slug action="Yes, delete it"/>
                    </Form>
                </div>
            </details>
        </Card>
    }
    .into_any()
}
