//! A new token, the only time it is seen.

use domain::tokens::MadeToken;
use leptos::prelude::*;

use crate::{
    tokens::words,
    ui::{Banner, Card, CodeBlock, Tone, browser},
};

/// The token with a button that copies it.
#[component]
pub fn ShownOnce(
    /// What was made.
    made: MadeToken,
) -> impl IntoView {
    // The button that was pressed is far below; the page begins with what came of it.
    Effect::new(|_| browser::focus_soon("new-token".into()));
    view! {
        <section id="new-token" tabindex="-1" aria-label="Your new token">
            <Card title="Your new token" lead=words::MADE_HINT>
                <div class="grid grid-cols-1 gap-4">
                    <div role="status">
                        <Banner tone=Tone::Good title=words::MADE/>
                    </div>
                    <CodeBlock text=made.token what="token"/>
                    <p class="field-hint">"With the token in GATEHOUSE_TOKEN and this site in GATEHOUSE_URL:"</p>
                    <CodeBlock text=words::CALL what="command"/>
                </div>
            </Card>
        </section>
    }
}
