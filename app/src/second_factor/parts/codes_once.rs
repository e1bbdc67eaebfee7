//! The recovery codes, the only time they are seen.

use leptos::prelude::*;

use crate::{
    second_factor::words,
    ui::{Banner, Button, Card, CodeBlock, Glyph, Icon, LinkButton, Tone, Weight, browser},
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
            <div role="status">
                <Banner tone=Tone::Good title="The second factor is on, and these are your new recovery codes."/>
            </div>
            <Card title="Save your recovery codes" lead=words::CODES_LEAD>
                <div class="grid grid-cols-1 gap-4">
                    <CodeBlock text=codes.join("\n") what="recovery codes"/>
                    <div class="flex flex-wrap gap-3">
                        <a class="btn btn-secondary" href=as_file(&codes) download="gatehouse-recovery-codes.txt">
                            <Icon glyph=Glyph::Download/>
                            "Download"
                        </a>
                        <Button on_click=|()| browser::print()>"Print"</Button>
                    </div>
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

/// The codes as the address of a text file, which a browser saves without asking the server, and without wasm.
fn as_file(codes: &[String]) -> String {
    // Codes are letters, digits and hyphens: nothing in them has to be escaped.
    format!("data:text/plain;charset=utf-8,Gatehouse%20recovery%20codes%0A%0A{}%0A", codes.join("%0A"))
}

#[cfg(test)]
mod tests {
    use super::as_file;

    #[test]
    fn the_file_holds_each_code_on_a_line_of_its_own() {
        let file = as_file(&["AAAA-1111".to_owned(), "BBBB-2222".to_owned()]);
        assert!(file.ends_with("%0A%0AAAAA-1111%0ABBBB-2222%0A"), "{file}");
    }
}
