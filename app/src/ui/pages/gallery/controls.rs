//! The gallery's buttons, menus, tabs and dialogs.

use leptos::{context::Provider, prelude::*};

use crate::ui::{
    Button, Card, CopyButton, Dialog, DialogLink, FormState, Glyph, Icon, LinkButton, Menu, MenuLink,
    SubmitButton, Tab, Tabs, ThemeToggle, Weight, use_toasts,
};

/// The buttons, menus, tabs and dialogs.
#[component]
pub fn Controls() -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <Card title="Buttons" lead="One primary action on a page.">
            <div class="stack-row">
                <LinkButton href="#buttons" weight=Weight::Primary icon=Glyph::Plus>
                    "Primary"
                </LinkButton>
                <LinkButton href="#buttons">"Secondary"</LinkButton>
                <LinkButton href="#buttons" weight=Weight::Danger>
                    "Danger"
                </LinkButton>
                <LinkButton href="#buttons" weight=Weight::Quiet>
                    "Quiet"
                </LinkButton>
                <Provider value=FormState::waiting()>
                    <SubmitButton pending_words="Saving…">"Save"</SubmitButton>
                </Provider>
                <Button icon=Glyph::Check on_click=move || toasts.show("The change was saved.")>
                    "Say something"
                </Button>
                <CopyButton text="copied from the gallery" label="Copy"/>
            </div>
        </Card>
        <Card title="Menu, dialog, colours">
            <div class="stack-row">
                <Menu id="menu-example" button=view! { <span>"More"</span> <Icon glyph=Glyph::ChevronDown/> }.into_any()>
                    <MenuLink href="#menu">"Rename"</MenuLink>
                    <MenuLink href="#menu">"Hand over"</MenuLink>
                </Menu>
                <DialogLink dialog="dialog-example">"Open a dialog"</DialogLink>
                <ThemeToggle/>
            </div>
            <Dialog id="dialog-example" title="End every other session?">
                <p>"You stay signed in here. Everywhere else the password is needed again."</p>
                <div class="stack-actions">
                    <SubmitButton weight=Weight::Danger>"End sessions"</SubmitButton>
                </div>
            </Dialog>
        </Card>
        <Card title="Tabs">
            <Tabs label="Account" tabs=tabs() current="/dev/ui#two"/>
        </Card>
        <Card title="Icons">
            <ul class="gallery-icons">
                {Glyph::ALL
                    .iter()
                    .map(|glyph| view! { <li><Icon glyph=*glyph/></li> })
                    .collect_view()}
            </ul>
        </Card>
    }
    .into_any()
}

fn tabs() -> Vec<Tab> {
    [("/dev/ui#one", "Profile"), ("/dev/ui#two", "Security"), ("/dev/ui#three", "Notifications")]
        .map(|(href, label)| Tab { href: href.into(), label: label.into() })
        .into()
}
