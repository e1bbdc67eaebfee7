//! Says on every page of an organization that a budget comes to its end.

use domain::spend::{Limit, LimitState, Limits};
use leptos::prelude::*;

use crate::{
    spend::words,
    ui::{Banner, TimeText, Tone},
};

/// The budget that matters most, if one is near its end: one that is used up before one that nearly is, the widest first.
pub fn spend_banner(limits: &Limits, slug: &str) -> Option<AnyView> {
    let of = |state: LimitState| limits.items.iter().find(|limit| limit.state == state);
    let limit = of(LimitState::Reached).or_else(|| of(LimitState::Near))?;
    let (tone, title) = sentence(limit);
    let (resets_at, href) = (limit.resets_at, format!("/o/{slug}/limits"));
    let (spent, cap, held) = (limit.spent.told(), limit.cap.told(), limit.held.told());
    let banner = view! {
        <Banner tone title>
            <p>
                {format!("{spent} of {cap} are spent and {held} are held. It begins anew on ")} <TimeText at=resets_at/> ". "
                <a href=href>"See the budgets"</a>
            </p>
        </Banner>
    };
    Some(banner.into_any())
}

fn sentence(limit: &Limit) -> (Tone, String) {
    let whose = words::whose(limit);
    match limit.state {
        LimitState::Reached => (Tone::Bad, format!("The budget “{whose}” is used up.")),
        _ => (Tone::Warning, format!("{} % of the budget “{whose}” are spent.", limit.percent())),
    }
}
