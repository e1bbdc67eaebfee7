//! `/settings`: colours, and the way to everything else that can be set.

use domain::identity::Viewer;
use leptos::prelude::*;

use crate::{
    flash::use_answer_of,
    frame::Inside,
    identity::api::UpdateProfile,
    ui::{
        Banner, Card, Field, Form, FormAction, Glyph, Icon, PageHeader, Select, SubmitButton, ThemeToggle,
        Tone, browser, theme::Theme, times_done,
    },
};

/// Where the other settings are: address, name, what is set there.
const OTHERS: [(&str, Glyph, &str, &str); 3] = [
    ("/account/profile", Glyph::User, "Profile", "Display name, language, address"),
    ("/account/security", Glyph::Shield, "Security", "Password, second factor, devices"),
    ("/2fa/setup", Glyph::Key, "Second factor", "Authenticator and recovery codes"),
];

/// Colours for this device and for the account, and links.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let action = FormAction::<UpdateProfile>::new();
    let answered = use_answer_of::<UpdateProfile>().is_some();
    let is_saved =
        Signal::derive(move || action.value().with(|value| value.as_ref().map_or(answered, Result::is_ok)));
    let changed: Signal<usize> = times_done(action).into();
    view! { <Inside changed page=move |viewer: Viewer| page(&viewer, action, is_saved)/> }
}

fn page(viewer: &Viewer, action: FormAction<UpdateProfile>, is_saved: Signal<bool>) -> AnyView {
    let options = Theme::ALL.map(|theme| (theme.name().to_owned(), words_for(theme).to_owned())).to_vec();
    let kept = viewer.theme.name();
    let chosen = RwSignal::new(kept.to_owned());
    // The account keeps the choice; this device shows it at once and keeps it in its cookie.
    let show = move |()| {
        if let Some(theme) = Theme::parse(&chosen.get_untracked()) {
            browser::choose_theme(theme);
        }
    };
    let others = OTHERS
        .map(|(href, glyph, name, text)| {
            view! {
                <li>
                    <a class="-mx-2 flex min-h-11 items-center gap-3 rounded-sm px-2 py-2 hover:bg-hover" href=href>
                        <Icon glyph/>
                        <span class="grid flex-1">
                            <span class="font-medium">{name}</span>
                            <span class="text-sm text-muted">{text}</span>
                        </span>
                        <Icon glyph=Glyph::ChevronRight/>
                    </a>
                </li>
            }
        })
        .into_iter()
        .collect_view();
    view! {
        <PageHeader title="Settings" lead="How Gatehouse looks, and where everything else is set."/>
        <div class="stack">
            <div role="status" class="contents">
                {move || is_saved.get().then(|| view! { <Banner tone=Tone::Good title="Your choice of colours is saved."/> })}
            </div>
            <Card title="Colours" lead="The buttons change this device only; the list is kept with your account.">
                <div class="mb-5">
                    <ThemeToggle/>
                </div>
                <div class="max-w-md">
                    <Form action on_success=show>
                        <Field name="theme" label="With your account">
                            <Select options value=kept on_change=move |theme| chosen.set(theme)/>
                        </Field>
                        <SubmitButton pending_words="Saving…">"Save colours"</SubmitButton>
                    </Form>
                </div>
            </Card>
            <Card title="More settings">
                <ul class="grid gap-1">{others}</ul>
            </Card>
        </div>
    }
    .into_any()
}

fn words_for(theme: Theme) -> &'static str {
    match theme {
        Theme::System => "Like the device",
        Theme::Light => "Light",
        Theme::Dark => "Dark",
    }
}
