//! The recovery codes, the only time they are seen.

use leptos::prelude::*;

use crate::{
    second_factor::words,
    ui::{Banner, Card, CodeBlock, LinkButton, Stepper, Tone, Weight, browser},
};

/// Ten codes with a button that copies them, and the way on.
#[component]
pub fn CodesOnce(
    /// The ten codes.
    codes: Vec<String>,
) -> impl IntoView {
    // The form that had the focus is gone.
    Effect::new(|_| browser::focus_heading_if_lost());
    view! {
        <div class="stack">
            <Stepper
                label="Setting up the second factor"
                steps=vec!["Begin", "Scan and confirm", "Save your codes"]
                current=Signal::stored(2)
            />
            <div role="status">
                <Banner tone=Tone::Good title="The second factor is on, and these are your new recovery codes."/>
            </div>
            <Card title="Save your recovery codes" lead=words::CODES_LEAD>
                <div class="grid grid-cols-1 gap-4">
                    <CodeBlock text=codes.join("\n") what="recovery codes"/>
                    <div class="stack-actions">
                        <LinkButton href="/account/security" weight=Weight::Primary>
                            "I saved them"
                        </LinkButton>
                    </div>
                </div>
            </Card>
        </div>
    }
}
