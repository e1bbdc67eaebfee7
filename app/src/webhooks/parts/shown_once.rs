//! A new secret, the only time it is seen.

use domain::webhooks::MadeWebhook;
use leptos::prelude::*;

use crate::{
    ui::{Banner, Card, CodeBlock, LinkButton, Tone, browser},
    webhooks::words,
};

/// The secret with a button that copies it.
#[component]
pub fn ShownOnce(
    /// What was made.
    made: MadeWebhook,
) -> impl IntoView {
    // The button that was pressed is far below; the page begins with what came of it.
    Effect::new(|_| browser::focus_soon("new-secret".into()));
    let href = format!("/admin/webhooks/{}", made.id);
    view! {
        <section id="new-secret" tabindex="-1" aria-label="The new secret">
            <Card title="The new secret" lead=words::MADE_HINT>
                <div class="grid grid-cols-1 gap-4">
                    <div role="status">
                        <Banner tone=Tone::Good title=words::MADE/>
                    </div>
                    <CodeBlock text=made.secret what="secret"/>
                    <div class="stack-actions">
                        <LinkButton href=href>"Open this webhook"</LinkButton>
                    </div>
                </div>
            </Card>
        </section>
    }
}
