//! Checks the chain of the trail, and says what was found.

use domain::audit::ChainReport;
use leptos::prelude::*;

use crate::{
    audit::api::VerifyChain,
    flash::use_answer_of,
    ui::{Banner, Card, Form, FormAction, SubmitButton, Tone, Weight},
};

const LEAD: &str = "Each entry carries a hash over itself and the entry before it. The check reads all of them and finds \
    the first that was changed, removed or moved.";

/// A button and what came of it.
#[component]
pub fn ChainCheck(
    /// The page's action: it lives longer than this form.
    action: FormAction<VerifyChain>,
) -> impl IntoView {
    let answered = use_answer_of::<VerifyChain>();
    let report = move || match action.value().get() {
        Some(answer) => answer.ok(),
        None => answered.clone(),
    };
    view! {
        <Card title="Integrity" lead=LEAD>
            <div role="status" class="mb-4 empty:mb-0">{move || report().map(|report| result(&report))}</div>
            <Form action>
                <SubmitButton weight=Weight::Secondary pending_words="Checking…">
                    "Verify chain"
                </SubmitButton>
            </Form>
        </Card>
    }
}

fn result(report: &ChainReport) -> AnyView {
    match report.first_broken_seq {
        None if report.ok => {
            let title = format!(
                "Every chain is whole: {} entries, each follows from the one before.",
                report.entries
            );
            let removed = report.checkpoint_seq.map(|seq| {
                view! { <p>{format!("Entries up to {seq} are past their time. A sealed checkpoint stands for them.")}</p> }
            });
            view! {
                <Banner tone=Tone::Good title>
                    {removed}
                </Banner>
            }
            .into_any()
        }
        broken => {
            let title = match broken {
                Some(seq) => match report.organization_id {
                    Some(id) => format!("The chain of the organization {id} is broken at entry {seq}."),
                    None => format!("The chain is broken at entry {seq}."),
                },
                None => "The chain is broken.".to_owned(),
            };
            let text = format!(
                "The {} entries before it are as they were written. Keep a copy of the database as it is now, and find \
                 out who had access to it.",
                report.entries
            );
            view! {
                <div role="alert">
                    <Banner tone=Tone::Bad title>
                        <p>{text}</p>
                    </Banner>
                </div>
            }
            .into_any()
        }
    }
}
