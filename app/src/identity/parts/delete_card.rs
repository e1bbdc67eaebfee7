//! The end of an account, behind a disclosure and the typed address.

use leptos::{prelude::*, server::SharedValue};

use super::AccountActions;
use crate::{
    flash::use_flash_for,
    identity::{api::DeleteAccount, words},
    ui::{Card, ConfirmByTyping, Form, Watched},
};

/// What it means, and the form. After it the server sends the browser to the sign-in page.
#[component]
pub fn DeleteCard(
    /// What has to be typed.
    email: String,
    /// What the page does; it lives longer than this card.
    actions: AccountActions,
) -> impl IntoView {
    // After a plain post the reason of a refusal stands inside.
    let was_refused = SharedValue::new(|| use_flash_for::<DeleteAccount>().is_some()).into_inner();
    let [_, watch, _] = actions.watches;
    view! {
        <Card title="Delete the account" lead=words::DELETE_LEAD>
            <details open=was_refused>
                <summary class="cursor-pointer py-1 font-medium">"Delete my account"</summary>
                <p class="my-3 max-w-2xl">{words::DELETE}</p>
                <div class="max-w-md">
                    <Form action=actions.delete>
                        <Watched by=watch/>
                        <ConfirmByTyping name="confirm_email" expected=email action="Yes, delete it"/>
                    </Form>
                </div>
            </details>
        </Card>
    }
}
