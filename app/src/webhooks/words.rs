//! The sentences of this room.

use domain::webhooks::{DeliveryState, WebhookState};

use crate::ui::Tone;

pub(crate) const LEAD: &str =
    "What the audit trail records is sent to other programs, signed, as it happens.";
pub(crate) const ONE_LEAD: &str = "How it stands, what can be done to it, and what was sent there.";
pub(crate) const URL_HINT: &str =
    "An https address on the open network. Only what answers with a 2xx status has arrived.";
pub(crate) const ACTIONS_HINT: &str = "Such as admin, identity.signed-in, tokens: rooms and single events, with commas \
                                       between them. Empty: everything.";
pub(crate) const DESCRIPTION_HINT: &str = "Which program listens there, and who looks after it.";
pub(crate) const MADE: &str = "Copy this secret now. It is not shown again.";
pub(crate) const MADE_HINT: &str = "The receiver verifies with it that a message comes from here. Keep it where passwords \
                                    are kept, not in the code.";
pub(crate) const EMPTY: &str = "Make one below, and every sign-in, every change and every refusal reaches the program that watches over them.";
pub(crate) const ROTATE_LEAD: &str = "For the overlap messages carry a signature of each of the two secrets, so that the \
                                      receiver can change over in peace.";
pub(crate) const REMOVE_LEAD: &str =
    "Nothing is sent any more, and what waits is forgotten. The audit trail keeps everything.";
pub(crate) const REMOVED: &str = "The webhook is removed. Nothing is sent there any more.";
pub(crate) const RESUME_LEAD: &str = "Events go on from where they stopped, or from now.";
pub(crate) const REPLAY_LEAD: &str =
    "Each goes out under its id, so that a receiver that has it already can tell.";
pub(crate) const NO_DELIVERIES: &str = "The next event is sent within a second or two. A test shows at once whether \
                                        somebody listens.";

/// A state, and what it looks like.
pub(crate) fn state(state: WebhookState) -> (Tone, &'static str) {
    match state {
        WebhookState::Active => (Tone::Good, "Active"),
        WebhookState::Paused => (Tone::Neutral, "Paused"),
        WebhookState::Gone => (Tone::Bad, "Paused: gone"),
        WebhookState::Failing => (Tone::Bad, "Paused: failing"),
    }
}

/// How a delivery stands, and what that looks like.
pub(crate) fn delivery(state: DeliveryState) -> (Tone, &'static str) {
    match state {
        DeliveryState::Waiting => (Tone::Warning, "Waiting"),
        DeliveryState::Delivered => (Tone::Good, "Delivered"),
        DeliveryState::Failed => (Tone::Bad, "Failed"),
    }
}

/// Which events, in words.
pub(crate) fn events(actions: &[String]) -> String {
    if actions.is_empty() { "Everything".to_owned() } else { actions.join(", ") }
}
