//! What the pages of every room stand in: the frame with the person's name and links, what is shown where a page cannot
//! be, and the fresh proof that some acts need.
//!
//! It knows who is in and how they prove it, and no other room.

pub mod impersonation;
pub mod inside;
pub mod refusal;
pub mod step_up;

pub use impersonation::impersonation_bar;
pub use inside::{Inside, called, inside};
pub use refusal::{go_to, refused, turned_away};
pub use step_up::{ConfirmItIsYou, forget_refusal, is_stale, was_stale};
