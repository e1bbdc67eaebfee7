//! The gallery's badges, banners, and other ways to say something.

use leptos::prelude::*;

use crate::ui::{
    Avatar, Badge, Banner, Card, Check, Checklist, CodeBlock, Detail, DetailsList, EmptyState, Glyph,
    LinkButton, Skeleton, Stepper, Tone, Weight,
};

/// Badges, banners and the like.
#[component]
pub fn Words() -> impl IntoView {
    view! {
        <Card title="Badges">
            <div class="stack-row">
                <Badge text="Invited"/>
                <Badge tone=Tone::Info text="You"/>
                <Badge tone=Tone::Good text="Active"/>
                <Badge tone=Tone::Warning text="Unverified"/>
                <Badge tone=Tone::Bad text="Locked"/>
                <Avatar name="Grace Hopper"/>
            </div>
        </Card>
        <div class="stack">
            <Banner title="A letter is on its way to ada@example.com."/>
            <Banner tone=Tone::Info title="New codes replace the old ones.">
                <p>"Print them before you close this page. " <a href="#codes">"Why?"</a></p>
            </Banner>
            <Banner tone=Tone::Good title="Your password was changed."/>
            <Banner tone=Tone::Warning title="Only one recovery code is left.">
                <a href="#codes">"Make new ones"</a>
            </Banner>
            <Banner tone=Tone::Bad title="The chain of the audit log is broken at entry 1,204."/>
        </div>
        <Checklist title="First steps" checks=checks()/>
        <Card title="Steps and values">
            <div class="stack">
                <Stepper label="Second factor" steps=vec!["Scan", "Confirm", "Keep the codes"] current=1_usize/>
                <DetailsList>
                    <Detail name="Address">"ada@example.com"</Detail>
                    <Detail name="Second factor">
                        <Badge tone=Tone::Good text="On"/>
                    </Detail>
                </DetailsList>
                <CodeBlock text="K7QF-2M9X\nW3PD-8RTC\nH5LN-4VJB" what="recovery codes"/>
                <Skeleton/>
            </div>
        </Card>
        <Card>
            <EmptyState
                glyph=Glyph::Search
                title="No entry matches"
                text="Nothing happened in this time under this name. Widen the time, or clear the filter."
                action=view! { <LinkButton href="#filter" weight=Weight::Secondary>"Clear the filter"</LinkButton> }.into_any()
            />
        </Card>
    }
    .into_any()
}

fn checks() -> Vec<Check> {
    let check = |title: &str, text: &str, done| Check {
        title: title.into(),
        text: text.into(),
        href: "#".into(),
        done,
    };
    vec![
        check("Confirm your address", "So that letters reach you.", true),
        check("Turn on the second factor", "A stolen password alone opens nothing then.", false),
        check("Invite a colleague", "Two people can unlock each other.", false),
    ]
}
