//! What is said in this room, where it is said more than once.

use domain::{
    billing::UsageState,
    spend::{Action, Limit, LimitState, Period, Scope},
};

use crate::ui::Tone;

pub(crate) const LIMITS_LEAD: &str = "What may be spent, what was spent, and what happens at the line. A call that needs more than is left is not made.";
pub(crate) const USAGE_LEAD: &str =
    "What was spent, by day and by what it was spent on, and what will have been.";
pub(crate) const NO_LIMITS: &str = "Nothing is capped: calls cost what they cost. A monthly cap stops them before they cost more than you want.";
pub(crate) const CAP_HINT: &str =
    "In US dollars, such as 250 or 12.50. Below what is spent it stops every call at once.";
pub(crate) const SUBJECT_HINT: &str = "The name of the workspace, project, tag or model, or the id of the group, person or token. The organization has none.";
pub(crate) const DAYS_HINT: &str = "From 1 to 366. It counts where the budget is for a number of days.";
pub(crate) const EXPLAIN_HINT: &str = "The name of the event, or of the request, as the script has sent it.";

pub(crate) const NO_QUANTITY: &str = "Its client said what it cost, and no quantity that could be billed.";

/// `Organization`, `Project alpha`.
pub(crate) fn whose(limit: &Limit) -> String {
    let name = scope(limit.scope);
    if limit.subject.is_empty() { name.to_owned() } else { format!("{name} {}", limit.subject) }
}

/// What a scope is called.
pub(crate) fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Organization => "Organization",
        Scope::Workspace => "Workspace",
        Scope::Project => "Project",
        Scope::Group => "Group",
        Scope::Person => "Person",
        Scope::Token => "API token",
        Scope::Tag => "Tag",
        Scope::Model => "Model",
    }
}

/// For how long it counts.
pub(crate) fn period(limit: &Limit) -> String {
    match (limit.period, limit.rolling_days) {
        (Period::Month, _) => "each month".to_owned(),
        (Period::Day, _) | (Period::Rolling, Some(1)) => "each day".to_owned(),
        (Period::Rolling, days) => format!("any {} days", days.unwrap_or(1)),
    }
}

/// What happens at the cap.
pub(crate) fn action(action: Action) -> &'static str {
    match action {
        Action::Block => "Calls are refused",
        Action::Throttle => "Calls are put off",
        Action::Notify => "People are told",
    }
}

/// How it stands, and what that looks like.
pub(crate) fn state(state: LimitState) -> (Tone, &'static str) {
    match state {
        LimitState::Fine => (Tone::Good, "Enough left"),
        LimitState::Near => (Tone::Warning, "Nearly used up"),
        LimitState::Reached => (Tone::Bad, "Used up"),
    }
}

/// How a unit of a call stands on invoices, and what that looks like.
pub(crate) fn charged(state: UsageState) -> (Tone, &'static str) {
    match state {
        UsageState::Billed => (Tone::Good, "Billed"),
        UsageState::Included => (Tone::Good, "Included"),
        UsageState::Open => (Tone::Neutral, "Not billed yet"),
        UsageState::Unpriced => (Tone::Neutral, "Not billed"),
    }
}
