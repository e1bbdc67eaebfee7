//! Each budget with its meter, and what can be done to it.

use domain::spend::{Limit, Limits, Scope};
use leptos::prelude::*;

use crate::{
    spend::words,
    ui::{Badge, Card, Detail, DetailsList, EmptyState, Gauge, Glyph, TimeText},
};

/// A card for each budget.
pub fn meters(limits: &Limits, slug: &str) -> AnyView {
    if limits.items.is_empty() {
        let card = view! { <EmptyState glyph=Glyph::Shield title="No budgets yet" text=words::NO_LIMITS/> };
        return card.into_any();
    }
    let may_update = limits.may_update;
    limits.items.iter().map(|limit| meter(limit, may_update.then_some(slug))).collect_view().into_any()
}

fn meter(limit: &Limit, changed_in: Option<&str>) -> AnyView {
    let Limit { cap, spent, held, resets_at, .. } = *limit;
    let title = words::whose(limit);
    let (tone, text) = words::state(limit.state);
    let lead = format!("{} {}", cap.told(), words::period(limit));
    let summary = format!(
        "{} of {} spent, {} held, {} left",
        spent.told(),
        cap.told(),
        held.told(),
        limit.remaining().told()
    );
    let warnings: Vec<String> = limit.warn_at.iter().map(|step| format!("{step} %")).collect();
    let warnings = if warnings.is_empty() { "None".to_owned() } else { warnings.join(", ") };
    let aside = view! { <Badge tone text/> }.into_any();
    let change = changed_in.map(|slug| {
        let (href, of) = (format!("/o/{slug}/limits?limit={}", limit.id), title.clone());
        view! { <p><a href=href>"Change" <span class="sr-only">{format!(" the budget {of}")}</span></a></p> }
    });
    let action = words::action(limit.action);
    let is_whole = limit.scope == Scope::Organization;
    view! {
        <Card title lead aside>
            <div class="grid gap-4" id=is_whole.then_some("meter")>
                <Gauge summary=summary.clone() used=spent.get() promised=held.get() whole=cap.get()/>
                <p>{summary}</p>
                <DetailsList>
                    <Detail name="At the cap">{action}</Detail>
                    <Detail name="People are told at">{warnings}</Detail>
                    <Detail name="Begins anew">
                        <TimeText at=resets_at/>
                    </Detail>
                </DetailsList>
                {change}
            </div>
        </Card>
    }
    .into_any()
}
