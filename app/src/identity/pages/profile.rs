//! `/account/profile`: how a person is called, and in which language they are spoken to.

use domain::identity::Viewer;
use leptos::prelude::*;

use crate::{
    flash::use_answer_of,
    frame::Inside,
    identity::{api::UpdateProfile, words},
    ui::{
        Badge, Banner, Card, Detail, DetailsList, Field, Form, FormAction, PageHeader, Select, SubmitButton,
        TextInput, Tone, times_done,
    },
};

/// The languages there are sentences for, as BCP 47 tags, each in its own words.
const LANGUAGES: [(&str, &str); 1] = [("en", "English")];

/// Name and language, and the address.
#[component]
pub fn ProfilePage() -> impl IntoView {
    let action = FormAction::<UpdateProfile>::new();
    let answered = use_answer_of::<UpdateProfile>().is_some();
    let is_saved =
        Signal::derive(move || action.value().with(|value| value.as_ref().map_or(answered, Result::is_ok)));
    let changed: Signal<usize> = times_done(action).into();
    view! { <Inside changed page=move |viewer: Viewer| page(&viewer, action, is_saved)/> }
}

fn page(viewer: &Viewer, action: FormAction<UpdateProfile>, is_saved: Signal<bool>) -> AnyView {
    let (tone, state) =
        if viewer.email_verified { (Tone::Good, "Confirmed") } else { (Tone::Warning, "Not confirmed") };
    let Viewer { display_name, email, locale, .. } = viewer.clone();
    let languages = LANGUAGES.map(|(tag, words)| (tag.to_owned(), words.to_owned())).to_vec();
    view! {
        <PageHeader title="Profile" lead="How you are called, and how we speak to you."/>
        <div class="stack">
            <div role="status" class="contents">
                {move || is_saved.get().then(|| view! { <Banner tone=Tone::Good title="Your profile is saved."/> })}
            </div>
            <Card title="About you">
                <div class="max-w-md">
                    <Form action>
                        <Field name="display_name" label="Display name" hint=words::DISPLAY_NAME_HINT>
                            <TextInput autocomplete="name" maxlength=100 value=display_name/>
                        </Field>
                        <Field name="locale" label="Language" hint="For pages and letters. English is the only one so far.">
                            <Select options=languages value=locale/>
                        </Field>
                        <SubmitButton pending_words="Saving…">"Save profile"</SubmitButton>
                    </Form>
                </div>
            </Card>
            <Card title="E-mail" lead="The address you sign in with. Letters of this server go there.">
                <DetailsList>
                    <Detail name="Address">
                        {email} " " <Badge tone text=state/>
                    </Detail>
                </DetailsList>
            </Card>
        </div>
    }
    .into_any()
}
